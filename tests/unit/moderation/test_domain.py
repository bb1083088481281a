"""Tests of moderation's decisions and state, as stories of events and commands."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from services.moderation.campaign import (
    PHASES,
    Campaign,
    Cohort,
    Conversion,
    Shortlist,
    Weights,
    Window,
    rule_hash,
    stored_hash,
    to_data,
)
from services.moderation.campaign_file.check import check
from services.moderation.decisions.complaints import AnswerComplaint, FileComplaint
from services.moderation.decisions.review import (
    CLAIM_MS,
    Approve,
    Claim,
    CorrectType,
    CorrectUnitName,
    Disqualify,
    Freeze,
    Reject,
    Return,
    Unfreeze,
)
from services.moderation.decisions.rule_versions import AmendRules, ReplaceRules, differences
from services.moderation.decisions.shortlist import letter, pending, propose
from services.moderation.decisions.staff import (
    LINK_MS,
    AppointStaff,
    ChangePassword,
    ConfirmStaffChange,
    FirstOrganiser,
    SetPassword,
)
from services.moderation.decisions.type_requests import DecideTypeCorrection
from services.moderation.domain import (
    REFUSALS,
    ConfirmShortlist,
    LockRules,
    ModerationDecider,
    MoveClock,
    MoveWindow,
    OpenCampaign,
    SetPageTheme,
)
from services.moderation.events import (
    CampaignOpened,
    ClockMoved,
    EntryApproved,
    EntryClaimed,
    EntryDisqualified,
    EntryFrozen,
    EntryRejected,
    EntryReturned,
    EntryUnfrozen,
    Listed,
    PageThemeSet,
    PasswordLinkIssued,
    PasswordSet,
    Remark,
    RulesLocked,
    RulesReplaced,
    ShortlistConfirmed,
    StaffAppointed,
    StaffChangeProposed,
    SubjectForgotten,
    TypeCorrected,
    TypeCorrectionAsked,
    UnitNameCorrected,
    WindowMoved,
)
from services.moderation.state import ROLES, now
from services.ranking.events import ResultFinal, ResultPublished
from services.submission.events import EntrySubmitted, EntryWithdrawn, RollChunk, RollImported, RollRow
from shared.decider import Refused, fold
from shared.events import Sealed
from shared.testing.bdd import Given, Spec

TOML = Path(__file__).parents[3] / "deploy/campaigns/2021-baijia.toml"
RULES = check(TOML.read_text())[0]
assert RULES is not None
CAMPAIGN: Campaign = replace(RULES, rehearsal=True)
BY_GRADE = replace(CAMPAIGN, shortlist=Shortlist("top_n_by_grade", 2))
OPEN, CLOSED = CAMPAIGN.window("submission").start, CAMPAIGN.window("submission").end
LIKES, JUDGING = CAMPAIGN.window("likes"), CAMPAIGN.window("judging")
DAY = 86_400_000
NOON = OPEN + DAY // 2
REVIEW = CLOSED + DAY // 2
SEED = "5e" * 32
SPEC = Spec(ModerationDecider())


def opened(campaign: Campaign = CAMPAIGN) -> CampaignOpened:
    return CampaignOpened(to_data(campaign), campaign.rehearsal, OPEN, "root")


def given(*events: object, campaign: Campaign = CAMPAIGN) -> Given:
    return SPEC.given(opened(campaign), *events)


def handed(entry: str = "U1-1", version: int = 1, *, kind: str = "state", at: int = NOON) -> EntrySubmitted:
    unit = entry.rpartition("-")[0]
    return EntrySubmitted(entry, version, unit, kind, "题", "简介", "正文", ("home",), None, (), None, at)


def approved(entry: str = "U1-1", version: int = 1, grade: int | None = None, *, by: str = "mo") -> EntryApproved:
    return EntryApproved(entry, version, grade, by, REVIEW)


REMARKS = (Remark("text", "太短"),)
CLAIMED = EntryClaimed("U1-1", "mo", REVIEW + CLAIM_MS, REVIEW)
RETURNED = EntryReturned("U1-1", 1, REMARKS, REVIEW + DAY, "mo", REVIEW)
REJECTED = EntryRejected("U1-1", 1, "虚假", "mo", REVIEW)
FROZEN = EntryFrozen("U1-1", "投诉", "mo", REVIEW)
UNFROZEN = EntryUnfrozen("U1-1", "查无实据", "mo", REVIEW)
DISQUALIFIED = EntryDisqualified("U1-1", "虚假", "olga", REVIEW)
CORRECTED = TypeCorrected("U1-1", "public", "填错", "olga", REVIEW)
RENAME = CorrectUnitName("U1-1", "唐山港工会", "唐山", "名册错字", "olga", REVIEW)
RENAMED = UnitNameCorrected("U1-1", "唐山港工会", "唐山", "名册错字", "olga", REVIEW)
WITHDRAWN = EntryWithdrawn("U1-1", "U1", "", REVIEW)

APPROVE = Approve("U1-1", 1, None, "mo", REVIEW)
RETURN = Return("U1-1", 1, REMARKS, REVIEW + DAY, "mo", REVIEW)
REJECT = Reject("U1-1", 1, "虚假", "mo", REVIEW)


def locked(campaign: Campaign = CAMPAIGN) -> RulesLocked:
    rules = replace(campaign, seed_commitment=SEED)
    return RulesLocked(to_data(rules), stored_hash(rules), SEED, "olga", REVIEW)


def listed(*numbers: tuple[str, str, str]) -> ShortlistConfirmed:
    return ShortlistConfirmed(tuple(Listed(*each) for each in numbers), "olga", REVIEW)


# The campaign and its clock


def test_a_campaign_opens_once() -> None:
    order = OpenCampaign(CAMPAIGN, OPEN, "root")

    SPEC.given().when(order).then(opened())
    given().when(order).then()
    given().when(replace(order, now=OPEN + 1)).refused("campaign-is-open")


def test_a_campaign_may_open_with_a_theme_and_get_another_one() -> None:
    theme, other = {"name_zh": "成果展"}, {"name_zh": "展"}
    order = SetPageTheme(other, "root", OPEN)

    SPEC.given().when(OpenCampaign(CAMPAIGN, OPEN, "root", theme=theme)).then(
        opened(), PageThemeSet(theme, "root", OPEN)
    )
    given(PageThemeSet(theme, "root", OPEN)).when(order).then(PageThemeSet(other, "root", OPEN))
    given(PageThemeSet(other, "root", OPEN)).when(order).then()
    SPEC.given().when(order).refused("campaign-not-open")


def test_a_rehearsal_runs_on_its_own_clock_and_a_live_campaign_on_the_walls() -> None:
    rehearsal = given(ClockMoved(NOON, "olga")).state
    live = given(campaign=replace(CAMPAIGN, rehearsal=False)).state

    assert now(rehearsal, 7) == NOON
    assert now(live, 7) == 7


def test_a_rehearsals_clock_moves_on() -> None:
    given().when(MoveClock(NOON, "olga")).then(ClockMoved(NOON, "olga"))
    given(ClockMoved(NOON, "olga")).when(MoveClock(NOON, "olga")).then()


def test_the_clock_never_goes_back() -> None:
    given(ClockMoved(NOON, "olga")).when(MoveClock(NOON - 1, "olga")).refused("clock-goes-back")


def test_the_clock_of_a_live_campaign_is_real() -> None:
    given(campaign=replace(CAMPAIGN, rehearsal=False)).when(MoveClock(NOON, "olga")).refused("clock-is-real")


@pytest.mark.parametrize(
    "order",
    [
        AppointStaff("mo", Sealed("c1.n"), ("moderator",), False, "c7", "root", NOON),
        MoveClock(NOON, "olga"),
        MoveWindow("likes", LIKES.start, LIKES.end + 1, "雨", "olga", NOON),
        LockRules("", SEED, "olga", NOON),
        ConfirmShortlist(("U1-1",), "olga", NOON),
        Claim("U1-1", "mo", NOON),
        APPROVE,
        Freeze("U1-1", "投诉", "mo", NOON),
    ],
    ids=lambda order: type(order).__name__,
)
def test_nothing_happens_before_the_campaign_opens(order: Any) -> None:
    SPEC.given().when(order).refused("campaign-not-open")


# Windows


def move(window: str, start: int, end: int, *, at: int = NOON, reason: str = "暴雨") -> MoveWindow:
    return MoveWindow(window, start, end, reason, "olga", at)


def test_a_window_is_made_longer_with_a_reason() -> None:
    given().when(move("submission", OPEN, CLOSED + DAY)).then(
        WindowMoved("submission", OPEN, CLOSED + DAY, "暴雨", "olga", NOON)
    )


def test_a_moved_window_stands_in_the_rules() -> None:
    state = given(WindowMoved("submission", OPEN, CLOSED + DAY, "暴雨", "olga", NOON)).state

    assert Window(OPEN, CLOSED + DAY) == state.campaign.window("submission")


def test_a_window_where_it_is_already_is_no_news() -> None:
    given().when(move("submission", OPEN, CLOSED, reason="")).then()


@pytest.mark.parametrize(
    ("order", "code"),
    [
        pytest.param(move("lunch", OPEN, CLOSED), "window-unknown", id="a window that is not one"),
        pytest.param(move("likes", LIKES.end, LIKES.start), "window-impossible", id="it ends before it starts"),
        pytest.param(move("submission", OPEN, CLOSED + DAY, reason=" "), "reason-missing", id="no reason"),
        pytest.param(move("submission", OPEN, CLOSED + DAY, at=CLOSED), "window-over", id="it is over"),
        pytest.param(move("submission", OPEN + 1, CLOSED), "window-begun", id="its start lies behind"),
        pytest.param(move("submission", OPEN, CLOSED - 1), "window-begun", id="it would close early"),
        pytest.param(move("likes", NOON - 1, LIKES.end), "window-in-the-past", id="it would have begun"),
        pytest.param(move("likes", OPEN - DAY, OPEN, at=OPEN - 2 * DAY), "window-order", id="before its turn"),
        pytest.param(move("likes", LIKES.start, LIKES.end + 1), "window-overlap", id="into the judging"),
        pytest.param(move("submission", OPEN, LIKES.start + 1), "window-overlap", id="into like week"),
    ],
)
def test_windows_that_may_not_move_so(order: MoveWindow, code: str) -> None:
    given().when(order).refused(code)


def test_what_overlapped_from_the_beginning_may_go_on_overlapping() -> None:
    likes = Window(CLOSED - DAY, LIKES.end)
    overlapping = replace(CAMPAIGN, windows=replace(CAMPAIGN.windows, likes=likes))

    given(campaign=overlapping).when(move("submission", OPEN, CLOSED + 1)).then(
        WindowMoved("submission", OPEN, CLOSED + 1, "暴雨", "olga", NOON)
    )


def test_like_week_without_a_shortlist_may_still_be_put_off() -> None:
    later = move("likes", LIKES.start + DAY, LIKES.end, at=LIKES.start + 1)

    given().when(later).then(WindowMoved("likes", LIKES.start + DAY, LIKES.end, "暴雨", "olga", LIKES.start + 1))
    given(handed(), approved(), locked(), listed(("U1-1", "A001", "state"))).when(later).refused("window-begun")


LISTED_ONE = (handed(), approved(), locked(), listed(("U1-1", "A001", "state")))
PUBLISHED = ResultPublished("P1", "d" * 64, "olga", JUDGING.end, JUDGING.end + DAY, "table")
FINAL = ResultFinal("P1", "d" * 64, "olga", JUDGING.end + DAY)


@pytest.mark.parametrize(
    ("events", "late"),
    [
        pytest.param((), 0, id="at its very end"),
        pytest.param((PUBLISHED,), DAY, id="after a publication, for a mark that was excluded since"),
        pytest.param((PUBLISHED, FINAL, PUBLISHED), 5 * DAY, id="into the exhibition, which has nothing to show"),
    ],
)
def test_judging_that_is_over_is_reopened_with_a_reason(events: tuple[object, ...], late: int) -> None:
    at = JUDGING.end + late
    order = move("judging", JUDGING.start, at + DAY, at=at, reason="加评")

    given(*LISTED_ONE, *events).when(order).then(WindowMoved("judging", JUDGING.start, at + DAY, "加评", "olga", at))


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param((), move("judging", JUDGING.start, JUDGING.end + 1, reason=""), "reason-missing", id="no reason"),
        pytest.param(
            (),
            move("judging", JUDGING.start, JUDGING.end + DAY, at=JUDGING.end + DAY),
            "window-in-the-past",
            id="until a moment that has come",
        ),
        pytest.param(
            (),
            move("judging", JUDGING.start + 1, JUDGING.end + 2 * DAY, at=JUDGING.end + DAY),
            "window-begun",
            id="with another start",
        ),
        pytest.param(
            (PUBLISHED, FINAL),
            move("judging", JUDGING.start, JUDGING.end + 2 * DAY, at=JUDGING.end + DAY),
            "window-over",
            id="after the final",
        ),
        pytest.param((), move("likes", LIKES.start, LIKES.end + 1, at=LIKES.end), "window-over", id="like week never"),
    ],
)
def test_windows_that_are_not_reopened(events: tuple[object, ...], order: MoveWindow, code: str) -> None:
    given(*LISTED_ONE, *events).when(order).refused(code)


# Rules


LOCK = LockRules(rule_hash(CAMPAIGN), SEED, "olga", REVIEW)


def test_locked_rules_carry_the_commitment_and_the_windows_as_moved() -> None:
    moved = WindowMoved("submission", OPEN, CLOSED + DAY, "暴雨", "olga", NOON)
    campaign = CAMPAIGN.with_window("submission", Window(OPEN, CLOSED + DAY))

    given(moved).when(replace(LOCK, rule_hash=rule_hash(campaign))).then(locked(campaign))


def test_locking_again_is_no_news() -> None:
    given(locked()).when(LOCK).then()


@pytest.mark.parametrize(
    ("events", "change", "code"),
    [
        pytest.param((locked(),), {"seed_commitment": "ab" * 32}, "rules-locked", id="with another seed"),
        pytest.param((), {"seed_commitment": "XY"}, "seed-commitment-broken", id="with no hash for a seed"),
        pytest.param((), {"rule_hash": "0" * 64}, "rules-changed", id="rules that the organiser did not see"),
        pytest.param((), {"at": LIKES.start}, "likes-begun", id="when like week has begun"),
    ],
)
def test_locks_that_are_refused(events: tuple[object, ...], change: dict[str, Any], code: str) -> None:
    given(*events).when(replace(LOCK, **change)).refused(code)


TIGHT = replace(CAMPAIGN, likes=replace(CAMPAIGN.likes, per_day=10))
REPLACE = ReplaceRules(TIGHT, rule_hash(TIGHT), rule_hash(CAMPAIGN), " 组委会决定 ", "olga", NOON)
LATER = {name: Window(each.start + 7 * DAY, each.end + 7 * DAY) for name, each in
         ((phase, CAMPAIGN.window(phase)) for phase in PHASES)}  # fmt: skip


def replacement(campaign: Campaign, **change: Any) -> ReplaceRules:
    return replace(REPLACE, campaign=campaign, rule_hash=rule_hash(replace(campaign, rehearsal=True)), **change)


def with_windows(**windows: Window) -> Campaign:
    campaign = CAMPAIGN
    for name, window in windows.items():
        campaign = campaign.with_window(name, window)
    return campaign


def test_rules_that_are_not_locked_are_replaced_and_then_locked_as_they_became() -> None:
    replaced = RulesReplaced(to_data(TIGHT), rule_hash(TIGHT), "组委会决定", "olga", NOON)

    given().when(REPLACE).then(replaced)
    given(replaced).when(REPLACE).then()
    given(replaced).when(replace(LOCK, rule_hash=rule_hash(TIGHT))).then(locked(TIGHT))
    given(replaced).when(LOCK).refused("rules-changed")


def test_all_windows_move_together_while_nothing_was_handed_in() -> None:
    campaign = with_windows(**LATER)

    given().when(replacement(campaign)).then(
        RulesReplaced(to_data(campaign), rule_hash(campaign), "组委会决定", "olga", NOON)
    )


def test_flag_of_a_rehearsal_stays_as_the_campaign_was_opened() -> None:
    campaign = replace(TIGHT, rehearsal=False)

    given().when(replacement(campaign)).then(
        RulesReplaced(to_data(TIGHT), rule_hash(TIGHT), "组委会决定", "olga", NOON)
    )


@pytest.mark.parametrize(
    ("events", "command", "code", "detail"),
    [
        pytest.param((locked(),), REPLACE, "rules-locked", {}, id="after the lock"),
        pytest.param((), replace(REPLACE, rule_hash="0" * 64), "rules-changed", {}, id="rules that nobody saw"),
        pytest.param((), replace(REPLACE, reason=" "), "reason-missing", {}, id="without a reason"),
        pytest.param((), replacement(replace(TIGHT, id="other")), "rules-part-fixed", {"parts": ["id"]}, id="name"),
        pytest.param(
            (handed(),),
            replacement(replace(TIGHT, unit_types=CAMPAIGN.unit_types[1:], themes=CAMPAIGN.themes[:1])),
            "rules-part-fixed",
            {"parts": ["themes"]},
            id="theme of an entry",
        ),
        pytest.param(
            (handed(),),
            replacement(with_windows(submission=Window(OPEN, CLOSED - DAY))),
            "window-begun",
            {},
            id="an earlier end of submission",
        ),
        pytest.param(
            (handed(),),
            replacement(with_windows(submission=Window(OPEN, CLOSED + DAY)), at=CLOSED),
            "window-over",
            {},
            id="submission that is over",
        ),
        pytest.param(
            (), replacement(with_windows(submission=Window(OPEN + 1, CLOSED))), "window-in-the-past", {}, id="the past"
        ),
    ],
)
def test_replacements_that_are_refused(
    events: tuple[object, ...], command: ReplaceRules, code: str, detail: dict[str, Any]
) -> None:
    refused = given(*events).when(command).decision

    assert isinstance(refused, Refused)
    assert refused.code == code
    assert detail.items() <= refused.detail.items()


@pytest.mark.parametrize("is_locked", [False, True])
def test_rules_that_somebody_else_replaced_meanwhile_are_not_replaced_again(*, is_locked: bool) -> None:
    """Two organisers read the same rules. The second one's rules are refused, and both hashes are named."""
    other = replace(CAMPAIGN, likes=replace(CAMPAIGN.likes, per_day=12))
    if is_locked:
        before, command = (locked(), version(other, 2, "改")), AMEND
    else:
        before = (RulesReplaced(to_data(other), rule_hash(other), "改", "otto", NOON),)
        command = REPLACE

    refused = given(*before).when(command).decision

    assert refused == Refused("rules-replaced", "replaces", {"seen": rule_hash(CAMPAIGN), "in_force": rule_hash(other)})


