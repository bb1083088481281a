"""Public views: nothing is public before its time or after it was removed, and the same table gives the same views."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.moderation.campaign import rule_hash_of
from services.ranking import events as own
from services.ranking.calculation.final_ranking import Ranking, rank
from services.ranking.read_model.daily_totals import Daily, newest_publishing_time, public_instant
from services.ranking.read_model.ranking_input import awards, candidates_of, lot_root, winner_names
from services.ranking.views.public_views import View, public_totals, views
from services.submission import events as intake
from shared.canonical import canonical
from tests.unit.ranking.stories import (
    DAY,
    END,
    HOUR,
    SEED,
    START,
    Story,
    campaign,
    folded,
    liked,
    locked,
    opened,
    until_exhibited,
    until_judged,
)

CUT = {"moderation": 8, "vote.0": 3}
DAILY = Daily(as_of=START + 18 * HOUR, likes={"u1-1": 7, "u2-1": 9})


def setting(totals: str, *, embargo: bool = True) -> rules.Campaign:
    return replace(campaign(), likes=replace(campaign().likes, totals=totals, embargo=embargo))


def in_like_week(totals: str, *, embargo: bool = True) -> Story:
    """Return the story before its polls close, with a setting for public totals."""
    story = until_judged()
    story["moderation"][0][0] = opened(setting(totals, embargo=embargo))
    story["moderation"][4][0] = locked(setting(totals, embargo=embargo))
    del story["vote.0"][-1], story["vote.1"][-1], story["ranking"], story["scoring"]
    return story


def views_of(story: Story, daily: Daily | None = None) -> dict[str, View]:
    return views(folded(story), CUT, daily)


def story_with(story: Story, log: str, *facts: object) -> Story:
    story[log].append(list(facts))
    return story


def board(view: dict[str, View]) -> dict[str, list[tuple[Any, ...]]]:
    rows = view["board"]["types"]
    return {code: [(each["number"], each["likes"], each["place"]) for each in rows[code]] for code in rows}


def test_there_is_nothing_to_see_before_the_campaign_is_open() -> None:
    assert views_of({}) == {}


def test_theme_of_the_pages_names_the_organiser_of_the_rules_unless_it_has_its_own() -> None:
    theme = desk.PageThemeSet({"name_zh": "展", "logo": {"type": "image/png", "data": "AA=="}, "secret": "x"}, "o1", 1)

    plain, themed = views_of(until_exhibited()), views_of(story_with(until_exhibited(), "moderation", theme))
    other = replace(theme, theme={"organiser": "工会"})

    assert plain["page_theme"] == {"organiser": setting("live").organiser}
    assert themed["page_theme"] == {
        "name_zh": "展",
        "logo": {"type": "image/png", "data": "AA=="},
        "organiser": setting("live").organiser,
    }
    assert views_of(story_with(until_exhibited(), "moderation", other))["page_theme"] == {"organiser": "工会"}


def test_views_are_plain_data() -> None:
    assert canonical(views_of(until_exhibited()))


@pytest.mark.parametrize(
    ("totals", "daily", "state", "private"),
    [
        pytest.param("live", None, [("A002", 3, 1), ("A001", 1, 2)], [("B001", 3, 1)], id="live"),
        pytest.param("daily", None, [("A001", None, None), ("A002", None, None)], [("B001", None, None)], id="day 1"),
        pytest.param("daily", DAILY, [("A002", 9, 1), ("A001", 7, 2)], [("B001", 0, 1)], id="daily"),
        pytest.param(
            "after_end", DAILY, [("A001", None, None), ("A002", None, None)], [("B001", None, None)], id="after the end"
        ),
    ],
)
def test_the_board_in_like_week_shows_what_the_setting_lets_out(
    totals: str, daily: Daily | None, state: list[Any], private: list[Any]
) -> None:
    assert {"state": state, "private": private} == board(views_of(in_like_week(totals), daily))


def test_board_says_that_likes_are_hidden_and_from_when_on() -> None:
    week, closed = in_like_week("live"), in_like_week("live") | {"vote.0": until_judged()["vote.0"]}

    assert [_hidden(views_of(each)) for each in (week, closed)] == [(False, END), (True, END)]
    assert _hidden(views_of(until_exhibited())) == (False, None)
    assert _hidden(views_of(in_like_week("live", embargo=False))) == (False, None)


def _hidden(view: dict[str, View]) -> tuple[bool, int | None]:
    return view["board"]["embargoed"], view["board"]["hidden_from"]


IN_NUMBER_ORDER = {"state": [("A001", None, None), ("A002", None, None)], "private": [("B001", None, None)]}


@pytest.mark.parametrize("totals", ["live", "daily", "after_end"])
def test_from_the_close_of_likes_to_publication_no_likes_and_places_are_public(totals: str) -> None:
    story = in_like_week(totals)

    at_the_end = board(views(folded(story), CUT, DAILY, now=END))
    one_closed = board(views_of(story | {"vote.0": until_judged()["vote.0"]}, DAILY))
    all_closed = board(views_of(story | {log: until_judged()[log] for log in ("vote.0", "vote.1")}, DAILY))

    assert [at_the_end, one_closed, all_closed] == [IN_NUMBER_ORDER] * 3


def test_a_moment_before_the_close_the_setting_holds() -> None:
    assert board(views(folded(in_like_week("live")), CUT, None, now=END - 1))["private"] == [("B001", 3, 1)]


def test_published_result_ends_the_embargo() -> None:
    shown = board(views_of(until_exhibited()))

    assert {likes for rows in shown.values() for _, likes, _ in rows} == {1, 3}


@pytest.mark.parametrize("totals", ["live", "daily", "after_end"])
def test_thousand_likes_more_change_no_view_under_the_embargo(totals: str) -> None:
    quiet, loud = (in_like_week(totals) | {log: until_judged()[log] for log in ("vote.0", "vote.1")} for _ in range(2))
    crowd = [liked("u2-1", voter=f"fan-{n}", day=8) for n in range(1_000)]
    loud["vote.1"] = [*(crowd[i : i + 250] for i in range(0, 1_000, 250)), *loud["vote.1"]]

    assert views_of(quiet, DAILY) == views(folded(loud), CUT, Daily(DAILY.as_of + DAY, {"u2-1": 1_009}))


@pytest.mark.parametrize("totals", ["live", "daily", "after_end"])
def test_without_embargo_the_valid_likes_are_public_once_the_polls_are_closed(totals: str) -> None:
    story = in_like_week(totals, embargo=False) | {log: until_judged()[log] for log in ("vote.0", "vote.1")}

    assert board(views_of(story, DAILY)) == {"state": [("A002", 3, 1), ("A001", 1, 2)], "private": [("B001", 3, 1)]}


def test_one_partition_that_is_still_open_keeps_the_embargo() -> None:
    story = in_like_week("after_end", embargo=False) | {"vote.0": until_judged()["vote.0"]}

    assert public_totals(folded(story), setting("after_end", embargo=False), None).counts is None


def test_under_embargo_no_view_tells_two_histories_of_likes_apart() -> None:
    story, other = in_like_week("after_end"), in_like_week("after_end")
    other["vote.1"] = []
    other["vote.0"] = other["vote.0"][:1]

    assert views_of(story) == views_of(other)


def test_equal_likes_share_a_place() -> None:
    same = Daily(START, {"u1-1": 4, "u2-1": 4})

    assert board(views_of(in_like_week("daily"), same))["state"] == [("A001", 4, 1), ("A002", 4, 1)]


def test_the_board_says_as_of_when() -> None:
    assert DAILY.as_of == views_of(in_like_week("daily"), DAILY)["board"]["as_of"]
    assert views_of(in_like_week("live"))["board"]["as_of"] == START + DAY + 1
    assert views_of(in_like_week("after_end"))["board"]["as_of"] == 0


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        pytest.param(START + 17 * HOUR, None, id="before the first"),
        pytest.param(START + 18 * HOUR, START + 18 * HOUR, id="at the first"),
        pytest.param(START + DAY + 17 * HOUR, START + 18 * HOUR, id="before the second"),
        pytest.param(START + DAY + 19 * HOUR, START + DAY + 18 * HOUR, id="after the second"),
    ],
)
def test_daily_totals_are_those_of_the_newest_publishing_time(now: int, moment: int | None) -> None:
    assert moment == newest_publishing_time(campaign(), now)
    assert moment == public_instant(folded(in_like_week("daily")), now)


@pytest.mark.parametrize("totals", ["live", "after_end"])
def test_only_daily_totals_want_a_publishing_time(totals: str) -> None:
    assert public_instant(folded(in_like_week(totals)), END) is None


def test_an_entry_is_named_by_its_approved_version_and_its_unit() -> None:
    entries = views_of(until_judged())["entries"]["entries"]

    assert {"u1-1", "u2-1", "u3-1"} == set(entries)
    assert entries["u2-1"] == {
        "number": "A002",
        "type": "state",
        "title": "title u2-1 v2",
        "unit": "unit 2",
        "city": "city 2",
        "state": "shortlisted",
        "frozen": False,
        "judged": False,
        "themes": ["home"],
        "pictures": ["picture-u2-1"],
        "video": "video-u2-1",
        "version": 2,
        "at": START - 5,
    }


@pytest.mark.parametrize(
    ("log", "fact"),
    [
        pytest.param("moderation", desk.EntryDisqualified("u2-1", "false", by="o1", at=END), id="disqualified"),
        pytest.param("submission", intake.EntryWithdrawn("u2-1", by="u2", reason="", at=END), id="withdrawn"),
        pytest.param("moderation", desk.EntryReturned("u2-1", 2, (), END, by="m", at=END), id="returned"),
        pytest.param("ranking", own.EntryTakenDown("u2-1", "rights", "o1", END), id="taken down"),
    ],
)
def test_what_was_taken_away_is_in_no_view_but_the_published_result(log: str, fact: object) -> None:
    before, after = views_of(until_exhibited()), views_of(story_with(until_exhibited(), log, fact))

    assert "u2-1" in before["entries"]["entries"]
    assert "u2-1" in before["exhibition"]["entries"]
    hidden = after["entries"].pop("hidden")  # why an entry is not seen any more, for the page that says so
    assert {name for each in hidden.values() for name in each} <= {"number", "why", "files"}
    assert "u2-1" not in repr({name: view for name, view in after.items() if name != "result"})
    assert before["result"]["winners"][1]["title"] == "title u2-1 v2"
    fallen = isinstance(fact, desk.EntryDisqualified)
    unnamed = {**before["result"]["winners"][1], "title": "", "unit": "", "disqualified": fallen}
    assert unnamed == after["result"]["winners"][1]


def test_a_result_is_seen_only_when_it_is_published() -> None:
    story = until_exhibited()
    story["ranking"] = story["ranking"][:-3]

    assert views_of(story)["result"] == {}
    times = dict.fromkeys(("at", "final_at", "changed"), 0)
    assert views_of(story)["exhibition"] == {"open": False, "provisional": False, **times, "entries": []}


def test_the_published_result_and_the_exhibition() -> None:
    view = views_of(until_exhibited())

    told = ("entry", "number", "place", "overall", "final")
    winners = [tuple(each[name] for name in told) for each in view["result"]["winners"]]
    assert winners == [("u3-1", "B001", 1, 2, "79.35"), ("u2-1", "A002", 1, 1, "92.30")]
    assert view["result"]["published"]
    # u3-1 is taken down
    format_score = {
        "open": True,
        "provisional": True,
        "at": END + 10,
        "final_at": 0,
        "changed": END + 11,
        "entries": ["u2-1"],
    }
    assert view["exhibition"] == format_score


def test_who_was_judged_is_told_with_the_result_and_not_before() -> None:
    """A cohort may be the best by likes; then it would reveal likes before the result is published."""
    signed, published = until_exhibited(), until_exhibited()
    for story in (signed, published):
        story["ranking"][1] = [own.CohortFixed({}, ("u1-1", "u2-1"), at=END + 3)]
    signed["ranking"] = signed["ranking"][:4]

    told = [{entry: each["judged"] for entry, each in views_of(story)["entries"]["entries"].items()}
            for story in (signed, published)]  # fmt: skip

    assert set(told[0].values()) == {False}
    assert {entry for entry, is_judged in told[1].items() if is_judged} == {"u1-1", "u2-1"}


def test_the_lot_of_a_published_result_is_drawn_again_by_whoever_reads_its_view() -> None:
    story = until_exhibited()
    assert views_of(until_judged())["result"] == {}
    told = views_of(story)["result"]["lot"]

    drawn = sha256(bytes.fromhex(told["seed"]) + bytes.fromhex(told["root"]) + b"u2-1").hexdigest()

    table = folded(story)
    assert table.rules is not None
    ranked = rank(candidates_of(table), table.rules, seed=SEED, root=lot_root(table))
    assert isinstance(ranked, Ranking)
    assert drawn in {each.merit.lot for each in ranked.entries}
    assert sha256(bytes.fromhex(told["seed"])).hexdigest() == table.rules.seed_commitment


def test_the_popularity_list_is_told_with_the_result_where_the_rules_want_one() -> None:
    wanting, early = until_exhibited(), until_judged()
    for story in (wanting, early):
        story["moderation"][0][0] = opened(replace(campaign(), popularity_list=True))
        story["moderation"][4][0] = locked(replace(campaign(), popularity_list=True))

    told = views_of(wanting)["popularity"]

    rows = [(each["number"], each["likes"], each["place"]) for each in told["entries"]]
    assert rows == [("A002", 3, 1), ("A001", 1, 2)]  # B001 is taken down
    assert "final" not in repr(told)
    assert views_of(early)["popularity"] == {}
    assert views_of(until_exhibited())["popularity"] == {}


def test_a_final_result_ends_the_provisional_mark_and_is_a_change_of_the_exhibition() -> None:
    before = views_of(until_exhibited())
    digest = before["result"]["digest"]

    after = views_of(story_with(until_exhibited(), "ranking", own.ResultFinal("P1", digest, "o1", END + 5 * DAY)))

    assert (before["result"]["is_final"], after["result"]["is_final"]) == (False, True)
    assert (before["exhibition"]["provisional"], after["exhibition"]["provisional"]) == (True, False)
    assert {after["exhibition"][each] for each in ("changed", "final_at")} == {END + 5 * DAY}
    assert after["result"]["notice"] == {"since": END + 9, "until": END + 5 * DAY, "basis": "table"}


def test_a_result_that_replaces_a_final_one_is_provisional_again() -> None:
    story = until_exhibited()
    proposal = next(each for batch in story["ranking"] for each in batch if isinstance(each, own.ResultProposed))
    final = own.ResultFinal("P1", proposal.digest, "o1", END + 5 * DAY)
    second = replace(proposal, proposal="P2")
    again = own.ResultPublished("P2", proposal.digest, "o1", END + 6 * DAY, END + 9 * DAY, "table")

    view = views_of(story_with(story, "ranking", final, second, again))

    assert (view["result"]["proposal"], view["result"]["is_final"]) == ("P2", False)
    assert view["exhibition"]["provisional"]


def test_an_open_exhibition_shows_who_moved_up_as_soon_as_the_corrected_result_is_published() -> None:
    story = until_exhibited()
    proposal = next(each for batch in story["ranking"] for each in batch if isinstance(each, own.ResultProposed))
    rows = [{**row, "winner": row["entry"] != "u2-1"} for row in proposal.table["rows"]]
    second = replace(proposal, proposal="P2", table={**proposal.table, "rows": rows})
    again = own.ResultPublished("P2", proposal.digest, "o1", END + 6 * DAY, END + 9 * DAY, "table")

    before, after = views_of(story)["exhibition"], views_of(story_with(story, "ranking", second, again))["exhibition"]

    assert (before["entries"], after["entries"]) == (["u2-1"], ["u1-1"])  # u3-1 is taken down
    assert (after["at"], after["changed"]) == (before["at"], END + 6 * DAY)


@pytest.mark.parametrize(
    ("log", "fact", "outdated"),
    [
        pytest.param("moderation", desk.EntryDisqualified("u2-1", "false", by="o1", at=END), True, id="disqualified"),
        pytest.param("submission", intake.EntryWithdrawn("u2-1", by="u2", reason="", at=END), True, id="withdrawn"),
        pytest.param("moderation", desk.EntryDisqualified("u1-1", "false", by="o1", at=END), False, id="no winner"),
        pytest.param("ranking", own.EntryTakenDown("u2-1", "rights", "o1", END), False, id="taken down"),
    ],
)
def test_a_published_result_is_outdated_when_a_winner_has_left(log: str, fact: object, outdated: bool) -> None:
    assert views_of(story_with(until_exhibited(), log, fact))["result"]["outdated"] is outdated


def test_the_campaign_view_follows_the_desk() -> None:
    view = views_of(until_judged())["campaign"]

    assert view["clock"] == END
    assert view["windows"]["judging"] == {"start": END, "end": END + 9 * DAY}
    assert view["polls_closed"] == [0, 1]
    assert view["cohort_fixed"]
    assert rule_hash_of(locked().campaign) == view["rules_hash"]
    assert view["moderation"] == 8


def test_a_live_campaign_has_no_clock_of_its_own() -> None:
    story = {"moderation": [[replace(opened(), rehearsal=False)]]}

    assert views_of(story)["campaign"]["clock"] is None


# A later roll

RENAMED = tuple(
    intake.RollRow(f"u{k}", f"other name {k}", "grassroots", "state", f"other city {k}", "", "") for k in range(1, 6)
)


def rolls(*rows: intake.RollRow) -> tuple[object, ...]:
    """Return the events of a later roll with these rows alone."""
    return intake.RollChunk("r2", 0, rows), intake.RollImported("r2", 1, len(rows), "1" * 64, "op", END + 20)


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(rolls(*RENAMED), id="that gives units other names"),
        pytest.param(rolls(replace(RENAMED[0], code="u9")), id="that lacks them"),
    ],
)
def test_a_later_roll_changes_no_view(later: tuple[object, ...]) -> None:
    before = views_of(until_exhibited())

    after = views_of(story_with(until_exhibited(), "submission", *later))

    assert canonical(before) == canonical(after)
    assert {each["entry"]: each["unit"] for each in after["result"]["winners"]} == {"u2-1": "unit 2", "u3-1": ""}
    assert after["entries"]["entries"]["u2-1"]["city"] == "city 2"


def test_a_later_roll_changes_no_award() -> None:
    story = story_with(until_exhibited(), "submission", *rolls(*RENAMED))

    assert {entry: each.unit for entry, each in awards(folded(story)).items()} == {"u2-1": "unit 2", "u3-1": "unit 3"}


def test_a_version_carries_the_name_of_its_own_event() -> None:
    story = until_judged()
    named = replace(story["submission"][3][0], unit_name="name at hand-in", city="city at hand-in", employer="")
    story["submission"][3][0] = named

    shown = views_of(story)["entries"]["entries"]["u2-1"]

    assert (shown["unit"], shown["city"]) == ("name at hand-in", "city at hand-in")


CORRECTION = desk.UnitNameCorrected("u2-1", "corrected unit", "corrected city", "a typing error", "o1", END + 30)


def published_story() -> Story:
    """Return the story whose published result holds the names of its winners."""
    story = until_exhibited()
    published = next(each for batch in story["ranking"] for each in batch if isinstance(each, own.ResultPublished))
    names = winner_names(folded(story))
    story["ranking"] = [
        [replace(each, names=names) if each is published else each for each in batch] for batch in story["ranking"]
    ]
    return story


def test_a_published_result_holds_the_names_of_its_winners() -> None:
    assert winner_names(folded(until_exhibited())) == (
        own.WinnerName("u2-1", "title u2-1 v2", "unit 2", "city 2"),
        own.WinnerName("u3-1", "title u3-1 v1", "unit 3", "city 3"),
    )


@pytest.mark.parametrize(
    ("story", "shown"),
    [
        pytest.param(published_story(), ("unit 2", None), id="not corrected"),
        pytest.param(
            story_with(published_story(), "moderation", CORRECTION),
            ("corrected unit", "unit 2"),
            id="corrected after publication",
        ),
        pytest.param(
            story_with(until_exhibited(), "moderation", CORRECTION),
            ("corrected unit", None),
            id="corrected, with an event of the time before names",
        ),
    ],
)
def test_a_corrected_name_stands_beside_the_name_that_was_published(
    story: Story, shown: tuple[str, str | None]
) -> None:
    winner = next(each for each in views_of(story)["result"]["winners"] if each["entry"] == "u2-1")

    assert (winner["unit"], winner["published_unit"]) == shown


def test_a_corrected_name_stands_in_every_list_and_on_the_next_certificate() -> None:
    story = story_with(published_story(), "moderation", CORRECTION)
    shown = views_of(story)

    assert awards(folded(story))["u2-1"].unit == "corrected unit"
    assert shown["entries"]["entries"]["u2-1"]["unit"] == "corrected unit"
    assert shown["entries"]["entries"]["u2-1"]["city"] == "corrected city"
    assert {each["unit"] for each in shown["board"]["types"]["state"]} == {"unit 1", "corrected unit"}
    assert shown["exhibition"]["changed"] == END + 30
