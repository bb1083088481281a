"""The judge itself: a history that holds is found so, and each invariant can be broken."""

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
    WindowAsked,
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
    """Commits of these events."""
    head, commits = Head(log), []
    for k, events in enumerate(batches):
        told = [Answered(f"{log}-{k}", "test", "", "", 0, len(events))]
        stamp = Stamp(f"{k:032x}", bytes([k]) * 32, START + k)
        commits.append(Commit(form(head, events, commands=told, stamp=stamp)))
        head = head.after(commits[-1].document)
    return commits


def told(voter: str, entry: str, at: int, status: str, do: str = "like", **more: str) -> list[Seen]:
    return [Ordered(voter, entry, do, at), LikeSeen(voter, entry, do, at, status, **more)]


def folded(logs: dict[str, list[Commit]]) -> tuple[Cut, bytes]:
    projector = Projector(RankingProjection())
    for commits in logs.values():
        for commit in commits:
            projector.take_in(commit)
    return projector.cut, projector.canonical()


def sound() -> Evidence:
    """Two likes of v, one unlike, one refusal, one that nobody knows of, and everything else as it should be."""
    moved = WindowMoved("likes", START, NEW_END, "shorter", "o", START)
    logs = {
        "moderation": stored("moderation", list(opened(per_day=2, per_type=1)), [moved]),
        "vote.0": stored("vote.0", [liked("a", NOON), liked("c", NOON + 1)], [unliked("vote.0/1/0", "a", NOON + 2)]),
    }
    seen: list[Seen] = [
        *told("v", "a", NOON, "counted", receipt=FIRST),
        *told("v", "c", NOON + 1, "counted", receipt=SECOND),
        *told("v", "a", NOON + 2, "gone", do="unlike"),
        *told("w", "a", NOON + 3, "unknown", ticket="t"),
        *told("x", "zzz", NOON + 4, "refused", code="entry-unknown"),
        WindowAsked(START, NEW_END),
        CommandSeen("k", "moderation", "reason='shorter'", "ok", "{}"),
        WindowShown(START, NEW_END),
        *told("x", "a", NEW_END, "refused", code="window-closed"),
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
        behind={"the table in vote.0": 0},
        said={"gateway.log": "all is well"},
        personal=frozenset({SECRET}),
    )


def heard(*more: Seen) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, seen=[*evidence.seen, *more])


def first_heard(*more: Seen) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, seen=[*more, *evidence.seen])


def votes(*batches: list[Any]) -> Callable[[Evidence], Evidence]:
    """Other votes, in the table too."""

    def change(evidence: Evidence) -> Evidence:
        logs = {**evidence.logs, "vote.0": stored("vote.0", *batches)}
        return replace(evidence, logs=logs, table=folded({log: list(each) for log, each in logs.items()}))

    return change


def given(**more: Any) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, **more)


def dropped(log: str, *numbers: int) -> Callable[[Evidence], Evidence]:
    def change(evidence: Evidence) -> Evidence:
        return replace(
            evidence, logs={**evidence.logs, log: [each for each in evidence.logs[log] if each.n not in numbers]}
        )

    return change


def altered(**fields: Any) -> Callable[[Evidence], Evidence]:
    """The last vote commit with these fields of its document."""

    def change(evidence: Evidence) -> Evidence:
        *before, last = evidence.logs["vote.0"]
        return replace(evidence, logs={**evidence.logs, "vote.0": [*before, Commit({**last.document, **fields})]})

    return change