NO_STATE = replace(CAMPAIGN, unit_types=CAMPAIGN.unit_types[1:])
STATE_UNITS = tuple(RollRow(code, "厂", "city", "state", "唐山", "", "") for code in ("U1", "U2"))
ROLL = (RollChunk("r1", 0, STATE_UNITS), RollImported("r1", 1, 2, "d" * 64, "olga", NOON))


@pytest.mark.parametrize(
    ("events", "counts"),
    [
        pytest.param(ROLL, {"units": 2, "entries": 0}, id="of the roll alone"),
        pytest.param((handed(),), {"units": 0, "entries": 1}, id="of an entry alone"),
        pytest.param((*ROLL, handed()), {"units": 2, "entries": 1}, id="of both"),
    ],
)
@pytest.mark.parametrize("is_locked", [False, True])
def test_rules_without_a_type_that_the_roll_or_an_entry_has_are_refused(
    events: tuple[object, ...], counts: dict[str, int], *, is_locked: bool
) -> None:
    before = (*events, locked()) if is_locked else events
    command = AmendRules(NO_STATE, rule_hash(CAMPAIGN), "改", "olga", REVIEW) if is_locked else replacement(NO_STATE)

    refused = given(*before).when(command).decision

    state = CAMPAIGN.unit_types[0]
    texts = {
        "zh": f"{state.zh}（名册中 {counts['units']} 个单位，成果 {counts['entries']} 个）",
        "en": f"{state.en} (units in the roll: {counts['units']}, entries: {counts['entries']})",
    }
    assert refused == Refused("type-not-in-rules", "file", {"types": [{"code": "state", **counts, **texts}]})


