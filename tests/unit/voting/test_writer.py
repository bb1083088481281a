"""Tests of the vote writer over the ledger in memory: answers, commits, and closing the poll."""

import pytest
from prometheus_client import REGISTRY

from services.moderation import events as desk
from services.submission.events import EntryWithdrawn
from services.voting import orders as wire
from services.voting.domain import CastLike, ShowLikes
from services.voting.receipts import address_of, receipt
from services.voting.writer import AHEAD_MS, VoteWriter, campaign_time, rank
from shared.commit import (
    Answered,
    Commit,
    Head,
    Stamp,
    form,
)
from shared.decider import CommandEnvelope
from shared.ledger import PAGE
from shared.stamps import wall_ms
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.voting import batches
from tests.unit.voting.stories import (
    DAY,
    END,
    NOON,
    SEALED,
    START,
    opened,
)

KEY = bytes(range(32))


def ledger_with(*facts: object) -> MemoryLedger:
    ledger = MemoryLedger()
    told = (Answered("c", "o", "", "", 0, len(facts)),)
    ledger.insert(form(Head(wire.DESK_LOG), facts, commands=told, stamp=Stamp("u", bytes(32), 1)))
    return ledger


def live() -> tuple[object, ...]:
    """Return the ledger of `opened` for a live campaign, on the wall clock, in the middle of like week."""
    now = wall_ms()
    moved = desk.WindowMoved("likes", now - DAY, now + 7 * DAY, "o", "r", now)
    return (*opened(rehearsal=False), moved)


def unreadable(partition: int) -> float | None:
    said = {"log": f"vote.{partition}", "outcome": "order-unreadable"}
    return REGISTRY.get_sample_value("baijia_orders_total", said)


def batch(*orders: tuple[str, str, int], receipt: str | None = None, **seen: int) -> list[CommandEnvelope | None]:
    wired = [
        {"id": f"{k}", "voter": "v", "entry": entry, "do": do, "at": at, "door": "web", "signals": "c1.x",
         "receipt": receipt}
        for k, (do, entry, at) in enumerate(orders)
    ]  # fmt: skip
    return wire.read_batch(batches.batch(wired, **seen))


def test_batch_is_answered_in_order():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)

    answers = writer.decide(3, batch(("like", "a", NOON), ("like", "a", NOON + 1), ("like", "z", NOON)))

    assert [each["status"] for each in answers] == ["counted", "already", "refused"]
    assert [each["remaining"] for each in answers[:2]] == [19, 19]
    assert answers[2]["code"] == "entry-unknown"


def test_counted_like_and_its_repeat_have_the_same_receipt():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)

    first, again = writer.decide(3, batch(("like", "a", NOON), ("like", "a", NOON)))

    assert first["receipt"] == again["receipt"]
    assert address_of(KEY, first["receipt"]) == "vote.3/1/0"


def test_like_that_stands_is_never_answered_as_taken_back():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)
    writer.decide(3, batch(("like", "a", NOON)))

    answers = writer.decide(3, batch(*(("unlike", "a", at) for at in (NOON, NOON + DAY, END, END + DAY))))

    assert [each["code"] for each in answers] == ["like-not-older", "no-like-today", "window-closed", "window-closed"]


def test_receipt_takes_back_its_like_at_the_same_instant_and_on_a_later_day_once():
    for at in (NOON, NOON + 2 * DAY):
        ledger = ledger_with(*opened())
        (counted,) = VoteWriter("t", ledger, receipt_key=KEY).decide(3, batch(("like", "a", NOON)))
        writer = VoteWriter("t", ledger, receipt_key=KEY)

        answers = [
            writer.decide(3, batch(("unlike", "a", at + k), receipt=counted["receipt"]))[0]["status"] for k in (0, 1)
        ]

        assert answers == ["gone", "gone"]
        assert ledger.head("vote.3") == 2


def test_receipt_of_nothing_takes_nothing_back():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)
    writer.decide(3, batch(("like", "a", NOON)))
    unsigned, of_another_partition, of_no_event = (
        "3.1.0.0123456789abcdef", receipt(KEY, "vote.2/1/0"), receipt(KEY, "vote.3/1/7")
    )  # fmt: skip

    answers = [
        writer.decide(3, batch(("unlike", "a", NOON + 1), receipt=each))[0]["code"]
        for each in (unsigned, of_another_partition, of_no_event)
    ]

    assert answers == ["receipt-unknown"] * 3


def test_second_writer_answers_what_the_first_has_stored():
    ledger = ledger_with(*opened())
    VoteWriter("t", ledger, receipt_key=KEY).decide(3, batch(("like", "a", NOON)))

    (answer,) = VoteWriter("t", ledger, receipt_key=KEY).decide(3, batch(("like", "a", NOON)))

    assert answer["status"] == "already"
    assert ledger.head("vote.3") == 1


