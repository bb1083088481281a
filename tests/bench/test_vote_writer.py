"""A vote writer alone on one partition: read, decide, commit, answer; and the cost of a like when millions are
stored.

There is no broker and no gateway: the writer gets the bytes that a gateway sends, and produces the bytes that it
receives.
"""

import gc
import secrets
from collections import deque
from collections.abc import Iterator
from itertools import islice

import pytest

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.voting import orders as wire
from services.voting.events import LikeCast
from services.voting.writer import VoteWriter
from shared.garbage import search_young_only
from tests.bench.likes import documents, full_sizes, likes, store
from tests.bench.paired import Block, paired
from tests.bench.report import Report
from tests.bench.test_append import RecordingLedger, insert_block
from tests.integration.temporary_campaign import Place
from tests.unit.voting import stories
from tests.unit.voting.batches import batch

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ROUNDS = 7
WAITING = 8  # full batches in the queue, as on a partition that is behind
FEW, MANY = 10_000, 5_000_000
DAYS = 5


@pytest.fixture(autouse=True)
def collecting_as_in_a_writer() -> Iterator[None]:
    """Set the garbage collector as a vote writer does, and reset it afterwards."""
    before = gc.get_threshold()
    search_young_only()
    yield
    gc.set_threshold(*before)


def test_vote_writer_alone(place: Place, report: Report) -> None:
    ledger = RecordingLedger(place)
    open_campaign(place)
    writer = VoteWriter(place.campaign, ledger, receipt_key=secrets.token_bytes(32))

    answering = decide_block(writer, 0, size=256 * WAITING, blocks=6)
    answering()  # One block ahead, because the reference may begin a round.
    pair = paired(answering, insert_block(place, ledger, WAITING), rounds=ROUNDS, blocks=6)

    name, reference = "vote writer alone, one partition", "bare insert_one of the same documents"
    report.compare(name, pair, reference=reference, unit="likes/s")
    report.reach(name, pair.ours, limit=40_000, unit="likes/s")


def test_cost_of_a_like_does_not_grow_with_what_is_stored(place: Place, report: Report) -> None:
    """Sixteen likes a commit, as on a real day, on a partition with few likes and on one with millions."""
    open_campaign(place)
    few, many = partition_with_likes(place, 1, FEW), partition_with_likes(place, 2, MANY)

    pair = paired(many, few, rounds=ROUNDS, blocks=60)

    name, reference = f"a like with {MANY:,} likes stored", f"with {FEW:,} likes stored"
    report.compare(name, pair, reference=reference, unit="likes/s", at_least=0.85)


def open_campaign(place: Place) -> None:
    """Open a live campaign with three entries and a long like window. Live, so that a partition forgets its older
    days.
    """
    wide = stories.campaign().with_window("likes", rules.Window(stories.START, stories.START + 30 * stories.DAY))
    opened, listed = stories.opened(rehearsal=False)
    assert isinstance(opened, desk.CampaignOpened)
    place.append(wire.DESK_LOG, (desk.CampaignOpened(rules.to_data(wide), False, stories.START, "o"), listed))


def partition_with_likes(place: Place, p: int, count: int) -> Block:
    """Store `count` likes of the previous days in a partition; return a block that adds sixteen."""
    day, source = count // DAYS, likes(seed=p)
    made = (_on(like, n // day) for n, like in enumerate(source))
    store(place, documents(f"vote.{p}", made, full_sizes(count)))
    return decide_block(
        VoteWriter(place.campaign, place.ledger, receipt_key=bytes(32)), p, size=16, blocks=60, day=DAYS
    )


def _on(like: LikeCast, day: int) -> LikeCast:
    at = stories.NOON + day * stories.DAY
    return LikeCast(like.voter, "a", f"2021-06-{7 + day:02d}", at, like.door, None, like.signals)


def decide_block(writer: VoteWriter, p: int, *, size: int, blocks: int, day: int = 0) -> Block:
    """Return a block that decides so many waiting likes, in messages of at most 256, made beforehand."""
    waiting = deque(islice(_bodies(size, stories.NOON + day * stories.DAY), ROUNDS * blocks + 2))

    def decide() -> int:
        orders = [order for body in waiting.popleft() for order in wire.read_batch(body)]
        answers = writer.decide(p, orders)
        assert {each["status"] for each in answers} == {"counted"}
        wire.write_answers(answers)
        return len(answers)

    return decide


def _bodies(size: int, at: int) -> Iterator[list[bytes]]:
    source = likes(seed=99)
    while True:
        orders = [
            {"id": f"{n:x}", "voter": secrets.token_hex(12), "entry": "a", "do": "like", "at": at, "door": "wechat",
             "held": None, "receipt": None, "signals": next(source).signals}
            for n in range(size)
        ]  # fmt: skip
        yield [batch(orders[k : k + 256]) for k in range(0, size, 256)]
