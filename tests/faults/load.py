"""A crowd that likes, and staff that work, over HTTP, while things break; all that they see goes into the history.

Each voter's orders are sequential, with a campaign time of their own, and every second voter likes two hours later in
the day than the others. An order or a command that nobody knows of is sent again as it was, like a phone or a clerk
would, until there is an answer or the crowd is sent home.

In a live campaign the gateway says the time, so each voter likes each entry once, and every voter is a new one.
"""

import itertools
import random
import threading
import uuid
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from gateway.admission.tickets import LikeTickets
from gateway.http.sessions import Sessions
from services.moderation.campaign import Window
from tests.faults.hearing import answer, command_seen, like_seen
from tests.faults.history import (
    UNKNOWN,
    History,
    LikeSeen,
    Ordered,
    WindowAsked,
    WindowShown,
)
from tests.integration.places import Place
from tests.integration.threads import wait
from tests.unit.voting.stories import NOON, START

API = "/api/v1"
ENTRIES = ("a", "b", "c")
STAFF, PASSWORD = "organiser-1", "correct horse battery"
# What no log and no metric may hold: names of people, and the address that they all have.
STAFF_NAME, JUDGE_NAME, ADDRESS = "Ouyang Zhaodi", "Shangguan Laidi", "127.83.41.7"
CLOCK = START - 10 * 3_600_000  # before likes begin, so that late passes are still granted; likes bring their own time
LATER_MS = 2 * 3_600_000
AGAIN_S = 0.1
CROWDS, VOTERS = 4, 30  # and so many voters in each
RECOVERY_S = 90  # for everything to come back by itself


