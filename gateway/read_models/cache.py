"""Cache of the latest views that ranking published. Ranking folds the events; the gateway only stores the result.

A view is a published part of ranking's table, such as the visible entries or the like counts. Its cut says how far each
log had been read for it: a position, the number of the last commit, for each log.

Promises: a view never goes back to an older state, and readers see a view only as a whole, since it is replaced in one
step. From the instant at which the embargo hides likes, no reader sees a leaderboard with likes, even if ranking has
not published the hidden one yet. Does not promise that a view is the newest: `reach` waits until it covers a position.
A few requests wait at most, and none for a position far beyond those that are known. `stream.py` fills the cache; tests
fill it by `apply`.
"""

import asyncio
import hashlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.http.fields import INSTANT_MAX
from gateway.http.limits import ConcurrencyLimit
from gateway.http.problems import Problem
from gateway.read_models.hidden_likes import hide_likes
from shared import zones
from shared.cut import Cut
from shared.stamps import wall_ms

REACH_S = 3.0
PATIENCE_S = 1.2  # the stream brings a round every second; after this time ranking is called
WAITING, WAITING_EACH = 64, 8  # requests that wait for a position: in all, and of one person
#: Commits by which a gateway may be behind what a client has read elsewhere, and still catch up while the client waits.
FAR = 1_000
PHASES = ("submission", "likes", "judging", "exhibition")
AFTER = {"submission": "moderation", "likes": "counting", "judging": "result", "exhibition": "over"}


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One view as ranking published it: its content, a digest of that, and how far each log was read for it (`cut`)."""

    cut: Cut = field(default_factory=Cut)
    data: dict[str, Any] = field(default_factory=dict)
    digest: str = ""


NOTHING = View()


class Views:
    """The latest views of the campaign, the log positions that are known to exist, and the campaign time."""

    def __init__(self, wall: Callable[[], int] = wall_ms) -> None:
        self._wall = wall
        self._views: dict[str, View] = {}
        self._known: dict[str, int] = {}
        self._newest = Cut()  # the cut of the last message
        self._settled = Cut()  # the newest cut of which every view has arrived
        self._known_clock = 0
        self._changed = asyncio.Event()
        self._waiting = ConcurrencyLimit(WAITING, each=WAITING_EACH)
        self.wanted = asyncio.Event()  # set when a request waits for more than the stream has brought
        self.loaded = False
        self._version = 0
        self._hides_likes_at: int | None = None  # campaign time at which the leaderboard loses its likes
        self.hidden_s = -math.inf  # monotonic time at which likes were last hidden: what was rendered before is over
        self.updated_s: float | None = None  # monotonic time of the last message or answer
        self.by_number: dict[str, str] = {}
        self.shown_files: frozenset[str] = frozenset()
        self._hidden: dict[str, str] = {}  # why entries are not shown any more, by id and by poster number
        self._hidden_files: dict[str, str] = {}  # the same by the hashes of their files

    # Updates.

    def apply(self, message: Mapping[str, Any]) -> bool:
        """Replace one view by a message of the view stream.

        Return False, and keep the view, if the message is the older one. A message is older if its cut is behind that
        of the cached view in any log.
        """
        self.updated_s = time.monotonic()
        name, cut = message["view"], Cut(message["cut"])
        # The cut of a projector that was paused may be ahead in one log and behind in another.
        if not cut.covers(self._views.get(name, NOTHING).cut):
            return False
        data = message["data"] or {}
        if name == "board":
            self._note_embargo(data)
        self._version += 1
        self._views[name] = View(cut, data, _digest(data))
        if cut != self._newest and cut.covers(self._newest):
            # A round of the projector has one cut, and rounds do not overlap: so the last round has arrived completely.
            self._settled, self._newest = self._newest, cut
        for log, n in cut.items():
            self.note_position(log, n)
        if name == "entries":
            self._index(data.get("entries", {}))
            self._index_hidden(data.get("hidden", {}))
        self._wake()
        return True

    def load(self, views: Mapping[str, Mapping[str, Any]]) -> None:
        """Apply the answer of the service method `ranking.views`, which holds all views.

        From then on the views can be read. A view in the answer that is older than the cached one is ignored.
        """
        for name, view in views.items():
            self.apply({"view": name, **view})
        self._settled = self._newest
        self.loaded = True
        self._wake()

    def note_position(self, log: str, n: int) -> None:
        """Record that commit `n` of a log exists, as the cut of a view or the answer to a command shows."""
        if n > self._known.get(log, 0):
            self._known[log] = n
            self._wake()

    def note_clock(self, now: int) -> None:
        """Record that a command through this gateway has moved a rehearsal's clock to `now` (ms).

        So this gateway uses the new time before the view shows it.
        """
        self._known_clock = max(self._known_clock, now)

    def _note_embargo(self, board: Mapping[str, Any]) -> None:
        """Note from when on a new leaderboard loses its likes, and when one without likes replaces one with likes."""
        is_hidden = bool(board.get("embargoed"))
        if is_hidden and not self._views.get("board", NOTHING).data.get("embargoed"):
            self.hidden_s = time.monotonic()
        self._hides_likes_at = None if is_hidden else board.get("hidden_from")

    def _hide_likes_if_due(self) -> None:
        """Take the likes out of the leaderboard once the embargo begins, for as long as ranking has not done it."""
        if self._hides_likes_at is None or self._now() < self._hides_likes_at:
            return
        board = self._views["board"]
        data = hide_likes(board.data)
        self._note_embargo(data)
        self._views["board"] = View(board.cut, data, _digest(data))
        self._version += 1

    def _index(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        self.by_number = {each["number"]: entry for entry, each in entries.items() if each.get("number")}
        files: set[str] = set()
        for each in entries.values():
            files.update(each.get("pictures") or ())
            if each.get("video"):
                files.add(each["video"])
        self.shown_files = frozenset(files)

    def _index_hidden(self, hidden: Mapping[str, Mapping[str, Any]]) -> None:
        self._hidden, self._hidden_files = {}, {}
        for entry, each in hidden.items():
            self._hidden |= {name: each["why"] for name in (entry, each.get("number")) if name}
            self._hidden_files |= dict.fromkeys(each.get("files") or (), each["why"])

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    # Reads.

    @property
    def version(self) -> int:
        """A number that changes whenever any view may have changed."""
        self._hide_likes_if_due()
        return self._version

    def view(self, name: str) -> View:
        """Return the view of this name, or an empty one if it was not published yet.

        Raise Problem `views-away` before the first views were read.
        """
        if not self.loaded:
            raise Problem("views-away")
        if name == "board":
            self._hide_likes_if_due()
        return self._views.get(name, NOTHING)

    def data(self, name: str) -> dict[str, Any]:
        """Return the content of the view of this name. Raise Problem as `view` does."""
        return self.view(name).data

    @property
    def campaign(self) -> dict[str, Any]:
        """The content of the view `campaign`. Raises Problem if no campaign was opened."""
        data = self.data("campaign")
        if not data:
            raise Problem("campaign-not-open")
        return data

    def positions(self, logs: tuple[str, ...]) -> dict[str, int]:
        """Return, for each of these logs, the last position that is known to exist. Positions never decrease."""
        return {log: self._known[log] for log in logs if log in self._known}

    def progress(self) -> dict[str, tuple[int, int]]:
        """Return for each log the last position known to exist, and the position that the newest views cover."""
        return {log: (n, self._newest[log]) for log, n in self._known.items()}

    def entry(self, name: str) -> str | None:
        """Return the id of the visible entry with this id or poster number, or None if there is none."""
        entries = self.data("entries").get("entries", {})
        return name if name in entries else self.by_number.get(name)

    def unseen_entry(self, name: str) -> Problem:
        """Return the problem that answers a request for an entry that is not visible, by id or poster number.

        It says why an entry that the public saw before is not shown any more; of any other entry it tells nothing.
        """
        why = self._hidden.get(name)
        return Problem(f"entry-was-{why}" if why else "entry-unknown", field="entry")

    def unseen_file(self, sha256: str) -> Problem:
        """Return the problem that answers a request for a file that the sender may not see, as `unseen_entry` does."""
        why = self._hidden_files.get(sha256)
        return Problem(f"entry-was-{why}" if why else "upload-unknown")

    # Campaign time.

    def campaign_time(self, requested: str | None = None) -> int:
        """Return campaign time in ms: wall time; in a rehearsal its clock, or the later time that a request gives.

        Raise Problem if a request of a live campaign gives a time, or if the time is malformed or before the clock.
        """
        campaign = self.data("campaign")
        if not campaign.get("rehearsal"):
            if requested is not None:
                raise Problem("clock-is-real", field="Campaign-Time")
            return self._wall()
        clock = self._now()
        if requested is None:
            return clock
        if not (requested.isascii() and requested.isdigit() and len(requested) <= 15 and int(requested) <= INSTANT_MAX):
            raise Problem("clock-invalid", field="Campaign-Time")
        if int(requested) < clock:
            raise Problem("clock-before", field="Campaign-Time", facts={"now": clock})
        return int(requested)

    def _now(self) -> int:
        """Return wall time, or the clock of a rehearsal, in ms."""
        campaign = self._views.get("campaign", NOTHING).data
        return max(int(campaign.get("clock") or 0), self._known_clock) if campaign.get("rehearsal") else self._wall()

    def phase(self, at: int) -> str:
        """Return the phase of the campaign at the time `at` (ms): the open window that began last.

        Between windows it is the phase that follows the window that ended last; before the first window it is "before".
        """
        windows = self.campaign["windows"]
        begun = [name for name in PHASES if name in windows and windows[name]["start"] <= at]
        running = [name for name in begun if at < windows[name]["end"]]
        if running:
            return running[-1]
        return AFTER[begun[-1]] if begun else "before"

    def window_is_open(self, name: str, at: int) -> bool:
        """Return whether a window is open at the time `at` (ms), whichever other windows are open too."""
        window = self.campaign["windows"].get(name)
        return window is not None and window["start"] <= at < window["end"]

    @property
    def zone(self) -> str:
        """The campaign's time zone; `zones.DEFAULT` before a campaign is known."""
        name: str = self._views.get("campaign", NOTHING).data.get("zone") or zones.DEFAULT
        return name

    def boundaries_passed(self, at: int) -> int:
        """Return how many starts and ends of windows have passed at the time `at` (ms).

        What depends on windows is the same between two instants with equal numbers, and the same views.
        """
        windows = self.data("campaign").get("windows", {}).values()
        return sum(instant <= at for each in windows for instant in (each["start"], each["end"]))

    # Waiting.

    async def reach(self, name: str, at_least: Mapping[str, int], *, who: str = "", within_s: float = REACH_S) -> None:
        """Wait until the view of this name covers these positions, by log, for the person `who`.

        Raise Problem if it does not within `within_s` seconds, or if too many requests wait.
        """

        def is_covered() -> bool:
            return self._views.get(name, NOTHING).cut.covers(at_least) or self._settled.covers(at_least)

        await self._wait_until(is_covered, who, within_s)

    async def wait_until_known(self, at_least: Mapping[str, int], *, who: str = "", within_s: float = REACH_S) -> None:
        """Wait until this gateway knows that every log has reached the position that the client `who` named for it.

        Raise Problem after `within_s` seconds, or if too many requests wait, or at once for a position that is far
        beyond the known one. A position that a client made up may never come: without this wait a service would wait
        for it, and hold up other calls.
        """
        if any(n > self._known.get(log, 0) + FAR for log, n in at_least.items()):
            raise Problem("position-not-reached", retry_s=1)
        await self._wait_until(lambda: Cut(self._known).covers(at_least), who, within_s)

    async def _wait_until(self, is_covered: Callable[[], bool], who: str, within_s: float) -> None:
        if is_covered():
            return
        with self._waiting.slot(who):
            try:
                async with asyncio.timeout(within_s):
                    while not is_covered():
                        await self._wait_for_change()
            except TimeoutError as late:
                raise Problem("position-not-reached", retry_s=1) from late

    async def _wait_for_change(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._changed.wait()
        except TimeoutError:
            self.wanted.set()


def _digest(data: Any) -> str:
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()[:20]
