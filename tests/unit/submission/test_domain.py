"""Tests of submission's decisions and state, as stories of events and commands."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import strategies as st
from immutables import Map

from services.moderation import events as desk
from services.moderation.campaign import to_data
from services.moderation.campaign_file.check import check
from services.submission import declaration, queries, roll, roll_difference
from services.submission.domain import (
    REFUSALS,
    CloseRoll,
    GrantLatePass,
    HandIn,
    ImportRollPart,
    SubmissionDecider,
    Withdraw,
)
from services.submission.entry_checks import Draft
from services.submission.events import (
    ConsentGiven,
    Declared,
    EntrySubmitted,
    EntryWithdrawn,
    File,
    LatePassGranted,
    RollChunk,
    RollImported,
    RollRow,
)
from services.submission.progress import messages
from shared.decider import Refused, fold
from shared.testing.bdd import Given, Spec

TOML = Path(__file__).parents[3] / "deploy/campaigns/2021-baijia.toml"
CAMPAIGN = check(TOML.read_text())[0]
assert CAMPAIGN is not None
LIMITS = CAMPAIGN.entry
OPEN, CLOSED = CAMPAIGN.window("submission").start, CAMPAIGN.window("submission").end
LIKES = CAMPAIGN.window("likes").start
NOON = OPEN + 12 * 3_600_000

UNIT = RollRow("U1", "石家庄第一机床厂工会", "grassroots", "state", "石家庄", "石家庄第一机床厂", "")
OTHER = RollRow("U2", "唐山港工会", "grassroots", "state", "唐山", "唐山港", "")
COUNTY = RollRow("U3", "正定县总工会", "county", "public", "石家庄", "", "")
ROWS = (UNIT, OTHER, COUNTY)
DIGEST = roll.roll_digest(ROWS)
IMPORTED = RollImported("r1", 1, 3, DIGEST, "olga", OPEN)
READY: tuple[object, ...] = (
    desk.CampaignOpened(to_data(CAMPAIGN), True, OPEN, "root"),
    RollChunk("r1", 0, ROWS),
    IMPORTED,
)

RECEIPT = "ABCDEFGHIJKL"
DECLARED = tuple(Declared(kind, words) for kind, words in declaration.CURRENT.items())

SPEC = Spec(SubmissionDecider())


def given(*events: object) -> Given:
    return SPEC.given(*READY, *events)


def picture(i: int) -> File:
    return File(f"{i:064x}", "picture", "jpeg", f"{i}.jpg", 1_000, 800, 600, 0)


def video(duration_ms: int = 60_000, **change: Any) -> File:
    return replace(File("f" * 64, "video", "mp4", "film.mp4", 5_000, 640, 480, duration_ms), **change)


GOOD = Draft(
    title="新业态建会入会",
    profile="成立于1953年",
    text="我们的做法",
    themes=("joining",),
    files=tuple(map(picture, range(LIMITS.pictures_min))),
    consent=declaration.WORDS,
)


def hand_in(draft: Draft = GOOD, *, unit: str = "U1", entry: str | None = None, at: int = NOON) -> HandIn:
    return HandIn(unit, entry, draft, at, RECEIPT)


def submitted(version: int = 1, draft: Draft = GOOD, **change: Any) -> tuple[EntrySubmitted, ConsentGiven]:
    fact = EntrySubmitted(
        entry="U1-1",
        version=version,
        unit="U1",
        type="state",
        title=draft.title,
        profile=draft.profile,
        text=draft.text,
        themes=draft.themes,
        h5=draft.h5,
        files=draft.files,
        late_pass=None,
        at=NOON,
        unit_name=UNIT.name,
        city=UNIT.city,
        employer=UNIT.employer,
        receipt=RECEIPT,
        ai=draft.ai,
    )
    fact = replace(fact, **change)
    return fact, ConsentGiven(fact.entry, version, declaration.WORDS, fact.at, DECLARED)


def approved(version: int = 1) -> desk.EntryApproved:
    return desk.EntryApproved("U1-1", version, None, "mo", NOON)


def returned(version: int = 1, until: int = CLOSED + 1_000) -> desk.EntryReturned:
    return desk.EntryReturned("U1-1", version, (desk.Remark("text", "太短"),), until, "mo", NOON)


REJECTED = desk.EntryRejected("U1-1", 1, "虚假", "mo", NOON)
DISQUALIFIED = desk.EntryDisqualified("U1-1", "虚假", "olga", NOON)
WITHDRAWN = EntryWithdrawn("U1-1", "U1", "", NOON)
MENDED = replace(GOOD, text="我们的做法,更详细")


# Handing in


def test_hand_in_gives_the_units_first_entry_and_its_consent() -> None:
    given().when(hand_in()).then(*submitted())


def test_the_same_hand_in_again_is_no_news_even_after_the_window() -> None:
    given(*submitted()).when(hand_in(at=CLOSED + 1)).then()


def test_the_same_hand_in_of_an_approved_entry_is_no_news() -> None:
    given(*submitted(), approved()).when(hand_in()).then()


def test_another_hand_in_inside_the_window_is_the_next_version() -> None:
    given(*submitted()).when(hand_in(MENDED)).then(*submitted(2, MENDED))


def test_a_claimed_entry_may_still_be_replaced() -> None:
    claimed = desk.EntryClaimed("U1-1", "mo", NOON + 900_000, NOON)

    given(*submitted(), claimed).when(hand_in(MENDED)).then(*submitted(2, MENDED))


def test_after_a_withdrawal_comes_a_second_entry() -> None:
    given(*submitted(), WITHDRAWN).when(hand_in()).then(*submitted(entry="U1-2"))


@pytest.mark.parametrize(
    ("at", "admitted"),
    [
        pytest.param(OPEN - 1, False, id="before the window"),
        pytest.param(OPEN, True, id="its first instant"),
        pytest.param(CLOSED - 1, True, id="its last instant"),
        pytest.param(CLOSED, False, id="its end, that is outside"),
    ],
)
def test_the_window_is_half_open(at: int, admitted: bool) -> None:
    then = given().when(hand_in(at=at))

    if admitted:
        then.then(*submitted(at=at))
    else:
        then.refused("window-closed")


def test_a_moved_window_counts_as_moved() -> None:
    moved = desk.WindowMoved("submission", OPEN, CLOSED + 86_400_000, "暴雨", "olga", NOON)

    given(moved).when(hand_in(at=CLOSED)).then(*submitted(at=CLOSED))


def test_a_returned_entry_is_mended_until_its_date_whatever_the_window() -> None:
    given(*submitted(), returned()).when(hand_in(MENDED, at=CLOSED + 999)).then(*submitted(2, MENDED, at=CLOSED + 999))


def test_a_returned_entry_after_its_date_is_late() -> None:
    given(*submitted(), returned()).when(hand_in(MENDED, at=CLOSED + 1_000)).refused("window-closed")


def test_a_mended_entry_may_be_mended_again_until_the_date() -> None:
    again = replace(GOOD, text="再改一次")

    given(*submitted(), returned(), *submitted(2, MENDED)).when(hand_in(again, at=CLOSED)).then(
        *submitted(3, again, at=CLOSED)
    )


def test_a_returned_entry_may_be_handed_in_unchanged() -> None:
    given(*submitted(), returned()).when(hand_in()).then(*submitted(2))


PASS = LatePassGranted("lp1", "U1", CLOSED + 5_000, "停电", "olga", NOON)


def test_a_late_pass_lets_one_hand_in_through() -> None:
    given(PASS).when(hand_in(at=CLOSED + 1)).then(*submitted(late_pass="lp1", at=CLOSED + 1))


def test_a_late_pass_is_not_used_up_inside_the_window() -> None:
    given(PASS).when(hand_in()).then(*submitted())


def test_a_late_pass_is_good_once() -> None:
    given(PASS, *submitted(late_pass="lp1")).when(hand_in(MENDED, at=CLOSED + 1)).refused("window-closed")


@pytest.mark.parametrize("first", ["lp1", "lp2", "lp3"])
def test_the_late_pass_that_ends_first_is_used_first(first: str) -> None:
    """The order in which they were granted does not matter, because the others stay valid for longer."""
    passes = [replace(PASS, late_pass=each, until=PASS.until - (each == first)) for each in ("lp1", "lp2", "lp3")]

    given(*passes).when(hand_in(at=CLOSED + 1)).then(*submitted(late_pass=first, at=CLOSED + 1))


def test_a_late_pass_ends() -> None:
    given(PASS).when(hand_in(at=PASS.until)).refused("window-closed")


def test_a_late_pass_is_for_its_unit_only() -> None:
    given(PASS).when(hand_in(unit="U2", at=CLOSED + 1)).refused("window-closed")


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param((), hand_in(unit="U9"), "unit-unknown", id="a unit that is not on the roll"),
        pytest.param((), hand_in(unit="U3"), "level-not-eligible", id="a county federation"),
        pytest.param((), hand_in(entry="U2-1"), "not-yours", id="another unit's number"),
        pytest.param(submitted(), hand_in(unit="U2", entry="U1-1"), "not-yours", id="another unit's entry"),
        pytest.param((*submitted(), approved()), hand_in(MENDED), "entry-approved", id="an approved entry"),
        pytest.param((*submitted(), REJECTED), hand_in(MENDED), "entry-rejected", id="a rejected entry"),
        pytest.param((*submitted(), DISQUALIFIED), hand_in(MENDED), "entry-disqualified", id="a disqualified entry"),
        pytest.param(
            (*submitted(), WITHDRAWN, DISQUALIFIED), hand_in(), "entry-disqualified", id="after a disqualified entry"
        ),
        pytest.param(
            (*submitted(), WITHDRAWN), hand_in(entry="U1-1"), "entry-withdrawn", id="the entry that was withdrawn"
        ),
    ],
)
def test_who_may_not_enter_is_told_why(events: tuple[object, ...], order: HandIn, code: str) -> None:
    given(*events).when(order).refused(code)


def test_nothing_is_handed_in_before_the_campaign_opens() -> None:
    SPEC.given().when(hand_in()).refused("campaign-not-open")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        pytest.param({"title": " "}, "title-missing", "title", id="no title"),
        pytest.param({"title": "\u3164\u200b"}, "title-missing", "title", id="a title that shows nothing"),
        pytest.param({"profile": "\u200b"}, "profile-missing", "profile", id="a profile that shows nothing"),
        pytest.param({"title": "一\n二"}, "title-not-one-line", "title", id="a title of two lines"),
        pytest.param({"title": "一\u202e二"}, "characters-refused", "title", id="a title that turns round"),
        pytest.param({"title": "一\x1b二"}, "characters-refused", "title", id="a title with a control character"),
        pytest.param({"title": "一\ue5e5二"}, "characters-refused", "title", id="a title with a private character"),
        pytest.param({"title": "题" * 101}, "title-too-long", "title", id="a title of 101"),
        pytest.param({"profile": ""}, "profile-missing", "profile", id="no profile"),
        pytest.param({"profile": "简" * 1_001}, "profile-too-long", "profile", id="a profile of 1,001"),
        pytest.param({"text": "\n"}, "text-missing", "text", id="no text"),
        pytest.param({"text": "字" * 3_001}, "text-too-long", "text", id="a text of 3,001"),
        pytest.param({"themes": ()}, "themes-missing", "themes", id="no theme"),
        pytest.param({"themes": ("joining", "x")}, "theme-unknown", "themes/1", id="a theme that is not one"),
        pytest.param({"themes": ("home", "home")}, "theme-repeated", "themes/1", id="a theme twice"),
        pytest.param({"h5": "http://a.cn/"}, "h5-not-https", "h5", id="a link in clear"),
        pytest.param({"h5": "https://"}, "h5-not-https", "h5", id="a link without a host"),
        pytest.param({"h5": "https://u:p@a.cn/"}, "h5-not-https", "h5", id="a link with a password"),
        pytest.param({"h5": "https://a.cn:x/"}, "h5-not-https", "h5", id="a link with a broken port"),
        pytest.param({"h5": "https://10.0.0.1/x"}, "h5-not-public", "h5", id="a link to a private address"),
        pytest.param({"h5": "https://0x7f.1/"}, "h5-not-public", "h5", id="a link to this machine in hex"),
        pytest.param({"h5": "https://nas/"}, "h5-not-public", "h5", id="a link to a name of one label"),
        pytest.param({"h5": "https://a.cn/ b"}, "h5-not-https", "h5", id="a link with a blank"),
        pytest.param({"files": GOOD.files[:3]}, "too-few-pictures", "files", id="three pictures"),
        pytest.param({"files": tuple(map(picture, range(31)))}, "too-many-pictures", "files", id="thirty-one pictures"),
        pytest.param({"files": (*GOOD.files, GOOD.files[0])}, "file-repeated", "files/4", id="a picture twice"),
        pytest.param({"files": (*GOOD.files, video(481_000))}, "video-too-long", "files/4", id="a video of 8:01"),
        pytest.param(
            {"files": (*GOOD.files, video(bytes=LIMITS.video_max_bytes + 1))},
            "video-too-large",
            "files/4",
            id="a huge video",
        ),
        pytest.param(
            {"files": (*GOOD.files, replace(picture(9), bytes=LIMITS.picture_max_bytes + 1))},
            "picture-too-large",
            "files/4",
            id="a huge picture",
        ),
        pytest.param(
            {"files": (*GOOD.files, video(kind="audio", container="wma", bytes=LIMITS.audio_max_bytes + 1))},
            "audio-too-large",
            "files/4",
            id="a huge sound",
        ),
        pytest.param(
            {"files": (*GOOD.files, video(container="flv"))}, "media-not-allowed", "files/4", id="a strange container"
        ),
        pytest.param(
            {"files": (*GOOD.files, replace(picture(9), container="gif"))},
            "media-not-allowed",
            "files/4",
            id="a strange picture",
        ),
        pytest.param({"consent": None}, "consent-missing", "consent", id="no declaration"),
        pytest.param({"consent": "0" * 64}, "consent-outdated", "consent", id="another declaration"),
    ],
)
def test_a_flawed_entry_is_refused_with_its_code_and_field(change: dict[str, Any], code: str, field: str) -> None:
    given().when(hand_in(replace(GOOD, **change))).refused(code, field=field)


def test_what_is_just_within_the_limits_is_taken() -> None:
    draft = replace(
        GOOD, text="字" * 3_000, files=(*GOOD.files, video(480_000)), h5="https://h5.example.cn/a?b=1", title="题" * 100
    )

    given().when(hand_in(draft)).then(*submitted(draft=draft))


@pytest.mark.parametrize("duration_ms", [480_040, 480_999], ids=["by a frame", "by less than a second"])
def test_a_video_may_be_longer_by_less_than_a_second(duration_ms: int) -> None:
    draft = replace(GOOD, files=(*GOOD.files, video(duration_ms)))

    given().when(hand_in(draft)).then(*submitted(draft=draft))


def test_a_refusal_says_what_was_counted_and_what_is_allowed() -> None:
    decided = given().when(hand_in(replace(GOOD, text="字" * 3_001))).decision

    counted = {"counted": 3_001, "allowed": 3_000}
    listed = [{"code": "text-too-long", "field": "text", "detail": counted}]
    assert Refused("text-too-long", "text", {**counted, "problems": listed}) == decided


def test_line_ends_of_another_system_make_no_other_version() -> None:
    two_lines = replace(GOOD, text="一\n二")

    given(*submitted(draft=two_lines)).when(hand_in(replace(GOOD, text="一\r\n二"))).then()


# What the two logs say together


def test_a_version_that_crossed_its_approval_waits_while_the_approved_one_is_shown() -> None:
    state = given(*submitted(), *submitted(2, MENDED), approved(1)).state

    shown = state.public_version("U1-1")

    assert (state.status("U1-1"), shown.version) == ("submitted", 1)


def test_a_version_that_the_desk_has_approved_and_we_have_not_read_yet_is_not_shown() -> None:
    state = given(*submitted(), approved(2)).state

    assert state.public_version("U1-1") is None


@over(st.data())
def test_any_interleaving_of_the_two_logs_gives_the_same_state(data: st.DataObject) -> None:
    own = [RollChunk("r1", 0, ROWS), IMPORTED, *submitted(), *submitted(2, MENDED), WITHDRAWN]
    told = [READY[0], returned(), approved(2), desk.TypeCorrected("U1-1", "public", "误", "olga", NOON)]
    told += [desk.UnitNameCorrected("U1-1", "新名", "唐山", "误", "olga", NOON), DISQUALIFIED]
    turns = data.draw(st.permutations([True] * len(own) + [False] * len(told)))
    left, right = iter(own), iter(told)

    mixed = fold(SPEC.decider, [next(left) if turn else next(right) for turn in turns])

    assert fold(SPEC.decider, [*own, *told]) == mixed


# Withdrawing


def test_a_unit_withdraws_its_entry() -> None:
    given(*submitted()).when(Withdraw("U1-1", "U1", "", "U1", NOON)).then(WITHDRAWN)


def test_staff_withdraw_with_a_reason() -> None:
    given(*submitted(), approved()).when(Withdraw("U1-1", None, "来函", "mo", NOON)).then(
        EntryWithdrawn("U1-1", "mo", "来函", NOON)
    )


def test_withdrawing_twice_is_no_news() -> None:
    given(*submitted(), WITHDRAWN).when(Withdraw("U1-1", "U1", "", "U1", NOON + 1)).then()


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param((), Withdraw("U2-1", "U1", "", "U1", NOON), "not-yours", id="another unit's entry"),
        pytest.param((), Withdraw("U2-1", None, "来函", "mo", NOON), "entry-unknown", id="an entry that is not there"),
        pytest.param((), Withdraw("U1-1", None, " ", "mo", NOON), "reason-missing", id="staff without a reason"),
        pytest.param((REJECTED,), Withdraw("U1-1", "U1", "", "U1", NOON), "entry-rejected", id="a rejected entry"),
        pytest.param(
            (DISQUALIFIED,), Withdraw("U1-1", "U1", "", "U1", NOON), "entry-disqualified", id="a disqualified entry"
        ),
    ],
)
def test_withdrawals_that_are_refused(events: tuple[object, ...], order: Withdraw, code: str) -> None:
    given(*submitted(), *events).when(order).refused(code)


# Late passes


GRANT = GrantLatePass("lp1", "U1", CLOSED + 5_000, "停电", "olga", NOON)


def test_a_late_pass_is_granted_with_its_reason() -> None:
    given().when(GRANT).then(PASS)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"unit": "U9"}, "unit-unknown", id="to nobody"),
        pytest.param({"reason": ""}, "reason-missing", id="without a reason"),
        pytest.param({"until": NOON}, "deadline-past", id="until now"),
        pytest.param({"until": LIKES + 1}, "deadline-past-likes", id="into like week"),
    ],
)
def test_late_passes_that_are_refused(change: dict[str, Any], code: str) -> None:
    given().when(replace(GRANT, **change)).refused(code)


def test_the_id_of_a_late_pass_is_not_used_for_another() -> None:
    given(PASS).when(replace(GRANT, unit="U2")).refused("late-pass-differs")


# The roll


FIRST, SECOND = (UNIT, OTHER), (COUNTY,)
SAME = roll_difference.compare({row.code: row for row in ROWS}, ROWS).digest
CLOSE = CloseRoll("r2", 2, DIGEST, SAME, "olga", NOON)


def test_a_part_of_a_roll_is_kept_without_effect() -> None:
    state = given(RollChunk("r2", 0, (replace(UNIT, name="新"),))).state

    assert state.units["U1"] == UNIT


def test_closing_puts_the_roll_in_the_place_of_the_one_before() -> None:
    parts = RollChunk("r2", 0, FIRST), RollChunk("r2", 1, SECOND)
    closed = RollImported("r2", 2, 3, DIGEST, "olga", NOON)

    given(*parts).when(CLOSE).then(closed)

    assert Map({row.code: row for row in ROWS}) == given(*parts, closed).state.units


def test_parts_and_closings_twice_are_no_news() -> None:
    given(RollChunk("r2", 0, FIRST)).when(ImportRollPart("r2", 0, FIRST)).then()
    given().when(ImportRollPart("r1", 0, FIRST)).then()
    given().when(CloseRoll("r1", 1, DIGEST, SAME, "olga", NOON)).then()


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param((RollChunk("r2", 0, FIRST),), CLOSE, "roll-part-missing", id="a part is missing"),
        pytest.param((), CloseRoll("r2", 0, DIGEST, SAME, "olga", NOON), "roll-part-missing", id="there is no part"),
        pytest.param(
            (RollChunk("r2", 0, FIRST), RollChunk("r2", 1, (replace(COUNTY, name="x"),))),
            CLOSE,
            "roll-digest-differs",
            id="another digest",
        ),
        pytest.param(
            (RollChunk("r2", 0, FIRST), RollChunk("r2", 1, FIRST)),
            replace(CLOSE, digest=roll.roll_digest(FIRST + FIRST)),
            "roll-unit-repeated",
            id="a unit twice",
        ),
        pytest.param((), CloseRoll("r1", 1, "other", SAME, "olga", NOON), "roll-closed", id="a roll that is closed"),
        pytest.param(
            (RollChunk("r2", 0, FIRST), RollImported("r2", 1, 2, "d", "olga", NOON)),
            CloseRoll("r1", 1, DIGEST, SAME, "olga", NOON),
            "roll-closed",
            id="a roll that another has replaced",
        ),
        pytest.param(
            (RollChunk("r2", 0, FIRST),), ImportRollPart("r2", 0, SECOND), "roll-part-differs", id="a part changed"
        ),
        pytest.param((), ImportRollPart("r2", 0, ()), "roll-part-broken", id="an empty part"),
        pytest.param((), ImportRollPart("r2", 0, (UNIT,) * 101), "roll-part-broken", id="a part of 101"),
        pytest.param(
            (), ImportRollPart("r2", 0, (replace(UNIT, type="x"),)), "roll-part-broken", id="a type that is not one"
        ),
    ],
)
def test_rolls_that_are_refused(events: tuple[object, ...], order: object, code: str) -> None:
    given(*events).when(order).refused(code)


NO_STATE = replace(CAMPAIGN, unit_types=tuple(each for each in CAMPAIGN.unit_types if each.code != "state"))
REPLACED = desk.RulesReplaced(to_data(NO_STATE), "d" * 64, "改", "olga", NOON)
LACKING = {"types": [{"code": "state", "units": 1, "zh": "state（1 个单位）", "en": "state (units: 1)"}]}


def test_a_unit_of_a_type_that_the_rules_lack_hands_nothing_in() -> None:
    refused = given(REPLACED).when(hand_in()).decision

    assert isinstance(refused, Refused)
    assert (refused.code, refused.detail["types"]) == ("type-not-in-rules", LACKING["types"])


def test_a_roll_is_not_closed_with_a_type_that_left_the_rules_after_its_parts() -> None:
    rows = (replace(UNIT, name="新名"), OTHER)
    late = given(RollChunk("r2", 0, rows), REPLACED)

    assert late.when(closing(rows)).decision == Refused("type-not-in-rules", detail=LACKING)


def closing(rows: tuple[RollRow, ...], *, before: tuple[RollRow, ...] = ROWS) -> CloseRoll:
    """Return the command that puts these rows in force as r2, confirmed against the roll `before`."""
    difference = roll_difference.compare({row.code: row for row in before}, rows)
    return CloseRoll("r2", 1, roll.roll_digest(rows), difference.digest, "olga", NOON)


def test_a_roll_whose_difference_was_confirmed_takes_effect() -> None:
    rows = (UNIT, replace(OTHER, name="新名"))

    given(RollChunk("r2", 0, rows)).when(closing(rows)).then(
        RollImported("r2", 1, 2, roll.roll_digest(rows), "olga", NOON)
    )


def test_a_roll_whose_difference_changed_since_it_was_confirmed_is_refused() -> None:
    """Somebody imported another roll between the reading of the difference and its confirmation."""
    rows = (UNIT, OTHER)

    given(RollChunk("r2", 0, rows)).when(closing(rows, before=(UNIT,))).refused("roll-difference-differs")


@pytest.mark.parametrize(
    "fate",
    [
        pytest.param((), id="handed in"),
        pytest.param((approved(),), id="approved"),
        pytest.param((WITHDRAWN,), id="withdrawn"),
    ],
)
def test_a_unit_with_an_entry_cannot_leave_the_roll(fate: tuple[object, ...]) -> None:
    given(*submitted(), *fate, RollChunk("r2", 0, (OTHER,))).when(closing((OTHER,))).refused("roll-unit-has-entry")


def test_a_unit_with_an_entry_survives_a_roll_of_earlier_versions_that_dropped_it() -> None:
    state = given(*submitted(), RollChunk("r2", 0, (OTHER,)), RollImported("r2", 1, 1, "d", "olga", NOON)).state

    assert Map({"U1": UNIT, "U2": OTHER}) == state.units


def test_a_unit_that_older_rules_took_stays_in_a_roll_as_it_is() -> None:
    """Its name has two lines, and its code differs from another unit's by letter case alone."""
    old = (replace(UNIT, name="两\n行"), replace(OTHER, code="u1"))
    before = RollChunk("r0", 0, old), RollImported("r0", 1, 2, "d", "olga", OPEN)
    rows = (*old, COUNTY)

    given(*before).when(ImportRollPart("r2", 0, rows)).then(RollChunk("r2", 0, rows))
    given(*before, RollChunk("r2", 0, rows)).when(closing(rows, before=old)).then(
        RollImported("r2", 1, 3, roll.roll_digest(rows), "olga", NOON)
    )


