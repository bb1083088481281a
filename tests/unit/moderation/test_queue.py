"""The review queue: which entries a page has, in which order, and how many each filter would show."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.request_schemas import QUEUE_FLAGS
from services.moderation import state as moderation_state
from services.moderation.events import (
    CampaignOpened,
    EntriesHandedOver,
    EntryApproved,
    EntryChecked,
    EntryClaimed,
    EntryFlagged,
    EntryReturned,
    EntryUnflagged,
    ItemCheck,
    Remark,
    TypeCorrectionAsked,
    UnitNameCorrected,
)
from services.moderation.queue_filters import FLAGS
from services.moderation.queue_index import SORTS
from services.moderation.queue_queries import queue_view
from services.moderation.schemas import Queue
from services.moderation.sorted_keys import MOST, SortedKeys
from services.moderation.state import ModerationState
from services.submission.events import AiUse, EntrySubmitted, EntryWithdrawn, File
from shared.decider import Refused
from tests.unit.moderation.test_domain import CAMPAIGN, NOON, REVIEW, opened

AT = REVIEW + 1
CARE = next(each.code for each in CAMPAIGN.themes if each.code != "home")


def handed(entry: str, version: int = 1, *, at: int = NOON, kind: str = "state", **more: Any) -> EntrySubmitted:
    fields = {"themes": ("home",), "late_pass": None, "city": "石家庄", "title": "题"} | more
    return EntrySubmitted(
        entry, version, entry.rpartition("-")[0], kind, fields["title"], "简介", "正文", fields["themes"], None, (),
        fields["late_pass"], at, f"{entry}的工会", fields["city"], "雇主",
    )  # fmt: skip


def folded(*events: object) -> ModerationState:
    state = ModerationState()
    for each in (opened(CAMPAIGN), *events):
        state = moderation_state.evolve(state, each)
    return state


def page(state: ModerationState, *, by: str = "mo", at: int = AT, hinted: Any = None, **wanted: Any) -> dict[str, Any]:
    found = queue_view(state, Queue().load(wanted), at=at, by=by, hinted=hinted)
    assert not isinstance(found, Refused)
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [each["entry"] for each in found["entries"]]


def claimed(entry: str, by: str, until: int = AT + 1) -> EntryClaimed:
    return EntryClaimed(entry, by, until, REVIEW)


FOUR = (
    handed("U1-1", at=NOON + 3, city="唐山"),
    handed("U2-1", at=NOON + 1, kind="private", themes=("home", CARE)),
    handed("U3-1", at=NOON + 2, late_pass="p1"),
    handed("U4-1", at=NOON, kind="private", city="唐山", title="夜班食堂"),
)
RETURNED = EntryReturned("U1-1", 1, (Remark("text", "太短"),), REVIEW + 9, "mo", REVIEW)


def test_corrected_entries_come_first_and_then_the_oldest() -> None:
    state = folded(*FOUR, RETURNED, handed("U1-1", 2, at=REVIEW + 5, city="唐山"))

    found = page(state)

    assert ids(found) == ["U1-1", "U4-1", "U2-1", "U3-1"]
    assert [each["corrected"] for each in found["entries"]] == [True, False, False, False]
    assert ids(page(state, sort="oldest")) == ["U4-1", "U2-1", "U3-1", "U1-1"]
    assert ids(page(state, sort="newest")) == ["U1-1", "U3-1", "U2-1", "U4-1"]


@pytest.mark.parametrize(
    ("wanted", "entries"),
    [
        ({"type": "private"}, ["U4-1", "U2-1"]),
        ({"theme": CARE}, ["U2-1"]),
        ({"city": "唐山"}, ["U4-1", "U1-1"]),
        ({"city": "唐山", "type": "private"}, ["U4-1"]),
        ({"flag": "late-pass"}, ["U3-1"]),
        ({"q": "食堂"}, ["U4-1"]),
        ({"q": "u3"}, ["U3-1"]),
        ({"status": "approved"}, []),
        ({"city": "邯郸"}, []),
    ],
)
def test_filter_leaves_what_fits_and_counts_it(wanted: dict[str, str], entries: list[str]) -> None:
    state = folded(*FOUR)

    found = page(state, **wanted)

    assert (ids(found), found["total"], found["pending"]) == (entries, len(entries), 4)


def test_each_filter_has_its_count() -> None:
    state = folded(*FOUR, claimed("U1-1", "mo"), claimed("U2-1", "ma"), claimed("U3-1", "ma", until=AT))

    facets = page(state)["facets"]

    assert facets["type"] == {"state": 2, "private": 2}
    assert facets["city"] == {"唐山": 2, "石家庄": 2}
    assert facets["flag"] == {"late-pass": 1, "not-checked": 4}
    assert facets["claimed"] == {"me": 1, "others": 1, "nobody": 2}
    assert facets["status"] == {
        "pending": 4, "approved": 0, "returned": 0, "rejected": 0, "withdrawn": 0, "disqualified": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("whose", "entries"), [("me", ["U1-1"]), ("others", ["U2-1"]), ("nobody", ["U4-1", "U3-1"])])
def test_claim_counts_until_it_ends(whose: str, entries: list[str]) -> None:
    state = folded(*FOUR, claimed("U1-1", "mo"), claimed("U2-1", "ma"), claimed("U3-1", "ma", until=AT))

    found = page(state, claimed=whose)

    assert (ids(found), found["total"]) == (entries, len(entries))


def test_entry_is_found_under_the_status_that_it_has_now() -> None:
    state = folded(
        *FOUR, EntryApproved("U1-1", 1, None, "mo", REVIEW), EntryWithdrawn("U2-1", "U2", "", REVIEW),
        EntryReturned("U3-1", 1, (Remark("text", "太短"),), REVIEW + 9, "mo", REVIEW),
    )  # fmt: skip

    shown = {status: ids(page(state, status=status)) for status in ("pending", "approved", "withdrawn", "returned")}

    assert shown == {"pending": ["U4-1"], "approved": ["U1-1"], "withdrawn": ["U2-1"], "returned": ["U3-1"]}


def test_flags_say_what_is_known_of_an_entry() -> None:
    hit = EntryChecked("U1-1", 1, "words", (ItemCheck("text", "hit", None, ()),), REVIEW)
    broken = EntryChecked("U2-1", 1, "film", (ItemCheck("files/0", "hit", None, ()),), REVIEW)
    waiting = EntryChecked("U2-1", 1, "wechat", (ItemCheck("text", "not-checked", "away", ()),), REVIEW)
    state = folded(
        *FOUR, hit, broken, waiting, EntryFlagged("U3-1", "symbols", "国旗", "mo", REVIEW),
        TypeCorrectionAsked("U4-1", "state", "填错", "U4", REVIEW),
        EntryChecked("U4-1", 1, "wechat", (ItemCheck("text", "clean", None, ()),), REVIEW),
    )  # fmt: skip

    flags = {each["entry"]: each["flags"] for each in page(state, hinted={"near-duplicate": {"U4-1"}})["entries"]}

    assert flags == {
        "U1-1": ["machine-hint"],
        "U2-1": ["film-unplayable", "not-checked"],
        "U3-1": ["late-pass", "not-checked", "symbols"],
        "U4-1": ["near-duplicate", "type-correction"],
    }
    assert ids(page(state, flag="symbols")) == ["U3-1"]
    assert ids(page(moderation_state.evolve(state, EntryUnflagged("U3-1", "symbols", "mo", AT)), flag="symbols")) == []


def test_hand_in_itself_says_that_it_is_late_managed_or_made_by_machines() -> None:
    labelled = File("a" * 64, "picture", "jpeg", "a.jpg", 9, 9, 9, 0, "", ("trainedAlgorithmicMedia",))
    made = replace(handed("U1-1"), by="federation", ai=(AiUse("text", "made"),), files=(labelled,), late_pass="p1")

    flags = page(folded(made, replace(handed("U2-1"), ai=())))["entries"]

    assert [each["flags"] for each in flags] == [
        ["ai-declared", "ai-labelled", "late-pass", "managed", "not-checked"], ["not-checked"],
    ]  # fmt: skip


def test_version_that_no_machine_has_seen_is_not_checked_whatever_was_found_in_the_one_before() -> None:
    clean = EntryChecked("U1-1", 1, "words", (ItemCheck("text", "clean", None, ()),), REVIEW)
    state = folded(*FOUR[:1], clean, RETURNED, handed("U1-1", 2, at=REVIEW + 5))

    assert page(state)["entries"][0]["flags"] == ["not-checked"]


@pytest.mark.parametrize("sort", SORTS)
def test_hints_from_beside_the_logs_are_filtered_in_the_same_order(sort: str) -> None:
    state = folded(*FOUR, RETURNED, handed("U1-1", 2, at=REVIEW + 5))
    hinted = {"near-duplicate": {"U1-1", "U2-1", "U4-1", "U9-1"}}

    found = page(state, flag="near-duplicate", sort=sort, hinted=hinted)
    rest = page(state, flag="near-duplicate", sort=sort, hinted=hinted, limit=1)
    rest = page(state, flag="near-duplicate", sort=sort, hinted=hinted, after=rest["next"])

    assert ids(found) == [each for each in ids(page(state, sort=sort)) if each != "U3-1"]
    assert (ids(rest), found["total"], found["facets"]["flag"]["near-duplicate"]) == (ids(found)[1:], 3, 3)


def test_share_of_a_moderator_is_a_filter() -> None:
    state = folded(*FOUR, EntriesHandedOver(("U1-1", "U4-1"), "ma", "mo", REVIEW))

    assert ids(page(state, share="ma")) == ["U4-1", "U1-1"]
    assert page(state)["facets"]["share"] == {"ma": 2}


def test_corrected_city_is_the_one_that_filters() -> None:
    state = folded(*FOUR, UnitNameCorrected("U1-1", "名", "保定", "错字", "olga", REVIEW))

    assert page(state)["facets"]["city"] == {"唐山": 1, "石家庄": 2, "保定": 1}


@pytest.mark.parametrize("sort", SORTS)
def test_pages_give_every_entry_once_while_the_first_are_decided(sort: str) -> None:
    entries = [handed(f"U{k}-1", at=NOON + k % 3) for k in range(7)]
    again = [EntryReturned("U5-1", 1, (Remark("text", "短"),), REVIEW + 9, "mo", REVIEW), handed("U5-1", 2, at=NOON)]
    state = folded(*entries, *again)
    whole, seen, after = ids(page(state, sort=sort)), [], None

    while True:
        found = page(state, sort=sort, limit=2, **({} if after is None else {"after": after}))
        seen += ids(found)
        after = found["next"]
        if after is None:
            break
        decided = EntryApproved(seen[-1], state.handed[seen[-1]].latest, None, "mo", REVIEW)
        state = moderation_state.evolve(state, decided)

    assert (seen, len(set(seen))) == (whole, 7)


STEPS = (
    *FOUR,
    RETURNED,
    handed("U1-1", 2, at=REVIEW + 5),
    claimed("U2-1", "ma"),
    EntryApproved("U2-1", 1, None, "ma", REVIEW),
    EntryFlagged("U3-1", "symbols", "国旗", "mo", REVIEW),
    EntriesHandedOver(("U3-1", "U4-1"), "ma", "mo", REVIEW),
)


@given(st.data())
def test_logs_read_in_any_order_give_the_same_index(data: st.DataObject) -> None:
    logs = {
        "submission": [each for each in STEPS if isinstance(each, EntrySubmitted)],
        "moderation": [opened(CAMPAIGN), *(each for each in STEPS if not isinstance(each, EntrySubmitted))],
    }
    turns = data.draw(st.permutations([name for name, events in logs.items() for _ in events]))
    reading = {name: iter(events) for name, events in logs.items()}
    state = ModerationState()
    for name in turns:
        state = moderation_state.evolve(state, next(reading[name]))

    assert state == folded(*STEPS)


def test_gateway_takes_every_flag_that_the_service_knows() -> None:
    assert QUEUE_FLAGS == FLAGS


def test_opening_of_the_campaign_leaves_the_index_empty() -> None:
    assert isinstance(opened(CAMPAIGN), CampaignOpened)
    assert page(folded())["entries"] == []


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3 * MOST)), max_size=400), st.integers(0, 3 * MOST))
def test_sorted_keys_are_a_sorted_set(changes: list[tuple[bool, int]], key: int) -> None:
    keys, model = SortedKeys(), set[tuple[int]]()
    for each in itertools.chain(range(0, 2 * MOST, 2)):
        keys, model = keys.add((each,)), model | {(each,)}
    for adds, each in changes:
        keys = keys.add((each,)) if adds else keys.discard((each,))
        model = model | {(each,)} if adds else model - {(each,)}

    assert (list(keys), len(keys), (key,) in keys) == (sorted(model), len(model), (key,) in model)
    assert list(keys.after((key,))) == sorted(each for each in model if each > (key,))
    assert list(keys.before((key,))) == sorted((each for each in model if each < (key,)), reverse=True)
    assert list(keys.before(None)) == sorted(model, reverse=True)