@dataclass(slots=True)
class Town:
    """Who takes part. `url` is the gateway's."""

    place: Place
    url: str
    history: History
    seed: int
    live: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    moment: "itertools.count[int]" = field(default_factory=lambda: itertools.count(NOON + 3_600_000))
    minute: "itertools.count[int]" = field(default_factory=lambda: itertools.count(CLOCK + 1))
    newcomers: "itertools.count[int]" = field(default_factory=itertools.count)
    personal: set[str] = field(default_factory=lambda: {STAFF_NAME, JUDGE_NAME, ADDRESS, PASSWORD})

    def client(self) -> httpx.Client:
        transport = httpx.HTTPTransport(local_address=ADDRESS)
        return httpx.Client(base_url=self.url, transport=transport, timeout=httpx.Timeout(10, connect=2))

    # voters

    def crowd(self, name: str) -> None:
        """Voters who like, take back, and like again, one order after the other; now and then what changes nothing."""
        rng = random.Random(f"{self.seed} {name}")
        standing: set[tuple[str, str]] = set()  # as far as they know
        with self.client() as client:
            tokens = self.tokens(client, [f"{name}-{k}" for k in range(VOTERS)])
            while not self.stop.is_set():
                voter, entry = rng.choice(list(tokens)), rng.choice(ENTRIES)
                do = "unlike" if ((voter, entry) in standing) != (rng.random() < 0.15) else "like"
                heard = self.order(client, voter, tokens[voter], entry, do)
                if heard.status in ("gone", "refused"):
                    standing.discard((voter, entry))
                elif heard.status != UNKNOWN:
                    standing.add((voter, entry))

    def queue_of_newcomers(self, name: str) -> None:
        """Voters of a live campaign, each of whom tries every entry once and goes."""
        with self.client() as client:
            while not self.stop.is_set():
                for voter, token in self.tokens(client, [f"{name}-{next(self.newcomers)}"]).items():
                    for entry in ENTRIES:
                        self.order(client, voter, token, entry, "like")

    def tokens(self, client: httpx.Client, openids: list[str]) -> dict[str, str]:
        """Sessions by voter: from the door of rehearsals, or made here where the campaign is live and has no such."""
        found: dict[str, str] = {}
        if self.live:
            sessions = Sessions(self.place.keys.session, self.place.campaign)
            voters = map(self.place.keys.voter, openids)
            found = {voter: sessions.issue(voter, frozenset({"voter"}))[0] for voter in voters}
        ask = {"url": f"{API}/rehearsal/voters", "json": {"openids": openids}, "headers": _key(uuid.uuid4().hex)}
        while not found and not self.stop.is_set():
            heard = answer(lambda: client.post(**ask))
            if heard is not None and heard.is_success:
                found = {each["voter"]: each["token"] for each in heard.json()["voters"]}
            else:
                self.stop.wait(AGAIN_S)
        self.personal |= {*openids, *found, *found.values()}
        return found

    def order(self, client: httpx.Client, voter: str, token: str, entry: str, do: str) -> LikeSeen:
        """Send it until somebody knows what became of it; what was heard last."""
        at = self._moment_of(voter)
        self.history.note(Ordered(voter, entry, do, at))
        while True:
            seen = self._send(client, voter, token, entry, do, at)
            if seen.status != UNKNOWN or self.stop.wait(AGAIN_S):
                return seen

    def _moment_of(self, voter: str) -> int:
        if self.live:
            return 0
        return next(self.moment) + LATER_MS * (zlib.crc32(voter.encode()) & 1)

    def _send(self, client: httpx.Client, voter: str, token: str, entry: str, do: str, at: int) -> LikeSeen:
        (ticket,) = LikeTickets(self.place.keys.session).issue(voter)
        headers = {"Authorization": f"Bearer {token}", "Like-Ticket": ticket}
        if at:
            headers["Campaign-Time"] = str(at)
        method = "POST" if do == "like" else "DELETE"
        heard = answer(lambda: client.request(method, f"{API}/entries/{entry}/like", headers=headers))
        seen = like_seen(voter, entry, do, at, heard)
        self.history.note(seen)
        return seen

    def like_once(self, name: str, count: int) -> list[LikeSeen]:
        """So many new voters like at the same time, and nobody asks again."""
        with self.client() as client, ThreadPoolExecutor(count) as pool:
            tokens = self.tokens(client, [f"{name}-{k}" for k in range(count)])
            at = next(self.moment)
            for voter in tokens:
                self.history.note(Ordered(voter, "a", "like", at))
            return list(pool.map(lambda voter: self._send(client, voter, tokens[voter], "a", "like", at), tokens))

    # staff

    def office(self, name: str) -> None:
        """The organiser, who gives each service something to store, and asks again what was not answered."""
        with self.client() as client:
            token = self.signed_in(client)
            for k in itertools.count():
                if self.stop.is_set():
                    return
                self.command(client, token, *self._work(name, k))

    def signed_in(self, client: httpx.Client) -> str:
        while not self.stop.is_set():
            heard = answer(lambda: client.post(f"{API}/sessions", json={"staff": STAFF, "password": PASSWORD}))
            if heard is not None and heard.is_success:
                token = str(heard.json()["token"])
                self.personal.add(token)
                return token
            self.stop.wait(AGAIN_S)
        return ""

    def _work(self, name: str, k: int) -> tuple[str, str, dict[str, Any], str]:
        """Log, path, body, and what will stand in the event and nowhere else."""
        word = f"{name}-{k}-end"
        match k % 3:
            case 0:
                return "submission", "/late-passes", {"unit": "U1", "until": START - 1, "reason": word}, word
            case 1:
                judge = {"judge": "judge-1", "name": JUDGE_NAME, "employer": word, "city": "石家庄"}
                return "scoring", "/judges", judge, word
            case _:
                now = next(self.minute)
                return "moderation", "/campaign/clock", {"now": now}, f"ClockMoved(now={now},"

    def command(self, client: httpx.Client, token: str, log: str, path: str, body: dict[str, Any], fact: str) -> None:
        key = uuid.uuid4().hex
        headers = {"Authorization": f"Bearer {token}", **_key(key)}
        answered = 0
        while answered < 2:  # once more than needed: the answer to a command never changes
            heard = answer(lambda: client.post(f"{API}{path}", json=body, headers=headers))
            seen = command_seen(key, log, fact, heard)
            self.history.note(seen)
            answered += seen.status != UNKNOWN
            if self.stop.wait(0 if seen.status != UNKNOWN else AGAIN_S):
                return

    def move_likes_window(self, client: httpx.Client, token: str, to: Window, reason: str) -> None:
        """The organiser moves it, and looks until the gateway shows it."""
        self.history.note(WindowAsked(to.start, to.end))
        body = {"window": "likes", "start": to.start, "end": to.end, "reason": reason}
        self.command(client, token, "moderation", "/campaign/windows", body, reason)
        cut = f"moderation:{self.place.ledger.head('moderation')}"

        def shown() -> bool:
            page = client.get(f"{API}/campaign", params={"at_least": cut})
            return page.is_success and page.json()["windows"]["likes"] == {"start": to.start, "end": to.end}

        wait(shown, what="the gateway shows the window")
        self.history.note(WindowShown(to.start, to.end))


class More(Protocol):
    def __call__(self, likes: int, *, commands: int = 0) -> None: ...


@contextmanager
def under_load(town: Town) -> Iterator[More]:
    """The town at work. Gives a function that waits until so many more likes and commands are acknowledged."""
    town.stop.clear()

    def more(likes: int, *, commands: int = 0) -> None:
        history = town.history
        wanted = history.counted + likes, history.accepted + commands
        wait(
            lambda: history.counted >= wanted[0] and history.accepted >= wanted[1],
            what=f"{likes} more likes and {commands} more commands are acknowledged",
            within_s=RECOVERY_S,
        )

    crowd = town.queue_of_newcomers if town.live else town.crowd
    with ThreadPoolExecutor(CROWDS + 1) as pool:
        working = [pool.submit(crowd, f"crowd-{c}") for c in range(CROWDS)]
        working.append(pool.submit(town.office, uuid.uuid4().hex[:8]))
        try:
            yield more
        finally:
            town.stop.set()
    for each in working:
        each.result()
    town.stop.clear()


def _key(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}