def test_a_new_unit_whose_code_differs_from_anothers_by_letter_case_alone_is_refused() -> None:
    rows = (UNIT, replace(OTHER, code="u1"))

    given(RollChunk("r2", 0, rows)).when(closing(rows)).refused("roll-unit-repeated")


def test_an_entry_keeps_the_name_that_its_unit_had_at_the_hand_in() -> None:
    renamed = (replace(UNIT, name="别的工会", city="别处"), OTHER, COUNTY)
    roll_2 = RollChunk("r2", 0, renamed), RollImported("r2", 1, 3, "d", "olga", NOON)

    latest = given(*submitted(), approved(), *roll_2).state.entries["U1-1"].latest

    assert (UNIT.name, UNIT.city, UNIT.employer) == (latest.unit_name, latest.city, latest.employer)


def test_a_version_of_the_time_before_names_takes_them_from_the_roll_of_its_time() -> None:
    unnamed = submitted(unit_name=None, city=None, employer=None)
    roll_2 = RollChunk("r2", 0, (replace(UNIT, name="别的工会"),)), RollImported("r2", 1, 1, "d", "olga", NOON)

    latest = given(*unnamed, *roll_2).state.entries["U1-1"].latest

    assert (UNIT.name, UNIT.city) == (latest.unit_name, latest.city)