def test_a_type_goes_once_a_later_roll_has_no_unit_of_it() -> None:
    other = replace(STATE_UNITS[0], type="public")
    later = RollChunk("r2", 0, (other,)), RollImported("r2", 1, 1, "e" * 64, "olga", NOON)

    given(*ROLL, *later).when(replacement(NO_STATE)).then(
        RulesReplaced(to_data(NO_STATE), rule_hash(NO_STATE), "组委会决定", "olga", NOON)
    )


REPLACED = RulesReplaced(to_data(NO_STATE), rule_hash(NO_STATE), "改", "olga", NOON)


def test_an_entry_of_a_type_that_the_rules_lack_is_neither_approved_nor_breaks_the_shortlist() -> None:
    campaign = replace(NO_STATE, seed_commitment=SEED)
    lock = RulesLocked(to_data(campaign), stored_hash(campaign), SEED, "olga", REVIEW)
    older = given(REPLACED, handed(), approved(), handed("U2-1", kind="public"), approved("U2-1"), lock)

    given(REPLACED, handed()).when(APPROVE).refused("type-not-in-rules")
    assert [each.entry for each in propose(older.state)] == ["U2-1"]
    older.when(ConfirmShortlist(("U2-1",), "olga", REVIEW)).refused("type-not-in-rules")