def moved_to(start: int, end: int) -> Callable[[Evidence], Evidence]:
    """The one move of the likes window was to this, and nobody was told that it is closed."""

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
    "a counted like that is not stored": ("acked", heard(*told("y", "a", NOON + 9, "counted"))),
    "a pending like that is not stored": ("acked", heard(*told("y", "a", NOON + 9, "pending"))),
    "a counted like that is stored twice": (
        "acked",
        votes(
            [liked("a", NOON), liked("c", NOON + 1)],
            [unliked("vote.0/1/0", "a", NOON + 2)],
            [liked("a", NOON)],
        ),
    ),
    "an unlike of nothing, though the like stood": ("acked", heard(*told("v", "c", NOON + 9, "gone", do="unlike"))),
    "a like that was there already, and was not": ("acked", heard(*told("y", "a", NOON + 9, "already"))),
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
        votes(
            [liked("a", NOON), liked("c", NOON + 1)],
            [unliked("vote.0/1/0", "a", NOON + 2)],
            [liked("a", NOON + 3, voter="w"), liked("a", NOON + 3, voter="w")],
        ),
    ),
    "a like that nobody sent": (
        "unknown",
        votes(
            [liked("a", NOON), liked("c", NOON + 1)],
            [unliked("vote.0/1/0", "a", NOON + 2), liked("a", NOON + 5, voter="z")],
        ),
    ),
    "two of one type": (
        "limits",
        votes([liked("a", NOON), liked("b", NOON + 3)], [unliked("vote.0/1/0", "a", NOON + 2)]),
    ),
    "one too many a day": (
        "limits",
        lambda e: replace(e, logs={**e.logs, "moderation": stored("moderation", list(opened(per_day=1, per_type=1)))}),
    ),
    "liked twice": (
        "limits",
        votes([liked("a", NOON), liked("c", NOON + 1), liked("a", NOON + 3)], [unliked("vote.0/1/2", "a", NOON + 2)]),
    ),
    "an unlike of nothing": (
        "limits",
        votes([liked("a", NOON), liked("c", NOON + 1)], [unliked("vote.0/9/9", "a", NOON + 2)]),
    ),
    "a like beyond the window that is in force": (
        "window",
        lambda evidence: heard(*told("x", "a", NEW_END + 1, "counted"))(
            votes(
                [liked("a", NOON), liked("c", NOON + 1)],
                [unliked("vote.0/1/0", "a", NOON + 2), liked("a", NEW_END + 1, voter="x")],
            )(evidence)
        ),
    ),
    "a like beyond every window": (
        "window",
        votes([liked("a", NOON), liked("c", NOON + 1), liked("c", END, voter="w", day=4)], [ClockMoved(START, "o")]),
    ),
    "a like beyond the window, which was moved only afterwards": (
        "window",
        lambda evidence: first_heard(*told("y", "c", END, "counted"))(
            moved_to(START, END + HOUR)(
                votes(
                    [liked("a", NOON), liked("c", NOON + 1), liked("c", END, voter="y", day=4)],
                    [unliked("vote.0/1/0", "a", NOON + 2)],
                )(evidence)
            )
        ),
    ),
    "a like after the close": (
        "window",
        votes([liked("a", NOON)], [PollClosed(0, NOON)], [liked("c", NOON + 1), unliked("vote.0/1/0", "a", NOON + 2)]),
    ),
    "a like of another day": (
        "window",
        votes([liked("a", NOON), liked("c", NOON + 1, day=2)], [unliked("vote.0/1/0", "a", NOON + 2)]),
    ),
    "a like in the window that was told that it is closed": (
        "window",
        first_heard(*told("x", "b", NOON + 5, "refused", code="window-closed")),
    ),
    "a table that is not the fold": ("ranking", lambda e: replace(e, table=(e.table[0], b"{}"))),
    "a rebuild that differs": ("ranking", given(rebuilt={"streams": "/likes: 1 live, 2 rebuilt"})),
    "a page that is not the view": ("ranking", given(pages=[Page("/leaderboard", 1, 2)])),
    "a receipt of nothing": (
        "receipts",
        heard(*told("w", "b", NOON + 3, "already", receipt=receipt(KEY, "vote.0/7/0"))),
    ),
    "a receipt of somebody else's like": ("receipts", heard(*told("w", "c", NOON + 3, "already", receipt=SECOND))),
    "a receipt of another order": ("receipts", heard(LikeSeen("v", "a", "like", NOON + 9, "counted", receipt=FIRST))),
    "a receipt that the gateway does not know": ("receipts", given(receipts={FIRST: None})),
    "a receipt that the gateway answers otherwise": ("receipts", given(receipts={FIRST: {"entry": "b"}})),
    "a ticket with two answers": ("tickets", heard(TicketSeen("w", "a", "u", (("gone", ""), ("type-limit", ""))))),
    "a ticket that is never answered": ("tickets", heard(TicketSeen("w", "a", "u", (("accepted", ""),) * 2))),
    "a ticket whose receipt is another's": ("tickets", heard(TicketSeen("w", "a", "u", (("counted", FIRST),) * 2))),
    "a like that the voter is not shown": ("shown", heard(ListSeen("v", ()))),
    "an unlike that the voter is not shown": ("shown", heard(ListSeen("v", ("a", "c")))),
    "an accepted command that is nowhere": ("commands", heard(CommandSeen("q", "moderation", "no", "ok", ""))),
    "a refused command that is there": ("commands", heard(CommandSeen("q", "moderation", "'shorter'", "refused"))),
    "a command with two answers": ("commands", heard(CommandSeen("k", "moderation", "reason='shorter'", "ok", "[]"))),
    "a hole": ("chain", dropped("vote.0", 1)),
    "a number that is left out": ("chain", altered(n=3)),
    "a commit that names another before it": ("chain", altered(prev=b"\0" * 32)),
    "a commit that is older than the one before it": ("chain", altered(time=START - 1)),
    "a commit whose root is not that of its events": ("chain", altered(leaf_root=b"\0" * 32)),
    "a lag that stays": ("lag", given(behind={"the relay in vote.0": 3})),
    "an openid in a log": ("privacy", given(said={"gateway.log": f"like by {SECRET}"})),
    "a log that begins with an openid": ("privacy", given(said={"gateway.log": SECRET})),
}  # fmt: skip


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
    change = votes([liked("a", NOON), liked("c", NOON + 1)], [unliked("vote.0/1/0", "a", NOON + 2), late])

    before = judge(first_heard(*told("y", "a", at, "counted"))(change(sound())))
    meanwhile = judge(first_heard(Ordered("y", "a", "like", at))(change(sound())))

    assert before["window"] == meanwhile["window"] == []