def test_the_same_hand_in_takes_a_corrected_name_before_a_decision_and_not_after() -> None:
    renamed = replace(UNIT, name="改正的工会")
    roll_2 = RollChunk("r2", 0, (renamed, OTHER, COUNTY)), RollImported("r2", 1, 3, "d", "olga", NOON)

    given(*submitted(), *roll_2).when(hand_in()).then(*submitted(2, unit_name="改正的工会"))
    given(*submitted(), approved(), *roll_2).when(hand_in()).then()


def test_the_same_hand_in_takes_a_corrected_type_before_a_decision_and_not_after() -> None:
    retyped = replace(UNIT, type="private")
    roll_2 = RollChunk("r2", 0, (retyped, OTHER, COUNTY)), RollImported("r2", 1, 3, "d", "olga", NOON)

    given(*submitted(), *roll_2).when(hand_in()).then(*submitted(2, type="private"))
    given(*submitted(), approved(), *roll_2).when(hand_in()).then()


# Properties


PARTS = st.sampled_from([FIRST, SECOND, (UNIT, UNIT)])
ORDERS = st.one_of(
    st.builds(
        HandIn,
        unit=st.sampled_from(["U1", "U2", "U3", "U9"]),
        entry=st.sampled_from([None, "U1-1", "U1-2"]),
        draft=st.sampled_from([GOOD, MENDED, replace(GOOD, title="")]),
        at=st.sampled_from([OPEN, NOON, CLOSED]),
    ),
    st.builds(
        Withdraw,
        entry=st.sampled_from(["U1-1", "U2-1"]),
        unit=st.sampled_from(["U1", None]),
        reason=st.sampled_from(["", "来函"]),
        by=st.just("U1"),
        at=st.just(NOON),
    ),
    st.builds(replace, st.just(GRANT), late_pass=st.sampled_from(["lp1", "lp2"]), unit=st.sampled_from(["U1", "U2"])),
    st.builds(ImportRollPart, roll=st.sampled_from(["r1", "r2"]), part=st.integers(0, 1), rows=PARTS),
    st.builds(replace, st.just(CLOSE), digest=st.sampled_from([DIGEST, "x"]), parts=st.integers(0, 2)),
)
TOLD = st.sampled_from([approved(), returned(), REJECTED, returned(2)])


