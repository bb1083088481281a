"""WeChat in the demo: set the account's menu, and count voters and likes by door from the ledger."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.commands.wechat import push_menu
from deploy.demo.client import DemoFailed
from deploy.demo.console_output import ConsoleOutput
from deploy.demo.voter_doors import WechatDoor
from services.moderation.campaign_file.check import menu_of
from services.voting.events import LikeCast
from shared.ledger import Ledger, read_commits
from shared.settings import Settings

DOORS = {
    "wechat": "WeChat's browser, by its authorisation",
    "text": "text messages to the account",
    "dev": "the development door",
}
IN_WECHAT = ("wechat", "text")


@dataclass(slots=True)
class DoorCount:
    """The voters who came through one door (such as text messages), and the number of their likes."""

    voters: set[str] = field(default_factory=set)
    likes: int = 0


async def put_menu(settings: Settings, campaign_file: Path, output: ConsoleOutput) -> None:
    """Set the chat menu of all WeChat accounts, as `baijia wechat menu` does. Raises DemoFailed."""
    menu = menu_of(campaign_file.read_text(encoding="utf-8"))
    assert menu is not None  # the campaign is open: its file has no errors
    refusals = await push_menu(settings, menu)
    if any(refusals.values()):
        raise DemoFailed(f"WeChat refused the menu: {refusals}")
    output.print_line(f"the simulated WeChat shows the menu of {len(refusals)} accounts")


def count_by_door(ledger: Ledger, *, partitions: int) -> dict[str, DoorCount]:
    """Count voters and likes by door, over every like that the ledger holds, also those taken back later."""
    doors: dict[str, DoorCount] = defaultdict(DoorCount)
    for partition in range(partitions):
        for commit in read_commits(ledger, f"vote.{partition}", commands=False):
            for event in commit.events():
                if isinstance(event, LikeCast):
                    doors[event.door].voters.add(event.voter)
                    doors[event.door].likes += 1
    return doors


def report(
    output: ConsoleOutput,
    doors: Mapping[str, DoorCount],
    counted: Collection[str],
    wechat_doors: Mapping[str, WechatDoor],
) -> None:
    """Print a table of voters and likes by door, and compare it with what voters were answered.

    Raises DemoFailed if more or fewer voters in WeChat had a like counted than the ledger has.
    """
    rows = [[DOORS.get(door, door), len(each.voters), each.likes] for door, each in sorted(doors.items())]
    output.table("Voters and likes by door, from the ledger", ["door", "voters", "likes cast"], rows)
    answered = sum(voter in wechat_doors for voter in counted)
    stored = sum(len(doors[door].voters) for door in IN_WECHAT if door in doors)
    if answered != stored:
        raise DemoFailed(f"{answered} voters in WeChat had a like confirmed, but {stored} have one in the ledger")
