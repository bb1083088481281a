"""Run the demo: a complete campaign on real engines, from the roll of unions to 100 winners and an open exhibition.

The roll is the organiser's list of the units that may take part.

Promises: the same seed gives the same winners and the same digest. The demo ends with `DEMO OK …` only if the table
holds exactly the likes whose voters were answered that they count, and if the ranking rebuilt from the streams equals
the live one, byte for byte.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.commands.refusals import ServiceRefusal
from deploy.commands.rpc_client import call_service
from deploy.demo import browser_hand_in, demo_data, result_phase, submission_phase, wechat
from deploy.demo.client import Api, DemoFailed, sign_up
from deploy.demo.console_output import ConsoleOutput
from deploy.demo.context import DemoContext
from deploy.demo.like_week import LikeWeek, Tally, kill_9
from deploy.demo.phones import Phones
from deploy.demo.result_phase import PASSWORD
from deploy.local.stack import Stack
from services.ranking.rebuild import rebuild_and_compare
from services.voting.writer import partitions_of
from shared.mongo_ledger import MongoLedger, connect
from shared.settings import Settings

CAMPAIGN_FILE = Path(__file__).parents[1] / "campaigns" / "2021-baijia.toml"
HOUR_MS = 3_600_000
WINNERS = 100
MODERATORS = 2


@dataclass(frozen=True, slots=True)
class Size:
    """How large a demo is: its numbers of valid entries, voters and likes."""

    entries: int = 320
    voters: int = 20_000
    likes: int = 100_000


def run(settings: Settings, stack: Stack, *, seed: int, size: Size, output: ConsoleOutput) -> int:
    """Run all phases of the demo and return the exit code: 0, or 1 if the product did not do what it should.

    The processes of the campaign must run, and its logs be empty.
    """
    try:
        line = asyncio.run(_DemoRun(settings, stack, seed, size, output).all())
    except (DemoFailed, ServiceRefusal, ExceptionGroup) as failed:
        output.last(f"DEMO FAILED {_first(failed)}")
        if not isinstance(_first(failed), DemoFailed | ServiceRefusal):
            raise
        return 1
    output.last(line)
    return 0


def _first(failed: BaseException) -> BaseException:
    """Return the first failure inside the exception groups that tasks wrap it in."""
    return _first(failed.exceptions[0]) if isinstance(failed, BaseExceptionGroup) else failed


class _DemoRun:
    """The phases of the demo, run one after the other."""

    def __init__(self, settings: Settings, stack: Stack, seed: int, size: Size, output: ConsoleOutput) -> None:
        self._settings, self._stack, self._seed, self._size, self._output = settings, stack, seed, size, output
        self._links: dict[str, str] = {}  # by which the first organisers set their passwords

    async def all(self) -> str:
        """Run all phases and return the last line of the demo. Raises DemoFailed."""
        self._open()
        async with Api(self._stack.gateway_url()) as api:
            context = await _context(api, self._output, self._seed, self._links)
            submissions = await self._hand_in(context)
            self._output.heading("Moderators review the entries")
            approved = sorted(await submission_phase.moderate(context, submissions))
            drafts = [submissions.drafts[k] for k in approved]
            entries = [submissions.entries[k] for k in approved]
            numbers = await _shortlist(context)
            self._output.heading("Like week")
            await wechat.put_menu(self._settings, CAMPAIGN_FILE, self._output)
            phones = Phones(api, self._stack.gateway_url(), self._stack.wechat_url())
            week = LikeWeek(
                context, drafts, entries=entries, numbers=[numbers[each] for each in entries], phones=phones
            )
            tally = await week.run(self._size.voters, self._size.likes, kill_9(self._stack.pids))
            _report(self._output, tally)
            wechat.report(self._output, await asyncio.to_thread(self._count_by_door), tally.counted, week.wechat_doors)
            out = await self._judge(context, drafts, entries)
            table = await self._result(context)
            _compare_likes(table["table"], tally, entries, out)
            await result_phase.object_and_answer(context)
            await context.clock(context.windows["exhibition"][0] + HOUR_MS)
            await result_phase.take_down(context)
            await result_phase.conclude(context)
        winners = _winners(table["table"])
        rebuilt = await asyncio.to_thread(self._rebuild, table["digest"])
        if len(winners) != WINNERS:
            raise DemoFailed(f"{len(winners)} winners instead of {WINNERS}")
        self._output.print_line(f"the product keeps running at {self._stack.gateway_url()}")
        return (
            f"DEMO OK entries={len(submissions.entries)} likes={tally.standing_likes} winners={len(winners)} "
            f"digest={table['digest']} rebuilt={rebuilt}"
        )

    def _open(self) -> None:
        self._output.heading("The campaign opens")
        people = [{"staff": "organiser", "name": "组织者甲"}, {"staff": "organiser-2", "name": "组织者乙"}]
        body = {"file": CAMPAIGN_FILE.read_text(), "rehearsal": True, "organisers": people}
        opened = call_service(self._settings, "moderation", "open_campaign", body)
        self._links = opened["links"]
        self._output.print_line(f"campaign {opened['campaign']}, a rehearsal whose clock is moved by events")

    async def _hand_in(self, context: DemoContext) -> submission_phase.Submissions:
        self._output.heading("Unions submit their entries")
        rows = demo_data.roll(self._seed)
        await submission_phase.import_roll(context, rows)
        drafts = demo_data.entries(self._seed, rows, self._size.entries)
        submissions = submission_phase.Submissions(context, drafts, self._settings.data / "films")
        bad = demo_data.bad_entries(self._seed, rows)
        submissions.entries[submission_phase.BY_BROWSER] = await browser_hand_in.hand_in(
            context,
            drafts[submission_phase.BY_BROWSER],
            self._stack.gateway_url(),
            self._settings.data / "demo-pages",
        )
        await submissions.submit_valid()
        await submissions.submit_invalid(bad, late=False)
        await context.clock(context.windows["submission"][1] + HOUR_MS)
        await submissions.submit_invalid(bad, late=True)
        self._output.table("Refused", ["code", "times"], _counted(context.refusals))
        return submissions

    async def _judge(self, context: DemoContext, drafts: list[demo_data.EntryDraft], entries: list[str]) -> str:
        self._output.heading("Judges give their marks")
        await context.clock(context.windows["judging"][0] + HOUR_MS)
        await result_phase.fix_cohort(context)
        self._output.print_line("voting closed, cohort fixed")
        marks = await result_phase.judge(context, drafts, entries)
        out = entries[len(entries) // 3]
        await context.organiser.do(f"/moderation/entries/{out}/disqualification", {"reason": "经查实材料夸大事实"})
        self._output.print_line(f"marks given: {marks}; {out} disqualified")
        return out

    async def _result(self, context: DemoContext) -> dict[str, Any]:
        self._output.heading("The result")
        await context.clock(context.windows["judging"][1] + HOUR_MS)
        table = await result_phase.publish(context)
        _top(self._output, table["table"])
        return table

    def _count_by_door(self) -> dict[str, wechat.DoorCount]:
        ledger = MongoLedger(connect(self._settings.mongo_uri)[self._settings.database])
        return wechat.count_by_door(ledger, partitions=partitions_of(ledger))

    def _rebuild(self, digest: str) -> str:
        self._output.heading("The ranking is rebuilt from the streams, from commit 1")
        rebuilt = rebuild_and_compare(self._settings, source="streams")
        self._output.print_line(f"{rebuilt.commits} commits, {rebuilt.likes} likes folded in {rebuilt.seconds:.1f} s")
        if not rebuilt.equal or rebuilt.digest != digest:
            raise DemoFailed(f"the rebuilt ranking differs: {rebuilt.difference or rebuilt.digest}")
        return str(rebuilt.digest)


async def _context(api: Api, output: ConsoleOutput, seed: int, links: dict[str, str]) -> DemoContext:
    await _campaign(api)
    organiser, second = [await sign_up(api, staff, link, PASSWORD) for staff, link in links.items()]
    context = DemoContext(api, output, seed, organiser, second)
    for k in range(MODERATORS):
        staff = f"moderator-{k + 1}"
        appointed = await organiser.do("/staff", {"staff": staff, "name": f"审核员{k + 1}", "roles": ["moderator"]})
        context.moderators.append(await sign_up(api, staff, appointed["link"], PASSWORD))
    windows = (await _campaign(api))["windows"]
    context.windows = {name: (each["start"], each["end"]) for name, each in windows.items()}
    return context


async def _campaign(api: Api) -> dict[str, Any]:
    """Return the campaign as the gateway shows it; wait until the gateway has applied its opening."""
    for _ in range(100):
        answer = await api.request("GET", "/campaign")
        if answer.ok:
            return answer.body
        await asyncio.sleep(0.2)
    raise DemoFailed(f"the gateway does not know the campaign: {answer.body}")


async def _shortlist(context: DemoContext) -> dict[str, str]:
    """Lock the rules and confirm the proposed shortlist; return the poster number of each entry."""
    rules = await context.organiser.read("/campaign/rules")
    await context.organiser.do("/campaign/rules-lock", {"rule_hash": rules["rule_hash"]})
    proposal = await context.organiser.read("/shortlist/proposal")
    confirmed = await context.organiser.do("/shortlist", {"entries": [each["entry"] for each in proposal["entries"]]})
    context.output.print_line(f"rules locked; shortlist of {len(confirmed['entries'])} confirmed by a person")
    return {each["entry"]: each["number"] for each in confirmed["entries"]}


def _report(output: ConsoleOutput, tally: Tally) -> None:
    rows = [
        ["sent", tally.sent],
        *([f"answered {status}", times] for status, times in tally.by_status.most_common()),
        ["asked again with the order ticket", tally.tickets],
        ["standing likes, which must be counted", tally.standing_likes],
    ]
    output.table("Likes and unlikes", ["", "times"], rows)
    output.table("Refused", ["code", "times"], _counted(tally.refused))
    if tally.unexpected:
        raise DemoFailed(f"voters got answers that contradict the rules: {dict(tally.unexpected)}")


def _counted(counter: Counter[str]) -> list[list[object]]:
    return [[code, times] for code, times in counter.most_common()]


def _winners(table: dict[str, Any]) -> list[str]:
    return [row["entry"] for row in table["rows"] if row["winner"]]


def _top(output: ConsoleOutput, table: dict[str, Any]) -> None:
    columns = ["type", "place", "entry", "likes", "like points", "expert", "final"]
    rows: list[list[object]] = [
        [row["type"], row["place"], row["entry"], row["likes"], *(_points(row[name]) for name in SCORES)]
        for row in table["rows"]
        if row["place"] <= 3
    ]
    output.table("The top 3 of each type", columns, rows)


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