def play(steps: list[Any]) -> Any:
    """Return the state after these commands and the events of moderation between them, which name versions that
    exist.
    """
    state = fold(SPEC.decider, READY)
    for step in steps:
        if isinstance(step, COMMANDS):
            decided = SPEC.decider.decide(step, state)
        else:
            seen = "U1-1" in state.entries and step.version <= state.entries["U1-1"].latest.version
            decided = [step] if seen else []
        for event in () if isinstance(decided, Refused) else decided:
            state = SPEC.decider.evolve(state, event, "log/1/0")
    return state


COMMANDS = (HandIn, Withdraw, GrantLatePass, ImportRollPart, CloseRoll)


@over(st.lists(st.one_of(ORDERS, TOLD), max_size=12))
def test_every_command_twice_is_the_same_as_once(steps: list[Any]) -> None:
    doubled = [each for step in steps for each in (step, step)]

    assert play(steps) == play(doubled)


@over(st.lists(ORDERS, max_size=8), ORDERS)
def test_every_refusal_has_a_listed_code(steps: list[Any], last: Any) -> None:
    decided = SPEC.decider.decide(last, play(steps))

    assert not isinstance(decided, Refused) or decided.code in REFUSALS


@pytest.mark.parametrize(("h5", "shown"), [("https://10.0.0.1/x", None), ("https://a.cn/", "https://a.cn/")])
def test_private_link_of_an_entry_from_before_the_rule_is_not_shown_to_the_public(h5: str, shown: str | None) -> None:
    state = given(*submitted(draft=replace(GOOD, h5=h5)), approved()).state

    public = queries.public_view("U1-1", state)

    assert public is not None
    assert public["h5"] == shown


def test_units_whose_names_read_the_same_are_named_together() -> None:
    first, *others = ROWS
    twin = replace(first, code="U9", name=f" {first.name[:1]}（{first.name[1:]}）\u200b")

    assert roll_difference.namesakes([*ROWS, twin]) == [tuple(sorted((first.code, "U9")))]
    assert roll_difference.namesakes([first, *others]) == []


def test_unit_is_told_that_likes_of_its_entry_were_voided_and_why() -> None:
    voided = desk.LikesExcluded("C1", "U1-1", ("vote.0/1/0",), ("olga", "otto"), "同一设备刷赞", "0" * 64, NOON + 5)

    (latest, *_) = messages("U1", given(*submitted(), approved(), voided).state)

    assert latest == {"kind": "likes-voided", "at": NOON + 5, "entry": "U1-1", "facts": {"reason": "同一设备刷赞"}}
