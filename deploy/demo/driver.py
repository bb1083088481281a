"""Run the demo: a complete campaign on real engines, from the roll of unions to 100 winners and an open exhibition.

Promises: the same seed gives the same winners and the same digest. The demo ends with `DEMO OK …` only if the table
holds exactly the likes whose voters were answered that they count, and if the ranking rebuilt from the streams equals
the live one, byte for byte.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.commands.rpc_client import Refusal, ask
from deploy.demo import entries as first_act
from deploy.demo import material, wechat
from deploy.demo import result as third_act
from deploy.demo.client import Api, DemoFailed, log_in
from deploy.demo.crew import Crew
from deploy.demo.like_week import LikeWeek, Tally, kill_9
from deploy.demo.phones import Phones
from deploy.demo.result import PASSWORD
from deploy.demo.show import Show
from deploy.local.stack import Stack
from services.ranking.rebuild import rebuild_and_compare
from services.voting.writer import partitions_of
from shared.mongo_ledger import MongoLedger, connect
from shared.settings import Settings

CAMPAIGN_FILE = Path(__file__).parents[1] / "campaigns" / "2021-baijia.toml"
HOUR_MS = 3_600_000
WINNERS = 100


@dataclass(frozen=True, slots=True)
class Size:
    """Numbers of valid entries, voters and likes in a demo."""

    entries: int = 320
    voters: int = 20_000
    likes: int = 100_000


def run(settings: Settings, stack: Stack, *, seed: int, size: Size, show: Show) -> int:
    """Run all phases on a campaign whose processes run and whose logs are empty; return the exit code."""
    try:
        line = asyncio.run(_Play(settings, stack, seed, size, show).all())
    except (DemoFailed, Refusal, ExceptionGroup) as failed:
        show.last(f"DEMO FAILED {_first(failed)}")
        if not isinstance(_first(failed), DemoFailed | Refusal):
            raise
        return 1
    show.last(line)
    return 0


def _first(failed: BaseException) -> BaseException:
    """Return the first failure inside the exception groups that tasks wrap it in."""
    return _first(failed.exceptions[0]) if isinstance(failed, BaseExceptionGroup) else failed


class _Play:
    """The phases of the demo, run one after the other."""

    def __init__(self, settings: Settings, stack: Stack, seed: int, size: Size, show: Show) -> None:
        self._settings, self._stack, self._seed, self._size, self._show = settings, stack, seed, size, show

    async def all(self) -> str:
        """Run all phases and return the last line of the demo. Raises DemoFailed."""
        self._open()
        async with Api(self._stack.gateway_url()) as api:
            crew = await _crew(api, self._show, self._seed)
            handed = await self._hand_in(crew)
            self._show.act("Moderators review the entries")
            approved = sorted(await first_act.moderate(crew, handed))
            drafts = [handed.drafts[k] for k in approved]
            entries = [handed.entries[k] for k in approved]
            numbers = await _shortlist(crew)
            self._show.act("Like week")
            await wechat.put_menu(self._settings, CAMPAIGN_FILE, self._show)
            phones = Phones(api, self._stack.gateway_url(), self._stack.wechat_url())
            week = LikeWeek(crew, drafts, entries=entries, numbers=[numbers[each] for each in entries], phones=phones)
            tally = await week.run(self._size.voters, self._size.likes, kill_9(self._stack.pids))
            _report(self._show, tally)
            wechat.report(self._show, await asyncio.to_thread(self._doors), tally.counted, week.ways)
            out = await self._judge(crew, drafts, entries)
            table = await self._result(crew)
            _compare_likes(table["table"], tally, entries, out)
            await third_act.object_and_answer(crew)
            await crew.clock(crew.windows["exhibition"][0] + HOUR_MS)
            await third_act.take_down(crew)
            await third_act.conclude(crew)
        winners = _winners(table["table"])
        rebuilt = await asyncio.to_thread(self._rebuild, table["digest"])
        if len(winners) != WINNERS:
            raise DemoFailed(f"{len(winners)} winners instead of {WINNERS}")
        self._show.say(f"the product keeps running at {self._stack.gateway_url()}")
        return (
            f"DEMO OK entries={len(handed.entries)} likes={tally.standing_likes} winners={len(winners)} "
            f"digest={table['digest']} rebuilt={rebuilt}"
        )

    def _open(self) -> None:
        self._show.act("The campaign opens")
        body = {"file": CAMPAIGN_FILE.read_text(), "rehearsal": True}
        opened = ask(self._settings, "moderation", "open_campaign", body)
        person = {"staff": "organiser", "name": "组织者甲", "roles": ["organiser"], "password": PASSWORD}
        ask(self._settings, "moderation", "appoint_staff", person)
        self._show.say(f"campaign {opened['campaign']}, a rehearsal whose clock is moved by events")

    async def _hand_in(self, crew: Crew) -> first_act.HandIns:
        self._show.act("Unions submit their entries")
        rows = material.roll(self._seed)
        await first_act.import_roll(crew, rows)
        drafts = material.entries(self._seed, rows, self._size.entries)
        handed = first_act.HandIns(crew, drafts, self._settings.data / "films")
        bad = material.bad_entries(self._seed, rows)
        await handed.good()
        await handed.bad(bad, late=False)
        await crew.clock(crew.windows["submission"][1] + HOUR_MS)
        await handed.bad(bad, late=True)
        self._show.table("Refused", ["code", "times"], _counted(crew.refusals))
        return handed

    async def _judge(self, crew: Crew, drafts: list[material.EntryDraft], entries: list[str]) -> str:
        self._show.act("Judges give their marks")
        await crew.clock(crew.windows["judging"][0] + HOUR_MS)
        await third_act.fix_cohort(crew)
        self._show.say("voting closed, cohort fixed")
        marks = await third_act.judge(crew, drafts, entries)
        out = entries[len(entries) // 3]
        await crew.organiser.do(f"/moderation/entries/{out}/disqualification", {"reason": "经查实材料夸大事实"})
        self._show.say(f"marks given: {marks}; {out} disqualified")
        return out

    async def _result(self, crew: Crew) -> dict[str, Any]:
        self._show.act("The result")
        await crew.clock(crew.windows["judging"][1] + HOUR_MS)
        table = await third_act.publish(crew)
        _top(self._show, table["table"])
        return table

    def _doors(self) -> dict[str, wechat.Came]:
        ledger = MongoLedger(connect(self._settings.mongo_uri)[self._settings.database])
        return wechat.came(ledger, partitions=partitions_of(ledger))

    def _rebuild(self, digest: str) -> str:
        self._show.act("The ranking is rebuilt from the streams, from commit 1")
        rebuilt = rebuild_and_compare(self._settings, source="streams")
        self._show.say(f"{rebuilt.commits} commits, {rebuilt.likes} likes folded in {rebuilt.seconds:.1f} s")
        if not rebuilt.equal or rebuilt.digest != digest:
            raise DemoFailed(f"the rebuilt ranking differs: {rebuilt.difference or rebuilt.digest}")
        return str(rebuilt.digest)


async def _crew(api: Api, show: Show, seed: int) -> Crew:
    await _campaign(api)
    organiser = await log_in(api, staff="organiser", password=PASSWORD)
    await organiser.do(
        "/staff", {"staff": "organiser-2", "name": "组织者乙", "roles": ["organiser"], "password": PASSWORD}
    )
    second = await log_in(api, staff="organiser-2", password=PASSWORD)
    crew = Crew(api, show, seed, organiser, second)
    for k in range(4):
        staff = f"moderator-{k + 1}"
        body = {"staff": staff, "name": f"审核员{k + 1}", "roles": ["moderator"], "password": PASSWORD}
        await organiser.do("/staff", body)
        crew.moderators.append(await log_in(api, staff=staff, password=PASSWORD))
    windows = (await _campaign(api))["windows"]
    crew.windows = {name: (each["start"], each["end"]) for name, each in windows.items()}
    return crew


async def _campaign(api: Api) -> dict[str, Any]:
    """Return the campaign as the gateway shows it; wait until the gateway has applied its opening."""
    for _ in range(100):
        answer = await api.ask("GET", "/campaign")
        if answer.ok:
            return answer.body
        await asyncio.sleep(0.2)
    raise DemoFailed(f"the gateway does not know the campaign: {answer.body}")


async def _shortlist(crew: Crew) -> dict[str, str]:
    """Lock the rules and confirm the proposed shortlist; return the poster number of each entry."""
    rules = await crew.organiser.read("/campaign/rules")
    await crew.organiser.do("/campaign/rules-lock", {"rule_hash": rules["rule_hash"]})
    proposal = await crew.organiser.read("/shortlist/proposal")
    confirmed = await crew.organiser.do("/shortlist", {"entries": [each["entry"] for each in proposal["entries"]]})
    crew.show.say(f"rules locked; shortlist of {len(confirmed['entries'])} confirmed by a person")
    return {each["entry"]: each["number"] for each in confirmed["entries"]}


def _report(show: Show, tally: Tally) -> None:
    rows = [
        ["sent", tally.sent],
        *([f"answered {status}", times] for status, times in tally.by_status.most_common()),
        ["asked again with the order ticket", tally.tickets],
        ["standing likes, which must be counted", tally.standing_likes],
    ]
    show.table("Likes and unlikes", ["", "times"], rows)
    show.table("Refused", ["code", "times"], _counted(tally.refused))
    if tally.unexpected:
        raise DemoFailed(f"voters got answers that contradict the rules: {dict(tally.unexpected)}")


def _counted(counter: Counter[str]) -> list[list[object]]:
    return [[code, times] for code, times in counter.most_common()]


def _winners(table: dict[str, Any]) -> list[str]:
    return [row["entry"] for row in table["rows"] if row["winner"]]


def _top(show: Show, table: dict[str, Any]) -> None:
    columns = ["type", "place", "entry", "likes", "like points", "expert", "final"]
    rows: list[list[object]] = [
        [row["type"], row["place"], row["entry"], row["likes"], *(_points(row[name]) for name in SCORES)]
        for row in table["rows"]
        if row["place"] <= 3
    ]
    show.table("The top 3 of each type", columns, rows)


SCORES = ("like_points_e4", "expert_e4", "final_e4")


def _points(scaled: int) -> str:
    return f"{scaled / 10_000:.2f}"


def _compare_likes(table: dict[str, Any], tally: Tally, entries: list[str], out: str) -> None:
    """Check that each entry has exactly the likes whose voters were answered that they count. Raises DemoFailed."""
    answered = Counter(entries[index] for _, index, _ in tally.standing)
    counted = {row["entry"]: row["likes"] for row in table["rows"]}
    wrong = {
        each: (answered[each], counted.get(each))
        for each in entries
        if each != out and answered[each] != counted.get(each)
    }
    if wrong:
        raise DemoFailed(f"confirmed likes and counted likes differ: {dict(list(wrong.items())[:5])}")