def test_a_type_that_was_asked_for_and_then_left_the_rules_is_not_given() -> None:
    asked = TypeCorrectionAsked("U1-1", "state", "填错", "U1", NOON)
    agree = DecideTypeCorrection("U1-1", agrees=True, words="", by="mo", at=REVIEW)

    given(handed(kind="public"), asked, REPLACED).when(agree).refused("type-unknown")


def test_submission_that_units_use_is_lengthened_by_a_replacement() -> None:
    campaign = with_windows(submission=Window(OPEN, CLOSED + DAY))

    given(handed()).when(replacement(campaign)).then(
        RulesReplaced(to_data(campaign), rule_hash(campaign), "组委会决定", "olga", NOON)
    )


UNWINNABLE = replace(
    CAMPAIGN,
    cohort=Cohort("top_n_by_likes_per_type", 5),
    quota=replace(CAMPAIGN.quota, refill="none"),
)


UNREACHABLE = replace(
    CAMPAIGN,
    conversion=Conversion("rank_step", (("floor", "1"), ("start", "30"), ("step", "1"))),
    quota=replace(CAMPAIGN.quota, min_score="79.01"),
)


@pytest.mark.parametrize(
    ("campaign", "gap"),
    [
        pytest.param(UNWINNABLE, "seats-nobody-can-win", id="more seats than judged entries"),
        pytest.param(UNREACHABLE, "score-nobody-can-reach", id="a minimum above every score"),
        pytest.param(replace(CAMPAIGN, tie_order=("expert_score",)), "tie-order", id="ties that remain"),
    ],
)
def test_rules_with_a_gap_are_neither_locked_nor_amended(campaign: Campaign, gap: str) -> None:
    lock = given(campaign=campaign).when(replace(LOCK, rule_hash=rule_hash(campaign))).decision
    amend = given(locked()).when(replace(AMEND, campaign=campaign)).decision

    for decision in (lock, amend):
        assert isinstance(decision, Refused)
        assert (decision.code, decision.detail["gaps"]) == ("rules-with-gaps", [gap])


BAND = Conversion("rank_step", (("floor", "0"), ("start", "100"), ("step", "0.5")))
AMENDED = replace(CAMPAIGN, conversion=BAND)
AMEND = AmendRules(AMENDED, rule_hash(CAMPAIGN), " 组委会决定 ", "olga", NOON)


def version(campaign: Campaign, number: int, reason: str, at: int = NOON) -> RulesLocked:
    return replace(locked(campaign), version=number, reason=reason, at=at)


def test_later_version_has_a_number_a_reason_and_the_seed_of_the_first() -> None:
    given(locked()).when(AMEND).then(version(AMENDED, 2, "组委会决定"))


def test_later_version_keeps_the_windows_as_moved() -> None:
    moved = WindowMoved("submission", OPEN, CLOSED + DAY, "暴雨", "olga", NOON)
    window = Window(OPEN, CLOSED + DAY)

    given(locked(), moved).when(AMEND).then(version(AMENDED.with_window("submission", window), 2, "组委会决定"))


def test_version_that_changes_nothing_is_no_news() -> None:
    given(locked(), version(AMENDED, 2, "组委会决定")).when(AMEND).then()


def test_lock_again_is_no_news_after_a_later_version() -> None:
    given(locked(), version(AMENDED, 2, "组委会决定")).when(LOCK).then()


def test_weights_may_change_in_judging_by_a_visible_version() -> None:
    weighed = replace(CAMPAIGN, weights=Weights(0, 10_000))

    given(locked()).when(replace(AMEND, campaign=weighed, at=JUDGING.start)).then(
        version(weighed, 2, "组委会决定", JUDGING.start)
    )


def with_days(campaign: Campaign = CAMPAIGN, **changes: Any) -> Campaign:
    return replace(campaign, windows=replace(campaign.windows, **changes))


@pytest.mark.parametrize(
    "days", [{"notice_days": 7}, {"holidays": ("2027-02-09",)}, {"workdays": ("2027-02-13",)}], ids=str
)
def test_days_of_the_notice_that_come_late_take_effect_by_a_later_version(days: dict[str, Any]) -> None:
    amended = with_days(**days)

    given(locked()).when(replace(AMEND, campaign=amended)).then(version(amended, 2, "组委会决定"))


def test_days_of_the_notice_are_fixed_by_publication_and_the_refusal_names_them() -> None:
    published = ResultPublished("P1", "0" * 64, "olga", NOON, NOON + DAY, "weekends")
    amended = with_days(notice_days=7, holidays=("2027-02-09",))

    decision = given(locked(), published).when(replace(AMEND, campaign=amended)).decision

    assert decision == Refused("rules-part-fixed", "file", {"parts": ["windows.notice_days", "windows.holidays"]})


def test_window_that_a_version_would_move_is_refused_and_named() -> None:
    exhibition = CAMPAIGN.window("exhibition")
    moved = CAMPAIGN.with_window("exhibition", Window(exhibition.start, exhibition.end + DAY))

    decision = given(locked()).when(replace(AMEND, campaign=moved)).decision

    assert decision == Refused("windows-differ", "file", {"windows": ["exhibition"]})


def test_version_of_a_live_campaign_that_says_rehearsal_is_refused() -> None:
    live = replace(CAMPAIGN, rehearsal=False)
    rehearsal = replace(AMEND, campaign=replace(CAMPAIGN, rehearsal=True))

    SPEC.given(opened(live), locked(live)).when(rehearsal).refused("rules-part-fixed")


def test_commitment_in_a_file_that_is_not_the_campaigns_is_refused() -> None:
    foreign = replace(CAMPAIGN, seed_commitment="ab" * 32)

    given(locked()).when(replace(AMEND, campaign=foreign)).refused("seed-commitment-broken")
    SPEC.given(opened(foreign)).when(replace(LOCK, rule_hash=rule_hash(foreign))).refused("seed-commitment-broken")


