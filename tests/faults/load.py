"""A crowd that likes, and staff that work, over HTTP, while things break; all that they see goes into the history.

Each voter's orders are sequential, with a campaign time of their own. An order or a command that nobody knows of is
sent again as it was, like a phone or a clerk would, until there is an answer or the crowd is sent home.
"""

import itertools
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import orjson

from gateway.admission.tickets import LikeTickets
from tests.faults.history import UNKNOWN, CommandSeen, History, LikeSeen, ListSeen
from tests.integration.places import Place
from tests.integration.threads import wait
from tests.unit.voting.stories import NOON, START

API = "/api/v1"
ENTRIES = ("a", "b", "c")
STAFF, PASSWORD = "organiser-1", "correct horse battery"
CLOCK = START - 10 * 3_600_000  # before likes begin, so that late passes are still granted; likes bring their own time
AGAIN_S = 0.1
CROWDS = 4
RECOVERY_S = 90  # for everything to come back by itself
ASK_AGAIN = {"busy", "ticket-expired"}  # a gateway whose clock has jumped finds a new ticket old
ACKNOWLEDGED = {"counted", "already", "gone", "pending"}


@dataclass(slots=True)
class Town:
    """Who takes part. `url` is the gateway's."""

    place: Place
    url: str
    history: History
    seed: int
    stop: threading.Event = field(default_factory=threading.Event)
    moment: "itertools.count[int]" = field(default_factory=lambda: itertools.count(NOON + 3_600_000))
    minute: "itertools.count[int]" = field(default_factory=lambda: itertools.count(CLOCK + 1))

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=httpx.Timeout(10, connect=2))

    # voters

    def crowd(self, name: str) -> None:
        """Voters who like, take back, and like again, one order after the other."""
        rng = random.Random(f"{self.seed} {name}")
        with self.client() as client:
            tokens = self._tokens(client, [f"{name}-{k}" for k in range(30)])
            while not self.stop.is_set():
                voter = rng.choice(list(tokens))
                do = "like" if rng.random() < 0.75 else "unlike"
                self._order(client, voter, tokens[voter], rng.choice(ENTRIES), do)

    def _tokens(self, client: httpx.Client, openids: list[str]) -> dict[str, str]:
        ask = {"url": f"{API}/rehearsal/voters", "json": {"openids": openids}, "headers": _key(uuid.uuid4().hex)}
        while not self.stop.is_set():
            answer = _answer(lambda: client.post(**ask))
            if answer is not None and answer.is_success:
                return {each["voter"]: each["token"] for each in answer.json()["voters"]}
            self.stop.wait(AGAIN_S)
        return {}

    def _order(self, client: httpx.Client, voter: str, token: str, entry: str, do: str) -> None:
        at = next(self.moment)
        while True:
            seen = self._send(client, voter, token, entry, do, at)
            if seen.status != UNKNOWN or self.stop.wait(AGAIN_S):
                return

    def _send(self, client: httpx.Client, voter: str, token: str, entry: str, do: str, at: int) -> LikeSeen:
        (ticket,) = LikeTickets(self.place.keys.session).issue(voter)
        headers = {"Authorization": f"Bearer {token}", "Like-Ticket": ticket, "Campaign-Time": str(at)}
        method = "POST" if do == "like" else "DELETE"
        answer = _answer(lambda: client.request(method, f"{API}/entries/{entry}/like", headers=headers))
        seen = _like_seen(voter, entry, do, at, answer)
        self.history.note(seen)
        return seen

    def like_once(self, name: str, count: int) -> list[LikeSeen]:
        """So many new voters like at the same time, and nobody asks again."""
        with self.client() as client, ThreadPoolExecutor(count) as pool:
            tokens = self._tokens(client, [f"{name}-{k}" for k in range(count)])
            at = next(self.moment)
            return list(pool.map(lambda voter: self._send(client, voter, tokens[voter], "a", "like", at), tokens))

    # staff

    def office(self, name: str) -> None:
        """The organiser, who gives each service something to store, and asks again what was not answered."""
        with self.client() as client:
            token = self._signed_in(client)
            for k in itertools.count():
                if self.stop.is_set():
                    return
                self._command(client, token, *self._work(name, k))

    def _signed_in(self, client: httpx.Client) -> str:
        while not self.stop.is_set():
            answer = _answer(lambda: client.post(f"{API}/sessions", json={"staff": STAFF, "password": PASSWORD}))
            if answer is not None and answer.is_success:
                return str(answer.json()["token"])
            self.stop.wait(AGAIN_S)
        return ""

    def _work(self, name: str, k: int) -> tuple[str, str, dict[str, Any], str]:
        """Log, path, body, and what will stand in the event and nowhere else."""
        word = f"{name}-{k}-end"
        match k % 3:
            case 0:
                return "submission", "/late-passes", {"unit": "U1", "until": START - 1, "reason": word}, word
            case 1:
                judge = {"judge": "judge-1", "name": "Judge", "employer": word, "city": "石家庄"}
                return "scoring", "/judges", judge, word
            case _:
                now = next(self.minute)
                return "moderation", "/campaign/clock", {"now": now}, f"ClockMoved(now={now},"

    def _command(self, client: httpx.Client, token: str, log: str, path: str, body: dict[str, Any], fact: str) -> None:
        key = uuid.uuid4().hex
        headers = {"Authorization": f"Bearer {token}", **_key(key)}
        answered = 0
        while answered < 2:  # once more than needed: the answer to a command never changes
            answer = _answer(lambda: client.post(f"{API}{path}", json=body, headers=headers))
            seen = _command_seen(key, log, fact, answer)
            self.history.note(seen)
            answered += seen.status != UNKNOWN
            if self.stop.wait(0 if seen.status != UNKNOWN else AGAIN_S):
                return

    # when all is quiet

    def ask_voters(self) -> None:
        """What each voter is shown."""
        with self.client() as client:
            tokens = self._tokens(client, sorted({f"crowd-{c}-{k}" for c in range(CROWDS) for k in range(30)}))
            for voter, token in tokens.items():
                headers = {"Authorization": f"Bearer {token}", "Campaign-Time": str(next(self.moment))}
                shown = client.get(f"{API}/me/likes", headers=headers)
                shown.raise_for_status()
                self.history.note(ListSeen(voter, tuple(sorted(each["entry"] for each in shown.json()["likes"]))))


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

    with ThreadPoolExecutor(CROWDS + 1) as pool:
        working = [pool.submit(town.crowd, f"crowd-{c}") for c in range(CROWDS)]
        working.append(pool.submit(town.office, uuid.uuid4().hex[:8]))
        try:
            yield more
        finally:
            town.stop.set()
    for each in working:
        each.result()
    town.stop.clear()