def test_writer_that_slept_answers_from_the_ledger_and_not_from_its_old_state():
    ledger = ledger_with(*opened())
    sleeper, other = VoteWriter("t", ledger, receipt_key=KEY), VoteWriter("t", ledger, receipt_key=KEY)
    sleeper.decide(3, batch(("like", "a", NOON)))
    other.decide(3, batch(("unlike", "a", NOON + 1)))

    (answer,) = sleeper.decide(3, batch(("like", "a", NOON)))

    assert answer["status"] == "gone"


def test_freeze_that_the_gateway_saw_is_seen_by_the_writer():
    ledger = ledger_with(*opened())
    writer = VoteWriter("t", ledger, receipt_key=KEY)
    writer.decide(3, batch(("like", "a", NOON)))
    head = Head(wire.DESK_LOG, 1)
    frozen = [desk.EntryFrozen("b", "r", "m", NOON)]
    ledger.insert(form(head, frozen, commands=[Answered("f", "m", "", "", 0, 1)], stamp=Stamp("w", bytes(32), 2)))

    (answer,) = writer.decide(3, batch(("like", "b", NOON), moderation=2))

    assert answer["code"] == "entry-frozen"


def test_withdrawal_that_the_gateway_saw_is_seen_by_the_writer():
    ledger = ledger_with(*opened())
    writer = VoteWriter("t", ledger, receipt_key=KEY)
    writer.decide(3, batch(("like", "a", NOON)))
    told = [Answered("w", "u", "", "", 0, 1)]
    withdrawn = [EntryWithdrawn("b", "u", "r", NOON)]
    ledger.insert(form(Head("submission"), withdrawn, commands=told, stamp=Stamp("w", bytes(32), 2)))

    (answer,) = writer.decide(3, batch(("like", "b", NOON), submission=1))

    assert answer["code"] == "entry-withdrawn"


def test_likes_of_today_are_shown_with_their_receipts():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)
    writer.decide(3, batch(("like", "a", NOON), ("like", "c", NOON + 1), ("unlike", "a", NOON + 2)))

    (shown,) = writer.decide(3, [CommandEnvelope("s", "v", ShowLikes("v", NOON + 3))])

    assert [(each["entry"], each["status"]) for each in shown["likes"]] == [("c", "counted")]
    assert shown["remaining"] == 19


@pytest.mark.parametrize("at", [START - 1, END], ids=["before likes open", "when they have closed"])
def test_nothing_is_left_to_like_outside_the_window(at: int):
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)

    (shown,) = writer.decide(3, [CommandEnvelope("s", "v", ShowLikes("v", at))])

    assert (shown["likes"], shown["remaining"]) == ([], 0)


def test_held_like_is_pending_and_shown_so_until_it_is_taken_back():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)
    held = CommandEnvelope("h", "v", CastLike("v", "a", NOON, "web", "young account", SEALED))

    answers = writer.decide(3, [held, CommandEnvelope("s", "v", ShowLikes("v", NOON + 1))])
    (gone,) = writer.decide(3, batch(("unlike", "a", NOON + 2)))

    assert [answers[0]["status"], *(each["status"] for each in answers[1]["likes"])] == ["pending", "pending"]
    assert (gone["status"], gone["remaining"]) == ("gone", 20)


def test_order_that_cannot_be_read_is_refused_in_its_place_and_the_others_are_counted():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)

    answers = writer.decide(3, batch(("like", "a", NOON), ("adore", "b", NOON), ("like", "c", NOON)))

    assert [each.get("code", each["status"]) for each in answers] == ["counted", "order-unreadable", "counted"]


def test_unreadable_orders_are_counted_from_0_on_so_that_an_alert_sees_the_first():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)
    writer.decide(111, batch(("like", "a", NOON)))
    before = unreadable(111)

    writer.decide(111, batch(("adore", "a", NOON), ("hate", "a", NOON)))

    assert (before, unreadable(111)) == (0.0, 2.0)


@pytest.mark.parametrize(
    ("ahead_ms", "told"),
    [
        pytest.param(0, "counted", id="on time"),
        pytest.param(AHEAD_MS - 60_000, "counted", id="nine minutes ahead"),
        pytest.param(AHEAD_MS + 60_000, "clock-ahead", id="eleven minutes ahead"),
    ],
)
def test_live_order_from_far_ahead_of_the_writers_clock_is_refused_undecided(ahead_ms: int, told: str):
    ledger = ledger_with(*live())
    writer = VoteWriter("t", ledger, receipt_key=KEY)

    before, ahead, after = writer.decide(
        3, batch(("like", "a", wall_ms()), ("like", "b", wall_ms() + ahead_ms), ("like", "c", wall_ms()))
    )

    assert [each.get("code", each["status"]) for each in (before, ahead, after)] == ["counted", told, "counted"]
    assert len(ledger.read("vote.3", 0)[0].events()) == (3 if told == "counted" else 2)