@pytest.mark.parametrize(
    ("events", "change", "code"),
    [
        pytest.param((), {}, "rules-not-locked", id="before the lock"),
        pytest.param((locked(),), {"reason": "  "}, "reason-missing", id="without a reason"),
        pytest.param(
            (locked(),), {"campaign": replace(CAMPAIGN, id="other")}, "rules-part-fixed", id="another campaign"
        ),
        pytest.param(
            (locked(),),
            {"campaign": replace(CAMPAIGN, likes=replace(CAMPAIGN.likes, partitions=4))},
            "rules-part-fixed",
            id="other partitions",
        ),
        pytest.param(
            (locked(),),
            {"campaign": replace(CAMPAIGN, likes=replace(CAMPAIGN.likes, per_day=3)), "at": LIKES.start},
            "rules-part-fixed",
            id="limits that voters have acted on",
        ),
        pytest.param(
            (locked(),),
            {"campaign": replace(CAMPAIGN, judging=replace(CAMPAIGN.judging, criteria=())), "at": JUDGING.start},
            "rules-part-fixed",
            id="a rubric that is marked by",
        ),
    ],
)
def test_versions_that_are_refused(events: tuple[object, ...], change: dict[str, Any], code: str) -> None:
    given(*events).when(replace(AMEND, **change)).refused(code)


def test_differences_name_each_leaf_that_changed() -> None:
    before, after = to_data(CAMPAIGN), to_data(replace(CAMPAIGN, weights=Weights(0, 10_000)))

    assert differences(before, after) == [
        {"path": "weights.expert_bp", "before": 7000, "after": 10_000},
        {"path": "weights.like_bp", "before": 3000, "after": 0},
    ]


# Staff


APPOINT = AppointStaff("mo", Sealed("c1.m"), ("moderator",), False, "c7", "olga", NOON)
NEW_MO = StaffAppointed("mo", Sealed("c1.m"), ("moderator",), Sealed(""), "olga", NOON)
MO = replace(NEW_MO, password=Sealed("c1.a"))
OLGA = StaffAppointed("olga", Sealed("c1.o"), ("organiser",), Sealed("c1.b"), "root", NOON)
OTTO, OMAR = replace(OLGA, staff="otto"), replace(OLGA, staff="omar")
LINK = PasswordLinkIssued("mo", "c7", None, NOON + LINK_MS, "olga", NOON)
MAKE_MO_ORGANISER = replace(APPOINT, roles=("organiser",))
PROPOSED = StaffChangeProposed(
    "c7", "mo", Sealed("c1.m"), ("organiser",), resets=False, until=NOON + LINK_MS, by="olga", at=NOON
)
SECOND = ConfirmStaffChange("c7", "c8", "otto", NOON + 1)
JUDGE = replace(MO, roles=("judge",))


def test_staff_are_appointed_with_roles_in_one_order_and_a_link_for_a_password() -> None:
    given(OLGA).when(replace(APPOINT, roles=("auditor", "moderator", "moderator"))).then(
        replace(NEW_MO, roles=("moderator", "auditor")), LINK
    )


def test_first_organisers_come_with_the_campaign_and_set_their_own_passwords() -> None:
    pair = (FirstOrganiser("olga", Sealed("c1.n")), FirstOrganiser("otto", Sealed("c1.m")))

    SPEC.given().when(OpenCampaign(CAMPAIGN, OPEN, "root", pair, "c1")).then(
        opened(),
        StaffAppointed("olga", Sealed("c1.n"), ("organiser",), Sealed(""), "root", OPEN),
        PasswordLinkIssued("olga", "c1", None, OPEN + LINK_MS, "root", OPEN),
        StaffAppointed("otto", Sealed("c1.m"), ("organiser",), Sealed(""), "root", OPEN),
        PasswordLinkIssued("otto", "c1", None, OPEN + LINK_MS, "root", OPEN),
    )


def test_whoever_runs_the_campaign_appoints_until_the_first_organiser_has_a_password() -> None:
    order = replace(APPOINT, staff="otto", name=OTTO.name, roles=("organiser",), by="root")
    nobody_yet = replace(OLGA, password=Sealed(""))

    given(nobody_yet).when(order).then(replace(OTTO, password=Sealed("")), replace(LINK, staff="otto", by="root"))
    given(nobody_yet, PasswordSet("olga", Sealed("c1.b"), None, NOON)).when(order).refused("organisers-only")


def test_an_appointment_again_is_no_news() -> None:
    given(OLGA, MO).when(APPOINT).then()
    given(OLGA, NEW_MO, LINK).when(APPOINT).then()
    given(OLGA, OTTO, MO, replace(PROPOSED, resets=True)).when(MAKE_MO_ORGANISER).then()


def test_other_roles_leave_the_password() -> None:
    given(OLGA, MO).when(replace(APPOINT, roles=("auditor",))).then(replace(MO, roles=("auditor",)))


def test_no_roles_dismiss() -> None:
    given(OLGA, MO).when(replace(APPOINT, roles=())).then(replace(MO, roles=()))


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param((), replace(APPOINT, roles=("king",)), "role-unknown", id="a role that is not one"),
        *(
            pytest.param((OLGA,), replace(APPOINT, roles=("judge", each)), "judges-only-judge", id=f"judge and {each}")
            for each in ROLES
            if each != "judge"
        ),
        pytest.param((OLGA,), replace(APPOINT, staff="olga", roles=()), "last-organiser", id="the last organiser"),
        pytest.param((OLGA, MO), replace(MAKE_MO_ORGANISER, by="mo"), "organisers-only", id="an organiser by another"),
        pytest.param((OLGA, MO), replace(APPOINT, roles=("auditor",), by="root"), "organisers-only", id="an auditor"),
        pytest.param(
            (OLGA, JUDGE),
            replace(APPOINT, roles=("judge",), new_link=True, by="root"),
            "organisers-only",
            id="a judge's password by an operator",
        ),
    ],
)
def test_appointments_that_are_refused(events: tuple[object, ...], order: AppointStaff, code: str) -> None:
    given(*events).when(order).refused(code)


OTTO_AGAIN = replace(APPOINT, staff="otto", name=OTTO.name, roles=("organiser",), new_link=True)


@pytest.mark.parametrize(
    ("events", "order"),
    [
        pytest.param((), MAKE_MO_ORGANISER, id="a new organiser"),
        pytest.param((MO,), MAKE_MO_ORGANISER, id="an organiser out of a moderator"),
        pytest.param((), OTTO_AGAIN, id="an organiser's password"),
        pytest.param((), replace(OTTO_AGAIN, roles=(), new_link=False), id="an organiser's dismissal"),
        pytest.param((JUDGE,), replace(APPOINT, roles=("judge",), new_link=True), id="a judge's password"),
        pytest.param(
            (JUDGE, replace(MO, roles=())), replace(APPOINT, new_link=True), id="the password of a former judge"
        ),
        pytest.param(
            (JUDGE, replace(MO, roles=()), SubjectForgotten("staff.mo", "asked", NOON)),
            APPOINT,
            id="a former judge who was forgotten",
        ),
    ],
)
def test_what_could_make_one_person_two_waits_for_a_second(events: tuple[object, ...], order: AppointStaff) -> None:
    decided = given(OLGA, OTTO, *events).when(order).decision

    assert not isinstance(decided, Refused)
    assert [type(each) for each in decided] == [StaffChangeProposed]


