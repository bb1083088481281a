"""The last hours of the submission window: 600 entries arrive, and two moderators clear the queue at the same time.

The services, the gateway and the engines are real. Half of the entries wait when the moderators begin, the others
arrive while they work. Moderators use the API of the desk: they filter, claim, open and decide entry by entry, and
decide in bulk, after a preview, on entries that nobody has flagged. The first bulk is undone and decided again. Entries
are texts without pictures, for the flow is what is measured, and hand-ins are sent to submission as the gateway sends
them.

A person's time to read is campaign time, which passes for both at each decision; the forecast of the pace page is
about that time. Seconds are those of the machine, which does not wait for people.
"""

import asyncio
import itertools
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

from deploy.demo.client import Answer, Api, Person, bearer, require_success, sign_up
from services.moderation.events import (
    BulkDecided,
    DecisionUndone,
    EntryApproved,
    EntryClaimed,
    EntryRejected,
    EntryReturned,
)
from services.submission.declaration import WORDS
from tests.bench.report import Report
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import Caller, process, rpc_caller, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ENTRIES, WAITING, FLAGGED_EVERY = 600, 300, 10
SINGLE, BULK, PAGE = 25, 100, 20  # decisions one by one before a bulk, entries of a bulk, rows of a page
MINUTE = 60_000
READING_MS, LISTING_MS = 40_000, 4 * MINUTE  # a person's time for one entry, and for the list of a bulk
END = int(datetime(2021, 5, 29, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
HOURS_MS = 3 * 60 * MINUTE
CITIES, TYPES = ("石家庄", "唐山", "保定", "邯郸", "邢台"), ("国有", "非公", "机关事业")
ROLL = "代码,名称,级别,类型,城市,用人单位,访问码\n" + "".join(
    f"R{k:03},{CITIES[k % 5]}第{k + 1}机床厂工会,grassroots,{TYPES[k % 3]},{CITIES[k % 5]},"
    f"{CITIES[k % 5]}第{k + 1}机床厂,q{k:03}mwp82xz\n"
    for k in range(ENTRIES)
)
NOT_CHECKED = "not-checked"  # all entries have this flag where no machine checks them, as here
TAKEN = {
    "claimed-by-other", "entry-not-pending", "entry-approved", "entry-returned", "entry-rejected", "version-changed",
}  # fmt: skip
T = TypeVar("T")
DECISIONS = (EntryApproved, EntryReturned, EntryRejected)


@dataclass(slots=True)
class Rush:
    """What both moderators share: the campaign's time, and what was measured and counted."""

    now: int = END - HOURS_MS // 2
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)
    arrived: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    half_way: dict[str, Any] | None = None

    def pass_time(self, of_one: int) -> None:
        """Let the time pass that one of the two persons needs."""
        self.now += of_one // 2

    async def timed(self, what: str, answer: Awaitable[T]) -> T:
        started = time.perf_counter()
        result = await answer
        self.seconds[what].append(time.perf_counter() - started)
        return result


@dataclass(slots=True)
class Moderator:
    """A moderator at the desk, who looks through the queue by one filter."""

    person: Person
    rush: Rush
    filter: str
    reasons: dict[str, str] = field(default_factory=dict)

    async def read(self, path: str) -> dict[str, Any]:
        headers = {**bearer(self.person.token), "Campaign-Time": str(self.rush.now)}
        return require_success(await self.person.api.request("GET", path, headers=headers), path)

    async def send(self, path: str, body: dict[str, Any]) -> Answer:
        return await self.person.send("POST", f"/moderation{path}", body, at=self.rush.now)

    async def do(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return require_success(await self.send(path, body), path)

    async def page(self, rows: int, more: str = "") -> dict[str, Any]:
        path = f"/moderation/queue?claimed=nobody&limit={rows}{more}"
        return await self.rush.timed(f"page of {rows}", self.read(path))

    async def clear(self, *, undoes: bool) -> None:
        """Decide until nothing waits and nothing more comes."""
        await self.rush.begun.wait()
        published = await self.read("/moderation/reasons")
        for each in published["reasons"]:
            self.reasons.setdefault(each["item"], each["zh"])
        singles = 0
        for turn in itertools.count():
            page = await self.page(PAGE, self.filter if turn % 2 else "")
            if not page["pending"] and self.rush.arrived == ENTRIES:
                return
            singles += await self.decide_next(page["entries"])
            if singles >= SINGLE:
                singles = 0
                bulk = await self.decide_in_bulk()
                if undoes and bulk is not None:
                    undone = await self.rush.timed("undo of a bulk", self.do(f"/bulk/{bulk}/undo", {}))
                    self.rush.counts["undone"] += len(undone["undone"])
                    undoes = False
            await self.look_at_pace()

    async def decide_next(self, rows: list[dict[str, Any]]) -> bool:
        """Claim the first entry that the other has not taken, open it and decide; say whether there was one."""
        for row in rows:
            place = f"/entries/{row['entry']}"
            claimed = await self.rush.timed("claim", self.send(f"{place}/claim", {}))
            if not claimed.ok:
                assert claimed.code in TAKEN, claimed
                self.rush.counts["claimed by the other meanwhile"] += 1
                continue
            seen = await self.rush.timed("opening an entry", self.read(f"/moderation{place}"))
            self.rush.pass_time(READING_MS)
            what, body = self.decision(seen)
            await self.rush.timed("decision", self.do(f"{place}/{what}", body))
            self.rush.counts[what] += 1
            return True
        return False

    def decision(self, seen: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        version, number = seen["desk"]["version"], int(seen["desk"]["unit"][1:])
        if number % 10 == 3:
            remarks = [{"item": item, "words": self.reasons[item]} for item in ("title", "text")]
            return "return", {"version": version, "remarks": remarks, "until": END + 3 * 24 * 60 * MINUTE}
        if number % 25 == 7:
            return "rejection", {"version": version, "reason": self.reasons["other"]}
        return "approval", {"version": version}

    async def decide_in_bulk(self) -> str | None:
        """Approve at most 100 entries that nobody has flagged or reviews; return the bulk, or None if it is empty."""
        clean: list[dict[str, Any]] = []
        after = ""
        while len(clean) < BULK:
            page = await self.page(BULK, after)
            clean += [
                {name: row[name] for name in ("entry", "version")}
                for row in page["entries"]
                if not {*row["flags"]} - {NOT_CHECKED} and row["claim"] is None
            ]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        clean = clean[:BULK]
        if not clean:
            return None
        seen = await self.rush.timed("preview", self.do("/bulk/preview", {"kind": "approved", "entries": clean}))
        self.rush.pass_time(LISTING_MS)
        if not seen["entries"]:
            return None
        listed = [{name: each[name] for name in ("entry", "version")} for each in seen["entries"]]
        body = {"kind": "approved", "entries": listed, "digest": seen["digest"]}
        size = f"bulk of {BULK}" if len(listed) == BULK else "smaller bulk"
        done = await self.rush.timed(size, self.do("/bulk", body))
        self.rush.counts["bulks"] += 1
        self.rush.counts["in bulk"] += len(done["entries"])
        self.rush.counts["left out of a bulk"] += len(done["refused"])
        bulk: str | None = done["bulk"]
        return bulk

    async def look_at_pace(self) -> None:
        """Note what the pace page says once, as soon as half of all entries are decided."""
        if self.rush.half_way is None:
            pace = await self.rush.timed("pace", self.read("/moderation/pace"))
            if self.rush.half_way is None and pace["done"] >= ENTRIES // 2 and self.rush.arrived == ENTRIES:
                self.rush.half_way = pace


def ok(answer: dict[str, Any]) -> dict[str, Any]:
    assert "ok" in answer, answer
    result: dict[str, Any] = answer["ok"]
    return result


def open_campaign(caller: Caller) -> dict[str, str]:
    """Open a rehearsal in which no pictures are needed, three hours before the window ends; return links by name."""
    file = CAMPAIGN_FILE.read_text().replace("pictures_min = 4\n", "pictures_min = 0\n")
    ok(caller.call("moderation", "open_campaign", {"file": file, "rehearsal": True}))
    ok(caller.call("moderation", "move_clock", {"now": END - HOURS_MS}))
    links = {}
    for staff, name in (("mo", "莫审核"), ("wei", "魏审核")):
        appointed = {"staff": staff, "name": name, "roles": ["moderator"]}
        links[staff] = ok(caller.call("moderation", "appoint_staff", appointed))["link"]
    wait(lambda: "ok" in caller.call("submission", "entry_rule", roles=()), what="submission knows the rules")
    confirm = ok(caller.call("submission", "compare_roll", {"csv": ROLL}))["confirm"]
    ok(caller.call("submission", "import_roll", {"csv": ROLL, "confirm": confirm}))
    return links


def hand_in_all(place: Place, rush: Rush, loop: asyncio.AbstractEventLoop) -> list[str]:
    """Hand in 600 entries over the last three hours; flag every tenth. Return the flagged ones."""
    flagged: list[str] = []
    with rpc_caller(place) as caller:
        for k in range(ENTRIES):
            content = {
                "title": f"把家安在第{k + 1}车间里",
                "profile": f"工会成立于 {1950 + k % 60} 年，会员 {300 + k} 人。",
                "text": f"第{k + 1}车间的职工之家有 {40 + k} 平方米。\n每周{'一二三四五六日'[k % 7]}开门，"
                f"全年来过 {900 + 7 * k} 人次。",
                "themes": ["home"], "files": [], "consent": WORDS,
            }  # fmt: skip
            at = END - HOURS_MS + HOURS_MS * k // ENTRIES
            handed = caller.call("submission", "hand_in", content, roles=("unit",), actor=f"R{k:03}", at=at)
            entry = ok(handed)["entry"]
            if k % FLAGGED_EVERY == 0:
                flag = {"entry": entry, "flag": "attention", "words": "请细看"}
                wait(lambda flag=flag: "ok" in caller.call("moderation", "flag_entry", flag), what="a flag")  # type: ignore[misc]
                flagged.append(entry)
            rush.arrived += 1
            if k + 1 == WAITING:
                loop.call_soon_threadsafe(rush.begun.set)
    return flagged


async def run_rush(place: Place, url: str, links: dict[str, str]) -> tuple[Rush, list[str], float]:
    """Let entries arrive and moderators decide; return what was measured, the flagged entries, and the seconds."""
    rush = Rush()
    async with Api(url) as api:
        mo, wei = [await sign_up(api, name, link, f"battery staple {name}") for name, link in links.items()]
        arriving = asyncio.create_task(asyncio.to_thread(hand_in_all, place, rush, asyncio.get_running_loop()))
        await asyncio.wait({arriving, begun := asyncio.create_task(rush.begun.wait())}, return_when="FIRST_COMPLETED")
        assert begun.done(), await arriving
        started = time.perf_counter()
        await asyncio.gather(
            Moderator(mo, rush, "&city=唐山").clear(undoes=False),
            Moderator(wei, rush, "&flag=attention&sort=oldest").clear(undoes=True),
        )
        return rush, await arriving, time.perf_counter() - started


def test_two_moderators_clear_600_entries_of_the_last_hours(place: Place, report: Report) -> None:
    with ExitStack() as stack:
        caller, _ = stack.enter_context(running_services(place, "moderation", "submission", "ranking"))
        links = open_campaign(caller)
        others = [stack.enter_context(process(place, each)) for each in ("relay", "projector", "gateway")]
        for each in others:
            each.wait_ready()
        url = f"http://127.0.0.1:{others[-1].environment['BAIJIA_GATEWAY_PORT']}"
        rush, flagged, seconds = asyncio.run(run_rush(place, url, links))
        at_the_end = ok(caller.call("moderation", "pace"))

    claims: dict[str, EntryClaimed] = {}
    standing: dict[str, list[Any]] = defaultdict(list)
    foreign, in_bulk = [], set()
    for event in place.events("moderation"):
        match event:
            case EntryClaimed():
                claims[event.entry] = event
            case EntryApproved() | EntryReturned() | EntryRejected():
                claim = claims.pop(event.entry, None)
                if claim is not None and claim.by != event.by and claim.until > event.at:
                    foreign.append(event)
                standing[event.entry].append(event)
            case DecisionUndone():
                standing[event.entry].pop()
            case BulkDecided():
                in_bulk |= set(event.entries)
    state_figures(rush, seconds, report)
    assert (at_the_end["left"], at_the_end["done"]) == (0, ENTRIES)
    assert Counter(map(len, standing.values())) == {1: ENTRIES}
    assert foreign == []
    assert in_bulk & set(flagged) == set()
    assert {each[0].by for each in standing.values()} == {"mo", "wei"}
    assert rush.counts["undone"] > 0


def state_figures(rush: Rush, seconds: float, report: Report) -> None:
    name = f"rush of {ENTRIES}, 2 moderators"
    report.state(f"{name}, in all", seconds, unit="s")
    report.state(f"{name}, decisions", ENTRIES / seconds * 60, unit="a minute of machine time")
    for what, each in rush.seconds.items():
        spread = sorted(each)
        report.state(f"{name}, {what}, median of {len(each)}", statistics.median(spread) * 1000, unit="ms")
        report.state(f"{name}, {what}, p95", spread[(len(spread) * 95 - 1) // 100] * 1000, unit="ms")
    for what, count in rush.counts.items():
        report.state(f"{name}, {what}", count, unit="")
    assert rush.half_way is not None
    pace = rush.half_way
    report.state(f"{name}, half-way: left", pace["left"], unit="entries")
    report.state(f"{name}, half-way: forecast", (pace["forecast"] - pace["now"]) / MINUTE, unit="min of campaign")
    report.state(f"{name}, half-way: it took", (rush.now - pace["now"]) / MINUTE, unit="min of campaign")
