"""Load on a running campaign over HTTP while faults happen: crowds of voters who like, and an organiser who sends
commands. Everything they see goes into the history.

Each voter sends one order after another, each with its own campaign time; every second voter likes two hours later
in the day than the others. An order or a command with an uncertain outcome is sent again unchanged, as a phone or
a clerk would, until an answer comes or the load is stopped.

In a live campaign the gateway sets the time, so each voter likes each entry once, and every voter is a new one.
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
from gateway.http.position_tokens import PositionTokens
from gateway.http.sessions import Sessions
from services.moderation.campaign import Window
from tests.faults.gateway_answers import read_command_answer, read_like_answer, send_request
from tests.faults.history import (
    UNKNOWN,
    History,
    LikeSeen,
    Ordered,
    WindowRequested,
    WindowShown,
)
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.unit.voting.stories import NOON, START

API = "/api/v1"
ENTRIES = ("a", "b", "c")
STAFF, PASSWORD = "organiser-1", "correct horse battery"
# What no log and no metric may contain: names of people, and the client address that they all share.
STAFF_NAME, JUDGE_NAME, ADDRESS = "Ouyang Zhaodi", "Shangguan Laidi", "127.83.41.7"
# before likes begin, so that late passes are still granted; each like brings its own time
CLOCK = START - 10 * 3_600_000
LATER_MS = 2 * 3_600_000
RETRY_S = 0.1
CROWDS, VOTERS = 4, 30  # crowds, and voters in each
RECOVERY_S = 90  # the time in which everything must recover by itself


@dataclass(slots=True)
class Workload:
    """The people who use one campaign, and what they see. `url` is the gateway's."""

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
        """Return a client that connects from `ADDRESS`, with short timeouts."""
        transport = httpx.HTTPTransport(local_address=ADDRESS)
        return httpx.Client(base_url=self.url, transport=transport, timeout=httpx.Timeout(10, connect=2))

    # Voters

    def crowd(self, name: str) -> None:
        """Like, unlike and like again with random voters of this crowd, one order after another, until stopped.

        About one order in seven changes nothing: a like of what is liked already, or an unlike of what is not.
        """
        rng = random.Random(f"{self.seed} {name}")
        standing: set[tuple[str, str]] = set()  # as far as the voters know
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

    def crowd_of_newcomers(self, name: str) -> None:
        """Create voter after voter in a live campaign; each tries every entry once."""
        with self.client() as client:
            while not self.stop.is_set():
                for voter, token in self.tokens(client, [f"{name}-{next(self.newcomers)}"]).items():
                    for entry in ENTRIES:
                        self.order(client, voter, token, entry, "like")

    def tokens(self, client: httpx.Client, openids: list[str]) -> dict[str, str]:
        """Return session tokens by voter, and remember them as personal data.

        They come from the gateway's rehearsal route. A live campaign does not have that route, so there they are
        issued locally with the campaign's session key.
        """
        found: dict[str, str] = {}
        if self.live:
            sessions = Sessions(self.place.keys.session, self.place.campaign)
            voters = map(self.place.keys.voter, openids)
            found = {voter: sessions.issue(voter, frozenset({"voter"}))[0] for voter in voters}
        ask = {"url": f"{API}/rehearsal/voters", "json": {"openids": openids}, "headers": _key(uuid.uuid4().hex)}
        while not found and not self.stop.is_set():
            heard = send_request(lambda: client.post(**ask))
            if heard is not None and heard.is_success:
                found = {each["voter"]: each["token"] for each in heard.json()["voters"]}
            else:
                self.stop.wait(RETRY_S)
        self.personal |= {*openids, *found, *found.values()}
        return found

    def order(self, client: httpx.Client, voter: str, token: str, entry: str, do: str) -> LikeSeen:
        """Send an order until its outcome is known or the load is stopped; return what was seen last."""
        at = self._time_of(voter)
        self.history.note(Ordered(voter, entry, do, at))
        while True:
            seen = self._send(client, voter, token, entry, do, at)
            if seen.status != UNKNOWN or self.stop.wait(RETRY_S):
                return seen

    def _time_of(self, voter: str) -> int:
        if self.live:
            return 0
        return next(self.moment) + LATER_MS * (zlib.crc32(voter.encode()) & 1)

    def _send(self, client: httpx.Client, voter: str, token: str, entry: str, do: str, at: int) -> LikeSeen:
        (ticket,) = LikeTickets(self.place.keys.session).issue(voter)
        headers = {"Authorization": f"Bearer {token}", "Like-Ticket": ticket}
        if at:
            headers["Campaign-Time"] = str(at)
        method = "POST" if do == "like" else "DELETE"
        heard = send_request(lambda: client.request(method, f"{API}/entries/{entry}/like", headers=headers))
        seen = read_like_answer(voter, entry, do, at, heard)
        self.history.note(seen)
        return seen

    def like_once(self, name: str, count: int) -> list[LikeSeen]:
        """Let `count` new voters like entry `a` at the same time, each exactly once, without a retry."""
        with self.client() as client, ThreadPoolExecutor(count) as pool:
            tokens = self.tokens(client, [f"{name}-{k}" for k in range(count)])
            at = next(self.moment)
            for voter in tokens:
                self.history.note(Ordered(voter, "a", "like", at))
            return list(pool.map(lambda voter: self._send(client, voter, tokens[voter], "a", "like", at), tokens))

    # Staff

    def send_commands(self, name: str) -> None:
        """Send commands as the organiser, to each service in turn, until stopped; repeat those that were not
        answered.
        """
        with self.client() as client:
            token = self.sign_in(client)
            for k in itertools.count():
                if self.stop.is_set():
                    return
                self.command(client, token, *self._work(name, k))

    def sign_in(self, client: httpx.Client) -> str:
        """Sign the organiser in and return the session token; "" if the load was stopped before that succeeded."""
        while not self.stop.is_set():
            heard = send_request(lambda: client.post(f"{API}/sessions", json={"staff": STAFF, "password": PASSWORD}))
            if heard is not None and heard.is_success:
                token = str(heard.json()["token"])
                self.personal.add(token)
                return token
            self.stop.wait(RETRY_S)
        return ""

    def _work(self, name: str, k: int) -> tuple[str, str, dict[str, Any], str]:
        """Return log, path, body, and a text that only the event of this command will contain."""
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
        """Send a command until it was answered twice, and note every answer."""
        key = uuid.uuid4().hex
        headers = {"Authorization": f"Bearer {token}", **_key(key)}
        answered = 0
        positions = PositionTokens(self.place.keys.session)
        while answered < 2:  # one answer more than needed: the answer to a command must never change
            heard = send_request(lambda: client.post(f"{API}{path}", json=body, headers=headers))
            seen = read_command_answer(key, log, fact, heard, positions)
            self.history.note(seen)
            answered += seen.status != UNKNOWN
            if self.stop.wait(0 if seen.status != UNKNOWN else RETRY_S):
                return

    def move_likes_window(self, client: httpx.Client, token: str, to: Window, reason: str) -> None:
        """Move the likes window as the organiser, and wait until the gateway shows the new one."""
        self.history.note(WindowRequested(to.start, to.end))
        body = {"window": "likes", "start": to.start, "end": to.end, "reason": reason}
        self.command(client, token, "moderation", "/campaign/windows", body, reason)
        tokens = PositionTokens(self.place.keys.session)
        cut = tokens.make("moderation", self.place.ledger.head("moderation"))

        def is_shown() -> bool:
            page = client.get(f"{API}/campaign", params={"at_least": cut})
            return page.is_success and page.json()["windows"]["likes"] == {"start": to.start, "end": to.end}

        wait(is_shown, what="the gateway shows the window")
        self.history.note(WindowShown(to.start, to.end))


class WaitForMore(Protocol):
    """Waits until so many more likes and commands were acknowledged."""

    def __call__(self, likes: int, *, commands: int = 0) -> None: ...


@contextmanager
def under_load(workload: Workload) -> Iterator[WaitForMore]:
    """Run crowds and the organiser in threads while the block runs.

    Yields a function that waits until so many more likes and commands were acknowledged.
    """
    workload.stop.clear()

    def more(likes: int, *, commands: int = 0) -> None:
        history = workload.history
        wanted = history.counted + likes, history.accepted + commands
        wait(
            lambda: history.counted >= wanted[0] and history.accepted >= wanted[1],
            what=f"{likes} more likes and {commands} more commands are acknowledged",
            within_s=RECOVERY_S,
        )

    crowd = workload.crowd_of_newcomers if workload.live else workload.crowd
    with ThreadPoolExecutor(CROWDS + 1) as pool:
        working = [pool.submit(crowd, f"crowd-{c}") for c in range(CROWDS)]
        working.append(pool.submit(workload.send_commands, uuid.uuid4().hex[:8]))
        try:
            yield more
        finally:
            workload.stop.set()
    for each in working:
        each.result()
    workload.stop.clear()


def _key(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}
