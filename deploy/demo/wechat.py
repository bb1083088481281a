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
    """Voters and likes that came through one door."""

    voters: set[str] = field(default_factory=set)
    likes: int = 0


async def put_menu(settings: Settings, campaign_file: Path, output: ConsoleOutput) -> None:
    """Set the menu of all accounts, as `baijia wechat menu` does. Raises DemoFailed."""
    menu = menu_of(campaign_file.read_text(encoding="utf-8"))
    assert menu is not None  # the campaign is open: its file has no errors
    refusals = await push_menu(settings, menu)
    if any(refusals.values()):
        raise DemoFailed(f"WeChat refused the menu: {refusals}")
    output.print_line(f"the simulated WeChat shows the menu of {len(refusals)} accounts")


def count_by_door(ledger: Ledger, *, partitions: int) -> dict[str, DoorCount]:
    """Count voters and likes by door over every like that was ever cast, from the ledger."""
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
    """Print the doors. Raises DemoFailed if the ledger has other numbers of voters in WeChat than were answered."""
    rows = [[DOORS.get(door, door), len(each.voters), each.likes] for door, each in sorted(doors.items())]
    output.table("Voters and likes by door, from the ledger", ["door", "voters", "likes cast"], rows)
    answered = sum(voter in wechat_doors for voter in counted)
    stored = sum(len(doors[door].voters) for door in IN_WECHAT if door in doors)
    if answered != stored:
        raise DemoFailed(f"{answered} voters in WeChat had a like confirmed, but {stored} have one in the ledger")
