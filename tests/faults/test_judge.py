"""Tests of the judge itself: it accepts a sound history, and each invariant can be violated."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.moderation.events import ClockMoved, WindowMoved
from services.ranking.read_model.projection import RankingProjection
from services.voting.events import PollClosed
from services.voting.receipts import receipt
from shared.commit import (
    Answered,
    Commit,
    Head,
    Stamp,
    form,
)
from shared.cut import Cut
from shared.projection import Projector
from tests.faults.evidence import Evidence, Page
from tests.faults.history import (
    CommandSeen,
    LikeSeen,
    ListSeen,
    Ordered,
    Seen,
    TicketSeen,
    WindowRequested,
    WindowShown,
)
from tests.faults.judge import INVARIANTS, judge, lines
from tests.unit.voting.stories import (
    END,
    HOUR,
    NOON,
    START,
    liked,
    opened,
    unliked,
)

KEY = b"k" * 32
NEW_END = NOON + HOUR
FIRST, SECOND = receipt(KEY, "vote.0/1/0"), receipt(KEY, "vote.0/1/1")
SECRET = "openid-of-somebody"


def stored(log: str, *batches: list[Any]) -> list[Commit]:
    """Return commits of these events, one commit for each batch."""
    head, commits = Head(log), []
    for k, events in enumerate(batches):
        exchange = [Answered(f"{log}-{k}", "test", "", "", 0, len(events))]
        stamp = Stamp(f"{k:032x}", bytes([k]) * 32, START + k)
        commits.append(Commit(form(head, events, commands=exchange, stamp=stamp)))
        head = head.after(commits[-1].document)
    return commits


def exchange(voter: str, entry: str, at: int, status: str, do: str = "like", **more: str) -> list[Seen]:
    """Return an order and the answer to it, as they stand in a history."""
    return [Ordered(voter, entry, do, at), LikeSeen(voter, entry, do, at, status, **more)]


def folded(logs: dict[str, list[Commit]]) -> tuple[Cut, bytes]:
    """Return the cut and the canonical bytes of the ranking projection of these logs."""
    projector = Projector(RankingProjection())
    for commits in logs.values():
        for commit in commits:
            projector.take_in(commit)
    return projector.cut, projector.canonical()


def sound() -> Evidence:
    """Return sound evidence: two likes and an unlike by v, a refusal, an order with an unknown outcome, and all the
    rest as it should be.
    """
    moved = WindowMoved("likes", START, NEW_END, "shorter", "o", START)
    logs = {
        "moderation": stored("moderation", list(opened(per_day=2, per_type=1)), [moved]),
        "vote.0": stored("vote.0", [liked("a", NOON), liked("c", NOON + 1)], [unliked("vote.0/1/0", "a", NOON + 2)]),
    }
    seen: list[Seen] = [
        *exchange("v", "a", NOON, "counted", receipt=FIRST),
        *exchange("v", "c", NOON + 1, "counted", receipt=SECOND),
        *exchange("v", "a", NOON + 2, "gone", do="unlike"),
        *exchange("w", "a", NOON + 3, "unknown", ticket="t"),
        *exchange("x", "zzz", NOON + 4, "refused", code="entry-unknown"),
        WindowRequested(START, NEW_END),
        CommandSeen("k", "moderation", "reason='shorter'", "ok", "{}"),
        WindowShown(START, NEW_END),
        *exchange("x", "a", NEW_END, "refused", code="window-closed"),
        ListSeen("v", ("c",)),
        TicketSeen("w", "a", "t", (("type-limit", ""), ("type-limit", ""))),
    ]
    return Evidence(
        seen=seen,
        logs=logs,
        receipt_key=KEY,
        receipts={FIRST: {"entry": "a", "day": "2021-06-07", "at": NOON, "address": "vote.0/1/0"}},
        table=folded(logs),
        rebuilt={"ledger": None, "streams": None},
        pages=[Page("/campaign", 1, 1)],
        behind={"projection of vote.0": 0},
        output={"gateway.log": "all is well"},
        personal=frozenset({SECRET}),
    )


def with_seen(*more: Seen) -> Callable[[Evidence], Evidence]:
    """Return a change that appends to the history."""
    return lambda evidence: replace(evidence, seen=[*evidence.seen, *more])


def with_first_seen(*more: Seen) -> Callable[[Evidence], Evidence]:
    """Return a change that puts these notes first in the history."""
    return lambda evidence: replace(evidence, seen=[*more, *evidence.seen])


def with_votes(*batches: list[Any]) -> Callable[[Evidence], Evidence]:
    """Return a change to other stored votes, with a projection that matches them."""

    def change(evidence: Evidence) -> Evidence:
        logs = {**evidence.logs, "vote.0": stored("vote.0", *batches)}
        return replace(evidence, logs=logs, table=folded({log: list(each) for log, each in logs.items()}))

    return change


def with_fields(**more: Any) -> Callable[[Evidence], Evidence]:
    """Return a change of fields of the evidence."""
    return lambda evidence: replace(evidence, **more)


def without_commits(log: str, *numbers: int) -> Callable[[Evidence], Evidence]:
    """Return a change that removes commits from a log."""

    def change(evidence: Evidence) -> Evidence:
        return replace(
            evidence, logs={**evidence.logs, log: [each for each in evidence.logs[log] if each.n not in numbers]}
        )

    return change


def with_last_vote(**fields: Any) -> Callable[[Evidence], Evidence]:
    """Return a change of fields in the document of the last vote commit."""

    def change(evidence: Evidence) -> Evidence:
        *before, last = evidence.logs["vote.0"]
        return replace(evidence, logs={**evidence.logs, "vote.0": [*before, Commit({**last.document, **fields})]})

    return change


def with_move(start: int, end: int) -> Callable[[Evidence], Evidence]:
    """Return a change to another move of the likes window, without the refusals that the old one caused."""

    def change(evidence: Evidence) -> Evidence:
        move = WindowMoved("likes", start, end, "", "o", START)
        desk = stored("moderation", list(opened(per_day=2, per_type=1)), [move])
        seen = [each for each in evidence.seen if getattr(each, "code", "") != "window-closed"]
        return replace(evidence, logs={**evidence.logs, "moderation": desk}, seen=seen)

    return change


def test_history_that_holds_breaks_nothing_and_every_invariant_is_asked():
    verdict = judge(sound())

    assert verdict == {name: [] for name in INVARIANTS}


BROKEN = {
    "a counted like that is not stored": ("acked", with_seen(*exchange("y", "a", NOON + 9, "counted"))),
    "a pending like that is not stored": ("acked", with_seen(*exchange("y", "a", NOON + 9, "pending"))),
    "a counted like that is stored twice": (
        "acked",
        with_votes(
            [liked("a", NOON), liked("c", NOON + 1)],
            [unliked("vote.0/1/0", "a", NOON + 2)],
            [liked("a", NOON)],
        ),
    ),
    "an unlike of nothing, though the like stood": (
        "acked",
        with_seen(*exchange("v", "c", NOON + 9, "gone", do="unlike")),
    ),
    "a like that was there already, and was not": ("acked", with_seen(*exchange("y", "a", NOON + 9, "already"))),
    "a refused like that is stored": (
        "refused",
        lambda evidence: replace(
            evidence,
            seen=[
                replace(each, status="refused", receipt="")
                if isinstance(each, LikeSeen) and (each.entry, each.do) == ("c", "like")
                else each
                for each in evidence.seen
            ],
        ),
    ),
    "an unanswered like that is stored twice": (
        "unknown",
        with_votes(
            [liked("a", NOON), liked("c", NOON + 1)],
            [unliked("vote.0/1/0", "a", NOON + 2)],
            [liked("a", NOON + 3, voter="w"), liked("a", NOON + 3, voter="w")],
        ),
    ),
    "a like that nobody sent": (
        "unknown",
        with_votes(
            [liked("a", NOON), liked("c", NOON + 1)],
            [unliked("vote.0/1/0", "a", NOON + 2), liked("a", NOON + 5, voter="z")],
        ),
    ),
    "two of one type": (
        "limits",
        with_votes([liked("a", NOON), liked("b", NOON + 3)], [unliked("vote.0/1/0", "a", NOON + 2)]),
    ),
    "one too many a day": (
        "limits",
        lambda e: replace(e, logs={**e.logs, "moderation": stored("moderation", list(opened(per_day=1, per_type=1)))}),
    ),
    "liked twice": (
        "limits",
        with_votes(
            [liked("a", NOON), liked("c", NOON + 1), liked("a", NOON + 3)], [unliked("vote.0/1/2", "a", NOON + 2)]
        ),
    ),
    "an unlike of nothing": (
        "limits",
        with_votes([liked("a", NOON), liked("c", NOON + 1)], [unliked("vote.0/9/9", "a", NOON + 2)]),
    ),
    "a like beyond the window that is in force": (
        "window",
        lambda evidence: with_seen(*exchange("x", "a", NEW_END + 1, "counted"))(
            with_votes(
                [liked("a", NOON), liked("c", NOON + 1)],
                [unliked("vote.0/1/0", "a", NOON + 2), liked("a", NEW_END + 1, voter="x")],
            )(evidence)
        ),
    ),
    "a like beyond every window": (
        "window",
        with_votes(
            [liked("a", NOON), liked("c", NOON + 1), liked("c", END, voter="w", day=4)], [ClockMoved(START, "o")]
        ),
    ),
    "a like beyond the window, which was moved only afterwards": (
        "window",
        lambda evidence: with_first_seen(*exchange("y", "c", END, "counted"))(
            with_move(START, END + HOUR)(
                with_votes(
                    [liked("a", NOON), liked("c", NOON + 1), liked("c", END, voter="y", day=4)],
                    [unliked("vote.0/1/0", "a", NOON + 2)],
                )(evidence)
            )
        ),
    ),
    "a like after the close": (
        "window",
        with_votes(
            [liked("a", NOON)], [PollClosed(0, NOON)], [liked("c", NOON + 1), unliked("vote.0/1/0", "a", NOON + 2)]
        ),
    ),
    "a like of another day": (
        "window",
        with_votes([liked("a", NOON), liked("c", NOON + 1, day=2)], [unliked("vote.0/1/0", "a", NOON + 2)]),
    ),
    "a like in the window that was told that it is closed": (
        "window",
        with_first_seen(*exchange("x", "b", NOON + 5, "refused", code="window-closed")),
    ),
    "a table that is not the fold": ("ranking", lambda e: replace(e, table=(e.table[0], b"{}"))),
    "a rebuild that differs": ("ranking", with_fields(rebuilt={"streams": "/likes: 1 live, 2 rebuilt"})),
    "a page that is not the view": ("ranking", with_fields(pages=[Page("/leaderboard", 1, 2)])),
    "a receipt of nothing": (
        "receipts",
        with_seen(*exchange("w", "b", NOON + 3, "already", receipt=receipt(KEY, "vote.0/7/0"))),
    ),
    "a receipt of somebody else's like": (
        "receipts",
        with_seen(*exchange("w", "c", NOON + 3, "already", receipt=SECOND)),
    ),
    "a receipt of another order": (
        "receipts",
        with_seen(LikeSeen("v", "a", "like", NOON + 9, "counted", receipt=FIRST)),
    ),
    "a receipt that the gateway does not know": ("receipts", with_fields(receipts={FIRST: None})),
    "a receipt that the gateway answers otherwise": ("receipts", with_fields(receipts={FIRST: {"entry": "b"}})),
    "a ticket with two answers": ("tickets", with_seen(TicketSeen("w", "a", "u", (("gone", ""), ("type-limit", ""))))),
    "a ticket that is never exchanged": ("tickets", with_seen(TicketSeen("w", "a", "u", (("accepted", ""),) * 2))),
    "a ticket whose receipt is another's": ("tickets", with_seen(TicketSeen("w", "a", "u", (("counted", FIRST),) * 2))),
    "a like that the voter is not shown": ("shown", with_seen(ListSeen("v", ()))),
    "an unlike that the voter is not shown": ("shown", with_seen(ListSeen("v", ("a", "c")))),
    "an accepted command that is nowhere": ("commands", with_seen(CommandSeen("q", "moderation", "no", "ok", ""))),
    "a refused command that is there": ("commands", with_seen(CommandSeen("q", "moderation", "'shorter'", "refused"))),
    "a command with two answers": (
        "commands",
        with_seen(CommandSeen("k", "moderation", "reason='shorter'", "ok", "[]")),
    ),
    "a hole": ("chain", without_commits("vote.0", 1)),
    "a number that is left out": ("chain", with_last_vote(n=3)),
    "a commit that names another before it": ("chain", with_last_vote(prev=b"\0" * 32)),
    "a commit that is older than the one before it": ("chain", with_last_vote(time=START - 1)),
    "a commit whose root is not that of its events": ("chain", with_last_vote(leaf_root=b"\0" * 32)),
    "a lag that stays": ("lag", with_fields(behind={"relay of vote.0": 3})),
    "an openid in a log": ("privacy", with_fields(output={"gateway.log": f"like by {SECRET}"})),
    "a log that begins with an openid": ("privacy", with_fields(output={"gateway.log": SECRET})),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_history_is_found(name: str):
    invariant, change = BROKEN[name]

    verdict = judge(change(sound()))

    assert verdict[invariant], lines(verdict)


def test_every_invariant_is_shown_able_to_fail():
    assert {invariant for invariant, _ in BROKEN.values()} == set(INVARIANTS)


def test_like_while_the_window_moves_may_be_decided_by_either():
    at = NEW_END + 1
    late = liked("a", at, voter="y")
    change = with_votes([liked("a", NOON), liked("c", NOON + 1)], [unliked("vote.0/1/0", "a", NOON + 2), late])

    before = judge(with_first_seen(*exchange("y", "a", at, "counted"))(change(sound())))
    meanwhile = judge(with_first_seen(Ordered("y", "a", "like", at))(change(sound())))

    assert before["window"] == meanwhile["window"] == []


def test_what_is_not_in_the_evidence_is_not_asked():
    bare = replace(sound(), seen=[], table=None, behind=None, output=None)

    unasked = {name for name, found in judge(bare).items() if found is None}

    assert unasked == set(INVARIANTS) - {"unknown", "limits", "window", "chain"}


def test_live_order_is_known_by_voter_and_entry():
    live = stored("moderation", list(opened(per_day=2, per_type=1, rehearsal=False)))
    evidence = replace(
        sound(),
        logs={"moderation": live, "vote.0": stored("vote.0", [liked("a", NOON)])},
        seen=exchange("v", "a", 0, "counted", receipt=FIRST),
        table=None,
    )

    assert lines(judge(evidence)) == []


@pytest.mark.parametrize(("at", "expected"), [(NOON + 5, []), (NOON + 6, ["acked"])], ids=["its own", "another"])
def test_first_answer_may_be_already_where_the_like_is_the_orders_own(at: int, expected: list[str]):
    """A writer died after it stored the like, and the next writer received the order again."""
    stored_by_x = liked("b", NOON + 5, voter="x")
    evidence = with_votes(
        [liked("a", NOON), liked("c", NOON + 1)], [unliked("vote.0/1/0", "a", NOON + 2), stored_by_x]
    )(sound())
    sent = exchange("x", "b", NOON + 5, "unknown") if expected else ()
    repeat = exchange("x", "b", at, "already", receipt=receipt(KEY, "vote.0/2/1"))

    verdict = judge(with_seen(*repeat, *sent)(evidence))

    assert [name for name, problems in verdict.items() if problems] == expected