def test_an_organiser_may_step_down_alone_while_another_stays() -> None:
    given(OLGA, OTTO).when(replace(APPOINT, staff="olga", name=OLGA.name, roles=())).then(
        replace(OLGA, roles=(), by="olga")
    )


def test_second_organiser_confirms_and_the_link_needs_what_both_hold() -> None:
    before = (OLGA, OTTO, replace(PROPOSED, resets=True))

    given(*before).when(SECOND).then(
        replace(NEW_MO, roles=("organiser",), by="otto", at=NOON + 1),
        PasswordLinkIssued("mo", "c8", "c7", NOON + 1 + LINK_MS, "otto", NOON + 1),
    )


def test_new_organiser_gets_a_password_that_nobody_alone_held_the_link_of() -> None:
    """Whoever appointed the moderator held the whole link, so may have set the password that the moderator has."""
    proposed = replace(PROPOSED, resets=True)

    given(OLGA, OTTO, MO).when(MAKE_MO_ORGANISER).then(proposed)
    given(OLGA, OTTO, MO, proposed).when(SECOND).then(
        replace(MO, roles=("organiser",), by="otto", at=NOON + 1),
        PasswordLinkIssued("mo", "c8", "c7", NOON + 1 + LINK_MS, "otto", NOON + 1),
    )


def test_organiser_steps_down_only_while_another_can_sign_in() -> None:
    down = replace(APPOINT, staff="olga", name=OLGA.name, roles=())

    given(OLGA, replace(OTTO, password=Sealed(""))).when(down).refused("last-organiser")


def test_beginning_does_not_come_back_when_the_first_organiser_leaves() -> None:
    """Otherwise whoever runs the campaign could reset judges alone from then on."""
    left = (OLGA, replace(OTTO, password=Sealed("")), replace(OLGA, roles=()), JUDGE)

    order = replace(APPOINT, roles=("judge",), new_link=True, by="root")
    given(*left).when(order).refused("organisers-only")


def test_operator_whom_an_organiser_appointed_is_no_second_person() -> None:
    """The link of an operator's first password is whole, so one organiser could act as both."""
    pal = replace(MO, staff="pal", roles=("operator",))

    for alone in ((OLGA,), (OLGA, replace(OTTO, password=Sealed("")))):
        given(*alone, pal, PROPOSED).when(replace(SECOND, by="pal")).refused("organisers-only")
    given(OLGA, OTTO, pal, replace(PROPOSED, staff="otto", resets=True)).when(replace(SECOND, by="pal")).refused(
        "organisers-only"
    )


@pytest.mark.parametrize(
    ("events", "change", "code"),
    [
        pytest.param((OLGA, OTTO, PROPOSED), {"by": "olga"}, "second-person-missing", id="who proposed it"),
        pytest.param((OLGA, OTTO, MO, PROPOSED), {"by": "mo"}, "second-person-missing", id="whom it concerns"),
        pytest.param((OLGA, OTTO, PROPOSED), {"by": "root"}, "organisers-only", id="an operator beside an organiser"),
        pytest.param((OLGA, OTTO, PROPOSED), {"change": "c9"}, "change-unknown", id="another change"),
        pytest.param((OLGA, OTTO, PROPOSED), {"at": NOON + LINK_MS}, "change-unknown", id="too late"),
        pytest.param((OLGA, OTTO, PROPOSED, MO), {}, "change-unknown", id="decided otherwise since"),
    ],
)
def test_confirmations_that_are_refused(events: tuple[object, ...], change: dict[str, Any], code: str) -> None:
    given(*events).when(replace(SECOND, **change)).refused(code)


def test_operator_confirms_only_while_there_is_no_further_organiser() -> None:
    without_password = replace(OTTO, password=Sealed(""))

    for alone in ((OLGA,), (OLGA, without_password)):
        decided = given(*alone, PROPOSED).when(replace(SECOND, by="root")).decision
        assert not isinstance(decided, Refused)


def test_link_sets_a_password_once() -> None:
    order = SetPassword("mo", "c7", Sealed("c1.z"), NOON + 1)

    given(OLGA, NEW_MO, LINK).when(order).then(PasswordSet("mo", Sealed("c1.z"), "c7", NOON + 1))
    for spent in (
        (NEW_MO,),
        (NEW_MO, LINK, PasswordSet("mo", Sealed("c1.y"), "c7", NOON)),
        (NEW_MO, LINK, replace(LINK, link="c9")),
        (NEW_MO, LINK, replace(NEW_MO, roles=())),
        (NEW_MO, replace(LINK, until=NOON + 1)),
    ):
        given(OLGA, *spent).when(order).refused("link-spent")


def test_new_link_ends_the_password() -> None:
    reset = replace(APPOINT, new_link=True, id="c9")

    given(OLGA, MO).when(reset).then(replace(LINK, link="c9"))
    member = given(OLGA, MO, replace(LINK, link="c9")).state.staff["mo"]
    assert (member.password, member.credentials, member.had_password) == ("", 1, True)


def test_own_password_is_changed_by_whoever_knows_it() -> None:
    order = ChangePassword("mo", MO.password, Sealed("c1.z"), NOON)

    given(OLGA, MO).when(order).then(PasswordSet("mo", Sealed("c1.z"), None, NOON))
    given(OLGA, MO).when(replace(order, before=Sealed("c1.old"))).refused("login-refused")


# Review


def test_a_claim_holds_an_entry_for_fifteen_minutes() -> None:
    given(handed()).when(Claim("U1-1", "mo", REVIEW)).then(CLAIMED)


def test_a_claim_again_at_the_same_moment_is_no_news_and_later_makes_it_longer() -> None:
    given(handed(), CLAIMED).when(Claim("U1-1", "mo", REVIEW)).then()
    given(handed(), CLAIMED).when(Claim("U1-1", "mo", REVIEW + 5)).then(
        EntryClaimed("U1-1", "mo", REVIEW + 5 + CLAIM_MS, REVIEW + 5)
    )


def test_an_expired_claim_holds_nobody_off() -> None:
    late = REVIEW + CLAIM_MS

    given(handed(), CLAIMED).when(Claim("U1-1", "ma", late)).then(EntryClaimed("U1-1", "ma", late + CLAIM_MS, late))
    given(handed(), CLAIMED).when(replace(APPROVE, by="ma", at=late)).then(replace(approved(by="ma"), at=late))


def test_a_decision_ends_the_claim() -> None:
    assert given(handed(), CLAIMED, approved()).state.dossier("U1-1").claim is None


@pytest.mark.parametrize(
    ("order", "event"),
    [
        pytest.param(APPROVE, approved(), id="approved"),
        pytest.param(RETURN, RETURNED, id="returned"),
        pytest.param(REJECT, REJECTED, id="rejected"),
    ],
)
def test_a_decision_on_what_was_seen(order: Any, event: Any) -> None:
    given(handed(), CLAIMED).when(order).then(event)
    given(handed(), event).when(order).then()
    given(handed(), handed(version=2)).when(order).refused("version-changed")
    given(handed(), event, handed(version=2)).when(replace(order, version=2)).then(replace(event, version=2))