def test_what_is_not_in_the_evidence_is_not_asked():
    bare = replace(sound(), seen=[], table=None, behind=None, said=None)

    unasked = {name for name, found in judge(bare).items() if found is None}

    assert unasked == set(INVARIANTS) - {"unknown", "limits", "window", "chain"}


def test_live_order_is_known_by_voter_and_entry():
    live = stored("moderation", list(opened(per_day=2, per_type=1, rehearsal=False)))
    evidence = replace(
        sound(),
        logs={"moderation": live, "vote.0": stored("vote.0", [liked("a", NOON)])},
        seen=told("v", "a", 0, "counted", receipt=FIRST),
        table=None,
    )

    assert lines(judge(evidence)) == []


@pytest.mark.parametrize(("at", "expected"), [(NOON + 5, []), (NOON + 6, ["acked"])], ids=["its own", "another"])
def test_first_answer_may_be_already_where_the_like_is_the_orders_own(at: int, expected: list[str]):
    """A writer died after it had stored the like, and the next one was given the order again."""
    stored_by_x = liked("b", NOON + 5, voter="x")
    evidence = votes([liked("a", NOON), liked("c", NOON + 1)], [unliked("vote.0/1/0", "a", NOON + 2), stored_by_x])(
        sound()
    )
    sent = told("x", "b", NOON + 5, "unknown") if expected else ()
    answered = told("x", "b", at, "already", receipt=receipt(KEY, "vote.0/2/1"))

    verdict = judge(heard(*answered, *sent)(evidence))

    assert [name for name, problems in verdict.items() if problems] == expected
