"""Events of a small campaign for tests: two entries of one type and one of another, and three days of likes."""

from dataclasses import replace

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.moderation.campaign_file.check import check
from services.voting.events import LikeCast, LikeRetracted
from shared.events import Sealed
from tests.files import CAMPAIGN_FILE

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_622_995_200_000  # 2021-06-07 00:00 in Shanghai
NOON = START + 12 * HOUR
END = START + 3 * DAY
SEALED = Sealed("c1.x")


def campaign(*, per_day: int = 20, per_type: int = 5) -> rules.Campaign:
    read, problems = check(CAMPAIGN_FILE.read_text())
    assert read is not None, problems
    likes = replace(read.likes, per_day=per_day, per_type=per_type, order_time_limit_s=5)
    return replace(read, likes=likes).with_window("likes", rules.Window(START, END))


def opened(*, per_day: int = 20, per_type: int = 5, rehearsal: bool = True) -> tuple[object, ...]:
    """Return the events of an open campaign with a confirmed shortlist."""
    listed = [
        desk.Listed("a", "A001", "state"),
        desk.Listed("b", "A002", "state"),
        desk.Listed("c", "B001", "private"),
    ]
    data = rules.to_data(campaign(per_day=per_day, per_type=per_type))
    return (
        desk.CampaignOpened(data, rehearsal=rehearsal, now=START, by="o"),
        desk.ShortlistConfirmed(tuple(listed), by="o", at=START),
    )


def liked(entry: str, at: int, *, voter: str = "v", day: int = 1) -> LikeCast:
    return LikeCast(voter, entry, f"2021-06-{6 + day:02d}", at, "web", None, SEALED)


def unliked(like: str, entry: str, at: int, *, voter: str = "v", day: int = 1) -> LikeRetracted:
    return LikeRetracted(like, voter, entry, f"2021-06-{6 + day:02d}", at)