def test_a_decision_may_be_changed_until_the_entry_is_listed() -> None:
    given(handed(), REJECTED).when(APPROVE).then(approved())
    given(handed(), approved(), locked(), listed(("U1-1", "A001", "state"))).when(REJECT).refused("entry-shortlisted")


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param((), APPROVE, "entry-unknown", id="approve nothing"),
        pytest.param((handed(), WITHDRAWN), APPROVE, "entry-withdrawn", id="approve what was withdrawn"),
        pytest.param((handed(), DISQUALIFIED), APPROVE, "entry-disqualified", id="approve what was disqualified"),
        pytest.param((handed(), CLAIMED), replace(APPROVE, by="ma"), "claimed-by-other", id="another holds it"),
        pytest.param((handed(), CLAIMED), Claim("U1-1", "ma", REVIEW), "claimed-by-other", id="claim what is held"),
        pytest.param((handed(), approved()), Claim("U1-1", "mo", REVIEW), "entry-not-pending", id="claim the decided"),
        pytest.param((), Claim("U1-1", "mo", REVIEW), "entry-unknown", id="claim nothing"),
        pytest.param((handed(),), replace(APPROVE, grade=101), "grade-out-of-range", id="a grade of 101"),
        pytest.param((handed(),), replace(RETURN, remarks=()), "remarks-missing", id="return without a remark"),
        pytest.param((handed(),), replace(RETURN, until=REVIEW), "deadline-past", id="return until now"),
        pytest.param(
            (handed(),), replace(RETURN, until=LIKES.start + 1), "deadline-past-likes", id="return into like week"
        ),
        pytest.param((handed(),), replace(REJECT, reason=" "), "reason-missing", id="reject without a reason"),
        pytest.param((handed(),), Freeze("U1-1", "", "mo", REVIEW), "reason-missing", id="freeze without a reason"),
        pytest.param((), Freeze("U1-1", "投诉", "mo", REVIEW), "entry-unknown", id="freeze nothing"),
        pytest.param(
            (handed(), DISQUALIFIED),
            Freeze("U1-1", "投诉", "mo", REVIEW),
            "entry-disqualified",
            id="freeze what is out",
        ),
        pytest.param(
            (handed(),), CorrectType("U1-1", "x", "填错", "olga", REVIEW), "type-unknown", id="a type that is not one"
        ),
        pytest.param((), RENAME, "entry-unknown", id="rename the unit of nothing"),
        pytest.param((handed(),), replace(RENAME, reason=" "), "reason-missing", id="rename without a reason"),
        pytest.param((handed(), DISQUALIFIED), RENAME, "entry-disqualified", id="rename the unit of what is out"),
    ],
)
def test_review_orders_that_are_refused(events: tuple[object, ...], order: Any, code: str) -> None:
    given(*events).when(order).refused(code)


def test_a_grade_is_needed_where_the_shortlist_goes_by_grade() -> None:
    given(handed(), campaign=BY_GRADE).when(APPROVE).refused("grade-missing")
    given(handed(), campaign=BY_GRADE).when(replace(APPROVE, grade=0)).then(approved(grade=0))


@pytest.mark.parametrize(
    ("before", "order", "event"),
    [
        pytest.param((), Freeze("U1-1", "投诉", "mo", REVIEW), FROZEN, id="freeze"),
        pytest.param((FROZEN,), Unfreeze("U1-1", "查无实据", "mo", REVIEW), UNFROZEN, id="unfreeze"),
        pytest.param((), Disqualify("U1-1", "虚假", "olga", REVIEW), DISQUALIFIED, id="disqualify"),
        pytest.param((), CorrectType("U1-1", "public", "填错", "olga", REVIEW), CORRECTED, id="correct the type"),
        pytest.param((), RENAME, RENAMED, id="correct the unit's name"),
        pytest.param((), replace(RENAME, unit_name=" 唐山港工会 "), RENAMED, id="correct it with blanks around"),
    ],
)
def test_marks_on_an_entry_are_made_once(before: tuple[object, ...], order: Any, event: object) -> None:
    given(handed(), *before).when(order).then(event)
    given(handed(), *before, event).when(order).then()


def test_the_name_that_an_entry_has_already_is_no_correction() -> None:
    named = replace(handed(), unit_name="唐山港工会", city="唐山")

    given(named).when(RENAME).then()
    given(named).when(replace(RENAME, city="秦皇岛")).then(replace(RENAMED, city="秦皇岛"))


def test_what_was_withdrawn_may_still_be_disqualified() -> None:
    given(handed(), WITHDRAWN).when(Disqualify("U1-1", "虚假", "olga", REVIEW)).then(DISQUALIFIED)


# The shortlist

FIELD = (
    handed("U3-1", kind="state"),
    handed("U1-1", kind="state"),
    handed("U2-1", kind="private"),
    handed("U4-1", kind="other"),
    approved("U3-1"),
    approved("U1-1"),
    approved("U2-1"),
)
LIST = listed(("U1-1", "A001", "state"), ("U3-1", "A002", "state"), ("U2-1", "B001", "private"))
CONFIRM = ConfirmShortlist(("U3-1", "U2-1", "U1-1"), "olga", REVIEW)


def test_a_shortlist_numbers_by_type_and_entry_id() -> None:
    given(*FIELD, locked()).when(CONFIRM).then(LIST)


def test_confirming_again_is_no_news_even_in_like_week() -> None:
    given(*FIELD, locked(), LIST).when(replace(CONFIRM, at=LIKES.start)).then()


def test_what_waits_for_a_decision_is_told() -> None:
    assert pending(given(*FIELD).state) == ["U4-1"]


def test_a_later_list_keeps_the_numbers_that_were_given() -> None:
    more = handed("U0-1"), approved("U0-1"), EntryDisqualified("U3-1", "虚假", "olga", REVIEW)
    later = replace(CONFIRM, entries=("U0-1", "U1-1", "U2-1"))

    given(*FIELD, locked(), LIST, *more).when(later).then(
        listed(("U1-1", "A001", "state"), ("U0-1", "A003", "state"), ("U2-1", "B001", "private"))
    )


def test_a_number_stays_when_the_type_is_corrected() -> None:
    corrected = TypeCorrected("U1-1", "public", "填错", "olga", REVIEW)

    proposed = propose(given(*FIELD, locked(), LIST, corrected).state)

    assert Listed("U1-1", "A001", "public") == proposed[0]


def test_the_corrected_type_gives_the_letter() -> None:
    proposed = propose(given(*FIELD, TypeCorrected("U1-1", "public", "填错", "olga", REVIEW)).state)

    assert {each.entry: each.number for each in proposed} == {"U1-1": "D001", "U3-1": "A001", "U2-1": "B001"}


def test_a_frozen_entry_is_listed() -> None:
    assert Listed("U1-1", "A001", "state") in propose(given(*FIELD, FROZEN).state)


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param(FIELD, CONFIRM, "rules-not-locked", id="before the rules are locked"),
        pytest.param((locked(),), replace(CONFIRM, entries=()), "shortlist-empty", id="of nobody"),
        pytest.param(
            (*FIELD, locked()), replace(CONFIRM, entries=("U1-1",)), "shortlist-differs", id="another than proposed"
        ),
        pytest.param(
            (*FIELD, locked(), WITHDRAWN), CONFIRM, "shortlist-differs", id="with what was withdrawn meanwhile"
        ),
        pytest.param((*FIELD, locked()), replace(CONFIRM, at=LIKES.start), "likes-begun", id="in like week"),
    ],
)
def test_shortlists_that_are_refused(events: tuple[object, ...], order: Any, code: str) -> None:
    given(*events).when(order).refused(code)