def _answer(ask: Callable[[], httpx.Response]) -> httpx.Response | None:
    """None where the connection broke or nothing came: nobody knows."""
    try:
        return ask()
    except httpx.TransportError:
        return None


def _like_seen(voter: str, entry: str, do: str, at: int, answer: httpx.Response | None) -> LikeSeen:
    if answer is None:
        return LikeSeen(voter, entry, do, at, UNKNOWN)
    told = answer.json()
    if answer.is_success and told["status"] in ACKNOWLEDGED:
        return LikeSeen(voter, entry, do, at, told["status"], receipt=told.get("receipt", ""))
    if answer.status_code == 202 or answer.status_code >= 500:
        return LikeSeen(voter, entry, do, at, UNKNOWN, told.get("code") or told["status"])
    if told["code"] in ASK_AGAIN:
        return LikeSeen(voter, entry, do, at, UNKNOWN, told["code"])
    return LikeSeen(voter, entry, do, at, "refused", told["code"])


def _command_seen(key: str, log: str, fact: str, answer: httpx.Response | None) -> CommandSeen:
    if answer is None or answer.status_code >= 500 or answer.status_code == 429:
        return CommandSeen(key, log, fact, UNKNOWN)
    told = answer.json()
    if answer.is_success:
        del told["repeated"]
        return CommandSeen(key, log, fact, "ok", orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode())
    return CommandSeen(key, log, fact, "refused", told["code"])


def _key(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}
