"""Second phase of the demo: like week over HTTP, while processes are killed."""

import asyncio
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import orjson

from deploy.demo import demo_data
from deploy.demo.client import Answer, DemoFailed, Person
from deploy.demo.context import DemoContext, run_concurrently
from deploy.demo.demo_data import EntryDraft, LikeStep
from deploy.demo.phones import Phones
from deploy.demo.voter_doors import WechatDoor, wechat_doors

WORKERS = 64
DOOR_BATCH = 1000
DAY_MS = 86_400_000
#: Share of the likes after which a process is killed with SIGKILL.
KILLS = ((0.25, "relay"), (0.45, "vote-writer"), (0.65, "projector"), (0.75, "ranking"))


@dataclass(slots=True)
class Tally:
    """Counts of the answers that voters got, and what must follow from them.

    `standing` holds the likes that must be counted in the end, `counted` the voters who ever had a like counted, and
    `unexpected` the answers that contradict the rules.
    """

    sent: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    tickets: int = 0
    unexpected: Counter[str] = field(default_factory=Counter)
    standing: set[tuple[str, int, int]] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)

    @property
    def standing_likes(self) -> int:
        return len(self.standing)


class LikeWeek:
    """Send the steps of all voters, each voter's in sequence and through the voter's door, and tally the answers.

    A door is how a voter comes, such as WeChat's browser or text messages. `entries` and `numbers` are the ids and the
    poster numbers of `drafts`.
    """

    def __init__(
        self,
        context: DemoContext,
        drafts: Sequence[EntryDraft],
        *,
        entries: Sequence[str],
        numbers: Sequence[str],
        phones: Phones,
    ) -> None:
        self._context, self._drafts, self._entries, self._numbers, self._phones = (
            context,
            drafts,
            entries,
            numbers,
            phones,
        )
        self.tally = Tally()
        self.wechat_doors: Mapping[str, WechatDoor] = {}
        self._voters: dict[str, Person] = {}

    async def run(self, voters: int, likes: int, kill: Callable[[str], int | None]) -> Tally:
        """Send all likes day by day, killing processes at the shares in KILLS, and return the tally. Raises DemoFailed.

        `kill` gets the name of a process and returns the id of the process that it killed, None if there was none.
        """
        start, end = self._context.windows["likes"]
        names, days = demo_data.voters(self._context.seed, voters), _days(start, end)
        steps = list(demo_data.likes(self._context.seed, self._drafts, names, days, likes))
        self.wechat_doors = wechat_doors(self._context.seed, names, steps)
        await self._open_sessions([name for name in names if name not in self.wechat_doors])
        kills = [(int(share * len(steps)), name) for share, name in KILLS]
        with self._context.output.bar("likes and unlikes sent", len(steps)) as bar:
            for day in range(len(days) + 1):
                await self._context.clock(start + day * DAY_MS)
                today: dict[str, list[LikeStep]] = defaultdict(list)
                for step in steps:
                    if step.day_index == day:
                        today[step.voter].append(step)

                async def send_steps(steps_of_voter: list[LikeStep]) -> None:
                    for step in steps_of_voter:
                        await self._send(step)
                        bar.step()
                    while kills and bar.done >= kills[0][0]:
                        _, name = kills.pop(0)
                        self._context.output.print_line(f"kill -9 {name}: process {kill(name)}")

                await run_concurrently(today.values(), send_steps, workers=WORKERS)
        if kills:
            raise DemoFailed(f"not killed: {kills}")
        return self.tally

    async def _open_sessions(self, names: Sequence[str]) -> None:
        for first in range(0, len(names), DOOR_BATCH):
            body = orjson.dumps({"openids": names[first : first + DOOR_BATCH]})
            headers = {"Content-Type": "application/json"}
            answer = await self._context.api.request("POST", "/rehearsal/voters", data=body, headers=headers)
            if not answer.ok:
                raise DemoFailed(f"the development door refused the voters: {answer.body}")
            for each in answer.body["voters"]:
                self._voters[each["openid"]] = Person(self._context.api, each["token"])

    async def _send(self, step: LikeStep) -> None:
        self.tally.sent += 1
        if self.wechat_doors.get(step.voter) == "text":
            self._note(step, await self._phones.like_by_text(step.voter, self._numbers[step.entry_index]))
            return
        voter, entry = await self._voter(step), self._entries[step.entry_index]
        method = "POST" if step.action == "like" else "DELETE"
        answer = await voter.like(method, entry, at=step.at_ms)
        while (
            answer.body.get("status") == "accepted"
        ):  # the broker has the order but the writer was slow: ask with the order ticket
            self.tally.tickets += 1
            await asyncio.sleep(0.2)
            answer = await self._context.api.request("GET", f"/likes/tickets/{answer.body['ticket']}")
        self._note(step, answer)

    async def _voter(self, step: LikeStep) -> Person:
        """Return the voter's session; a voter in WeChat opens one at the first like."""
        person = self._voters.get(step.voter)
        if person is not None:
            return person
        if self.wechat_doors[step.voter] == "menu":
            await self._phones.tap(step.voter)
        person = self._voters[step.voter] = await self._phones.come_in(step.voter, self._numbers[step.entry_index])
        return person

    def _note(self, step: LikeStep, answer: Answer) -> None:
        status = str(answer.body.get("status")) if answer.ok else "refused"
        self.tally.by_status[status] += 1
        key = (step.voter, step.entry_index, step.day_index)
        if status in ("counted", "already") and step.action == "like":
            self.tally.standing.add(key)
            self.tally.counted.add(step.voter)
        elif status == "gone" and step.action == "unlike":
            self.tally.standing.discard(key)
        if status == "refused":
            self.tally.refused[answer.code] += 1
        outcome = answer.code if status == "refused" else {"gone": "retracted"}.get(status, status)
        # An order whose answer was lost is sent again and is answered "already", which is the same like.
        if outcome != step.expect and not (outcome == "already" and step.expect == "counted"):
            self.tally.unexpected[f"{step.expect} was answered {outcome}"] += 1


def kill_9(pids: Callable[[str], list[int]]) -> Callable[[str], int | None]:
    """Return a function that kills (SIGKILL) the first running copy of a process, given its name.

    It returns the process id, or None if no copy runs. `pids` returns the process ids of all copies.
    """

    def kill(name: str) -> int | None:
        found = pids(name)
        if not found:
            return None
        os.kill(found[0], signal.SIGKILL)
        return found[0]

    return kill


def _days(start: int, end: int) -> list[date]:
    """Return the days of the window in the campaign's zone (Shanghai, +08:00)."""
    first = date(1970, 1, 1) + timedelta(milliseconds=start + 8 * 3_600_000)
    return [first + timedelta(days=k) for k in range((end - start) // DAY_MS)]