def test_the_best_of_each_type_by_grade_then_by_the_earlier_hand_in() -> None:
    graded = [
        (handed("U1-1", at=NOON + 1), approved("U1-1", grade=80)),
        (handed("U2-1", at=NOON), approved("U2-1", grade=80)),
        (handed("U3-1", at=NOON + 2), approved("U3-1", grade=90)),
        (handed("U4-1", kind="other"), approved("U4-1", grade=1)),
    ]
    events = [each for pair in graded for each in pair]

    proposed = propose(given(*events, campaign=BY_GRADE).state)

    assert {"U2-1", "U3-1", "U4-1"} == {each.entry for each in proposed}


def test_who_was_listed_by_grade_stays_listed() -> None:
    events = (
        handed("U1-1"),
        approved("U1-1", grade=50),
        locked(BY_GRADE),
        listed(("U1-1", "A001", "state")),
        *(each for k in (2, 3) for each in (handed(f"U{k}-1"), approved(f"U{k}-1", grade=90))),
    )

    proposed = propose(given(*events, campaign=BY_GRADE).state)

    assert [(each.entry, each.number) for each in proposed] == [("U1-1", "A001"), ("U2-1", "A002")]


def test_letters_go_on_after_z() -> None:
    assert [letter(i) for i in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


# What the two logs say together


@over(st.data())
def test_any_interleaving_of_the_two_logs_gives_the_same_state(data: st.DataObject) -> None:
    own = [opened(), CLAIMED, RETURNED, approved(version=2), FROZEN, CORRECTED, DISQUALIFIED]
    theirs = [handed(), handed(version=2), WITHDRAWN, handed("U1-2")]
    turns = data.draw(st.permutations([True] * len(own) + [False] * len(theirs)))
    left, right = iter(own), iter(theirs)

    mixed = fold(SPEC.decider, [next(left) if turn else next(right) for turn in turns])

    assert fold(SPEC.decider, [*own, *theirs]) == mixed


def test_a_version_that_crossed_its_approval_waits_while_the_approved_one_stands() -> None:
    state = given(handed(), handed(version=2), approved()).state

    assert state.status("U1-1") == "submitted"
    assert state.dossier("U1-1").approved_version == 1
    assert state.may_be_shown("U1-1")


# Properties

ENTRIES = st.sampled_from(["U1-1", "U2-1", "U9-1"])
BYS = st.sampled_from(["mo", "ma"])
ATS = st.sampled_from([NOON, REVIEW, LIKES.start])
VERSIONS = st.integers(1, 2)
REASONS = st.sampled_from(["", "虚假"])
ORDERS = st.one_of(
    st.builds(Claim, entry=ENTRIES, by=BYS, at=ATS),
    st.builds(Approve, entry=ENTRIES, version=VERSIONS, grade=st.sampled_from([None, 5]), by=BYS, at=ATS),
    st.builds(
        Return,
        entry=ENTRIES,
        version=VERSIONS,
        remarks=st.just(REMARKS),
        until=st.just(REVIEW + 1),
        by=BYS,
        at=ATS,
    ),
    st.builds(Reject, entry=ENTRIES, version=VERSIONS, reason=REASONS, by=BYS, at=ATS),
    st.builds(Freeze, entry=ENTRIES, reason=REASONS, by=BYS, at=ATS),
    st.builds(Unfreeze, entry=ENTRIES, reason=REASONS, by=BYS, at=ATS),
    st.builds(Disqualify, entry=ENTRIES, reason=REASONS, by=BYS, at=ATS),
    st.builds(
        CorrectType, entry=ENTRIES, type=st.sampled_from(["state", "public", "x"]), reason=REASONS, by=BYS, at=ATS
    ),
    st.builds(MoveClock, now=ATS, by=BYS),
    st.builds(
        MoveWindow,
        window=st.sampled_from(["submission", "likes"]),
        start=st.sampled_from([OPEN, LIKES.start, LIKES.start + 1]),
        end=st.sampled_from([CLOSED + 1, LIKES.end]),
        reason=REASONS,
        by=BYS,
        at=ATS,
    ),
    st.builds(replace, st.just(LOCK), at=ATS),
    st.builds(ConfirmShortlist, entries=st.sampled_from([("U1-1",), ("U1-1", "U2-1")]), by=BYS, at=ATS),
    st.builds(
        replace,
        st.just(APPOINT),
        staff=BYS,
        roles=st.sampled_from([(), ("organiser",), ("judge",), ("judge", "moderator")]),
        new_link=st.booleans(),
        id=st.sampled_from(["c7", "c8"]),
    ),
    st.builds(replace, st.just(SECOND), change=st.sampled_from(["c7", "c8"]), by=BYS, at=ATS),
    st.builds(SetPassword, staff=BYS, link=st.sampled_from(["c7", "c8"]), password=st.just(Sealed("c1.z")), at=ATS),
    st.builds(
        FileComplaint,
        complaint=st.sampled_from(["A" * 16, "B" * 16]),
        kind=st.just("complaint"),
        entry=st.none() | ENTRIES,
        words=st.just(Sealed("p.complaint.A.1.w")),
        contact=st.none(),
        at=ATS,
    ),
    st.builds(AnswerComplaint, complaint=st.just("A" * 16), words=REASONS, by=BYS, at=ATS),
    st.builds(OpenCampaign, campaign=st.just(CAMPAIGN), now=st.sampled_from([OPEN, NOON]), by=st.just("root")),
)
START = (opened(), handed(), handed("U2-1"), handed("U2-1", version=2))


def play(orders: list[Any]) -> Any:
    state = fold(SPEC.decider, START)
    for order in orders:
        decided = SPEC.decider.decide(order, state)
        for event in () if isinstance(decided, Refused) else decided:
            state = SPEC.decider.evolve(state, event, "log/1/0")
    return state


@over(st.lists(ORDERS, max_size=12))
def test_every_command_twice_is_the_same_as_once(orders: list[Any]) -> None:
    doubled = [each for order in orders for each in (order, order)]

    assert play(orders) == play(doubled)


@over(st.lists(ORDERS, max_size=8), ORDERS)
def test_every_refusal_has_a_listed_code(orders: list[Any], last: Any) -> None:
    decided = SPEC.decider.decide(last, play(orders))

    assert not isinstance(decided, Refused) or decided.code in REFUSALS


@over(st.lists(ORDERS, max_size=12))
def test_nothing_is_listed_that_no_moderator_approved(orders: list[Any]) -> None:
    state = play(orders)

    assert {each.entry for each in propose(state)} <= {
        entry for entry, dossier in state.dossiers.items() if dossier.approved_version is not None
    }