def test_live_order_from_far_ahead_does_not_end_the_day_of_the_others():
    writer = VoteWriter("t", ledger_with(*live()), receipt_key=KEY)
    now = wall_ms()
    writer.decide(3, batch(("like", "a", now), ("like", "b", now + 3 * DAY)))

    (answer,) = writer.decide(3, batch(("like", "a", now + 1)))

    assert answer["status"] == "already"


def test_rehearsal_takes_any_instant_of_its_callers():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)

    (answer,) = writer.decide(3, batch(("like", "a", NOON + AHEAD_MS + 60_000)))

    assert answer["status"] == "counted"


def test_rehearsal_closes_by_its_clock():
    ledger = ledger_with(*opened(), desk.ClockMoved(END + 4_999, "o"))
    writer = VoteWriter("t", ledger, receipt_key=KEY)

    writer.close_expired_polls(1, campaign_time)
    before = ledger.head("vote.0")
    moved = [desk.ClockMoved(END + 5_000, "o")]
    told = [Answered("m", "o", "", "", 0, 1)]
    ledger.insert(form(Head(wire.DESK_LOG, 1), moved, commands=told, stamp=Stamp("w", bytes(32), 2)))
    writer.close_expired_polls(1, campaign_time)

    assert (before, ledger.head("vote.0")) == (0, 1)


def test_partitions_close_when_their_time_has_come_and_only_once():
    ledger = ledger_with(*opened())
    writer = VoteWriter("t", ledger, receipt_key=KEY)

    writer.close_expired_polls(2, lambda _: END)
    before = [ledger.head("vote.0"), ledger.head("vote.1")]
    for _ in range(2):
        writer.close_expired_polls(2, lambda _: END + 5_000)

    assert before == [0, 0]
    assert [ledger.head("vote.0"), ledger.head("vote.1")] == [1, 1]


def test_more_than_a_commit_holds_goes_into_the_next():
    writer = VoteWriter("t", ledger_with(*opened()), receipt_key=KEY)
    likes = [CastLike(f"v{k}", "a", NOON, "web", None, SEALED) for k in range(300)]

    answers = writer.decide(3, [CommandEnvelope(like.voter, like.voter, like) for like in likes])

    assert [each["status"] for each in answers] == ["counted"] * 300
    assert writer.partition(3).head.n == 2


def test_rank_moves_only_the_partitions_that_the_new_writer_wins():
    def owners(*writers: str) -> list[str]:
        return [max(writers, key=lambda writer: rank(writer, p)) for p in range(64)]

    before, after = owners("w1", "w2"), owners("w1", "w2", "w3")

    assert {"w3"} == {new for old, new in zip(before, after, strict=True) if old != new}


class CountedLedger(MemoryLedger):
    """Counts the reads of moderation's log."""

    reads = 0

    def read(self, log: str, after: int, *, limit: int = PAGE, commands: bool = True) -> list[Commit]:
        self.reads += log == wire.DESK_LOG
        return super().read(log, after, limit=limit, commands=commands)


def test_news_of_the_desk_are_read_once_for_all_partitions():
    ledger = CountedLedger()
    desk_says(ledger, *opened())
    writer = VoteWriter("t", ledger, receipt_key=KEY)
    writer.decide_all({p: batch(("like", "a", NOON)) for p in range(8)})
    desk_says(ledger, desk.EntryFrozen("a", "checked", "m", NOON))
    ledger.reads = 0

    answers = writer.decide_all(
        {p: batch(("like", "a", NOON + 1), ("like", "b", NOON + 1), moderation=2) for p in range(8)}
    )

    assert ledger.reads == 1
    assert [[each["status"] for each in answers[p]] for p in range(8)] == [["already", "counted"]] * 8


def test_partition_that_comes_later_knows_what_the_others_know_of_the_desk():
    ledger = CountedLedger()
    desk_says(ledger, *opened())
    desk_says(ledger, desk.EntryFrozen("a", "checked", "m", NOON))
    writer = VoteWriter("t", ledger, receipt_key=KEY)
    writer.decide(0, batch(("like", "b", NOON), moderation=2))

    (answer,) = writer.decide(1, batch(("like", "a", NOON), moderation=2))

    assert answer["code"] == "entry-frozen"
    assert writer.partition(1).state.desk is writer.partition(0).state.desk


def desk_says(ledger: MemoryLedger, *facts: object) -> None:
    """Append the next commit of moderation's log."""
    head = Head(wire.DESK_LOG)
    for commit in ledger.read(wire.DESK_LOG, 0):
        head = head.after(commit.document)
    told = (Answered("c", "o", "", "", 0, len(facts)),)
    ledger.insert(form(head, facts, commands=told, stamp=Stamp(f"u{head.n}", bytes(32), 1)))
