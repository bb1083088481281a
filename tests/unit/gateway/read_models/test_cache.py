"""The cache of views: it never goes back, replaces views as a whole, and lets readers wait."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from gateway.http.problems import Problem
from gateway.http.response_cache import ResponseCache
from gateway.read_models.cache import FAR, WAITING, WAITING_EACH, Views
from tests.unit.gateway.town import (
    CLOCK,
    DAY,
    PICTURE,
    VIEWS,
    Visitor,
    board,
    campaign,
    code,
    entry_row,
)


def view_message(view: str, data: dict[str, Any], **cut: int) -> dict[str, Any]:
    return {"view": view, "cut": cut, "data": data}


@pytest.fixture
def views() -> Views:
    made = Views(wall=lambda: 42)
    made.load({})
    return made


def test_newer_view_replaces_and_older_does_not(views: Views):
    assert views.apply(view_message("board", {"as_of": 2}, moderation=2))
    assert not views.apply(view_message("board", {"as_of": 1}, moderation=1))

    assert views.data("board") == {"as_of": 2}


def test_view_that_is_further_in_one_log_and_behind_in_another_does_not_replace(views: Views):
    assert views.apply(view_message("board", {"as_of": 1}, moderation=3, scoring=2))
    assert not views.apply(view_message("board", {"as_of": 2}, moderation=2, scoring=4))
    assert views.apply(view_message("board", {"as_of": 3}, moderation=3, scoring=4))

    assert views.data("board") == {"as_of": 3}


def test_position_is_not_reached_by_a_message_from_before_it(views: Views):
    views.apply(view_message("board", {"as_of": 1}, moderation=5))
    views.apply(view_message("entries", {"entries": {}}, moderation=4))

    with pytest.raises(Problem, match="position-not-reached"):
        asyncio.run(views.reach("entries", {"moderation": 5}, within_s=0.01))


def test_view_of_the_same_cut_replaces_for_daily_totals_change_without_a_commit(views: Views):
    views.apply(view_message("board", {"as_of": 2}, moderation=2))
    views.apply(view_message("board", {"as_of": 3}, moderation=2))

    assert views.data("board") == {"as_of": 3}


def test_nothing_is_shown_before_all_was_read():
    with pytest.raises(Problem, match="views-away"):
        Views().data("board")


def test_entry_is_found_by_its_number(views: Views):
    views.apply(
        view_message(
            "entries",
            {"entries": {"u1-1": entry_row("A012", "state", "x"), "u2-1": entry_row(None, "state", "y")}},
            moderation=1,
        )
    )

    assert tuple(map(views.entry, ("A012", "u1-1", "u2-1", "A013"))) == ("u1-1", "u1-1", "u2-1", None)


def test_files_of_an_entry_that_went_are_no_longer_shown(views: Views):
    views.apply(
        view_message(
            "entries", {"entries": {"u1-1": entry_row(None, "state", "x", pictures=[PICTURE], video="f")}}, moderation=1
        )
    )
    assert frozenset({PICTURE, "f"}) == views.shown_files

    views.apply(view_message("entries", {"entries": {}}, moderation=2))

    assert frozenset() == views.shown_files


def test_live_time_is_the_wall_s_and_a_rehearsal_s_its_clock(views: Views):
    assert views.campaign_time() == 42

    views.apply(view_message("campaign", campaign(), moderation=1))

    assert (views.campaign_time(), views.campaign_time(str(CLOCK + 7))) == (CLOCK, CLOCK + 7)


def test_campaign_time_never_goes_back(views: Views):
    views.apply(view_message("campaign", campaign()))

    views.note_clock(CLOCK + 9)
    views.note_clock(CLOCK + 5)

    assert (views.campaign_time(), views.campaign_time(str(CLOCK + 9))) == (CLOCK + 9, CLOCK + 9)
    with pytest.raises(Problem, match="clock-before"):
        views.campaign_time(str(CLOCK + 8))


def test_known_positions_never_go_back(views: Views):
    views.note_position("moderation", 7)
    views.note_position("moderation", 5)

    assert views.positions(("moderation", "submission")) == {"moderation": 7}


def test_phase_where_two_windows_are_open_is_the_one_that_began_last(views: Views):
    windows = campaign()["windows"]
    late = {**windows["submission"], "end": windows["likes"]["end"]}
    views.apply(view_message("campaign", campaign(windows={**windows, "submission": late})))

    assert views.phase(CLOCK) == "likes"


@pytest.mark.parametrize(
    ("days", "phase"),
    [(-60, "before"), (-10, "submission"), (-2, "moderation"), (0, "likes"), (7, "judging"), (12, "result"),
     (20, "exhibition"), (200, "over")],
)  # fmt: skip
def test_phase_is_the_open_window_or_what_follows_the_last(views: Views, days: int, phase: str):
    views.apply(view_message("campaign", campaign(), moderation=1))

    assert phase == views.phase(CLOCK + days * DAY)


def test_window_is_half_open(views: Views):
    views.apply(view_message("campaign", campaign(), moderation=1))
    likes = campaign()["windows"]["likes"]

    assert (views.phase(likes["start"]), views.phase(likes["end"])) == ("likes", "judging")


def test_reader_waits_for_a_view_to_reach_a_position(views: Views):
    async def story() -> list[str]:
        order: list[str] = []

        async def reader() -> None:
            await views.reach("board", {"moderation": 5})
            order.append("read")

        waiting = asyncio.create_task(reader())
        views.apply(view_message("board", {}, moderation=4))
        await asyncio.sleep(0.01)
        order.append("written")
        views.apply(view_message("board", {"as_of": 5}, moderation=5))
        await waiting
        return order

    assert asyncio.run(story()) == ["written", "read"]


def test_view_that_did_not_change_counts_as_read_once_the_next_round_has_begun(views: Views):
    views.apply(view_message("entries", {}, moderation=5))

    async def reach() -> None:
        await views.reach("board", {"moderation": 5}, within_s=0.01)

    with pytest.raises(Problem, match="position-not-reached"):
        asyncio.run(reach())  # the rest of this round may not have arrived yet

    views.apply(view_message("entries", {"entries": {}}, moderation=6))
    asyncio.run(reach())


def test_all_views_read_at_once_are_settled_at_once(views: Views):
    views.load({"board": {"cut": {"moderation": 5}, "data": {}}})

    asyncio.run(views.reach("exhibition", {"moderation": 5}, within_s=0.01))


def test_position_of_an_own_command_is_known_at_once(views: Views):
    async def story() -> None:
        waiting = asyncio.create_task(views.wait_until_known({"scoring": 3}))
        await asyncio.sleep(0)
        views.note_position("scoring", 3)
        await waiting

    asyncio.run(story())


def test_who_waits_in_vain_has_the_views_asked_for(views: Views, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gateway.read_models.cache.PATIENCE_S", 0.01)

    async def story() -> None:
        with pytest.raises(Problem, match="position-not-reached"):
            await views.reach("board", {"moderation": 9}, within_s=0.05)

    asyncio.run(story())

    assert views.wanted.is_set()


def test_memo_makes_an_answer_once_for_the_same_views():
    made: list[int] = []
    memo = ResponseCache(most=2)

    def make() -> bytes:
        made.append(1)
        return b"x%d" % len(made)

    first = memo.get("k", ("a",), make)

    assert first is memo.get("k", ("a",), make)
    assert first.etag != memo.get("k", ("b",), make).etag
    assert len(made) == 2


def test_memo_forgets_the_oldest():
    memo = ResponseCache(most=2)
    for key in range(3):
        memo.get(key, (), lambda: b"")

    assert memo.get(0, (), lambda: b"anew").body == b"anew"


# Reads over HTTP.


PLAIN = {"Accept-Encoding": "identity"}  # a compressed answer has a weak validator, since its bytes are others


def test_read_carries_a_validator_and_is_not_sent_twice(visitor: Visitor):
    first = visitor.request("GET", "/leaderboard", headers=PLAIN)

    again = visitor.request("GET", "/leaderboard", headers=PLAIN | {"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first.headers["etag"] == again.headers["etag"]
    assert first.headers["cache-control"] == "public, no-cache"


@pytest.mark.parametrize("said", ["W/{etag}", '"x", {etag}', "*"])
def test_validator_is_known_in_every_spelling(visitor: Visitor, said: str):
    etag = visitor.request("GET", "/leaderboard", headers=PLAIN).headers["etag"]
    known = {"If-None-Match": said.format(etag=etag)}

    assert visitor.request("GET", "/leaderboard", headers=PLAIN | known).status_code == 304


def test_read_that_waits_for_a_position_gets_the_newer_view(visitor: Visitor):
    async def story() -> dict[str, Any]:
        token = visitor.app_context.position_tokens.make("moderation", 6)
        asking = asyncio.create_task(visitor.client.get(f"/api/v1/leaderboard?at_least={token}"))
        await asyncio.sleep(0.02)
        visitor.views.apply(view_message("board", board({"u1-1": 8}), moderation=6, submission=9))
        return dict((await asking).json())

    assert visitor.run(story())["types"]["state"][0]["likes"] == 8


def test_leaderboard_of_one_type_and_of_one_that_is_not(visitor: Visitor):
    assert list(visitor.request("GET", "/leaderboard?type=state").json()["types"]) == ["state"]
    assert code(visitor.request("GET", "/leaderboard?type=kings")) == "type-unknown"


def test_campaign_tells_its_phase(visitor: Visitor):
    assert visitor.request("GET", "/campaign").json()["phase"] == "likes"

    later = visitor.request("GET", "/campaign", headers={"Campaign-Time": str(CLOCK + 7 * DAY)})

    assert later.json()["phase"] == "judging"


def test_entries_come_by_number_in_pages(visitor: Visitor):
    first = visitor.request("GET", "/entries?limit=3").json()
    rest = visitor.request("GET", f"/entries?limit=3&after={first['next']}").json()

    assert tuple([row["entry"] for row in page["entries"]] for page in (first, rest)) == (
        ["u1-1", "u2-1", "u3-1"],
        ["u4-1"],
    )
    assert (rest["total"], rest["next"]) == (4, None)
    assert [row["entry"] for row in visitor.request("GET", "/entries?type=other").json()["entries"]] == ["u3-1", "u4-1"]


def test_entry_is_read_whole_by_id_and_by_number(visitor: Visitor):
    whole = visitor.request("GET", "/entries/A001").json()

    assert whole == visitor.request("GET", "/entries/u1-1").json()
    assert tuple(whole[name] for name in ("entry", "unit_code", "city", "text")) == (
        "u1-1",
        "u1",
        "石家庄市",
        "第一段\n第二段 <script>",
    )


def test_entry_that_no_view_holds_is_unknown_whatever_submission_says(visitor: Visitor):
    assert code(visitor.request("GET", "/entries/u9-1")) == "entry-unknown"
    assert visitor.town.calls == []


def test_result_is_not_there_before_it_is_published(visitor: Visitor):
    assert code(visitor.request("GET", "/result")) == "result-not-published"


def test_exhibition_leaves_out_what_was_taken_down(visit):
    shown = {"open": True, "provisional": True, "entries": ["u1-1", "gone-1"]}
    visitor = visit(views={**VIEWS, "exhibition": shown})

    answer = visitor.request("GET", "/exhibition").json()

    assert (
        answer["open"], answer["provisional"], [row["entry"] for row in answer["entries"]],
    ) == (True, True, ["u1-1"])  # fmt: skip


def test_position_far_beyond_the_known_one_is_refused_without_a_wait(views: Views):
    views.note_position("moderation", 5)

    async def story() -> str:
        steps = views.wait_until_known({"moderation": 5 + FAR + 1}, within_s=600)
        with pytest.raises(Problem) as refused:
            steps.send(None)  # it would wait where it yields
        return refused.value.code

    assert asyncio.run(story()) == "position-not-reached"


@pytest.mark.parametrize(
    ("people", "waiting"),
    [pytest.param(1, WAITING_EACH, id="of one person"), pytest.param(1_000, WAITING, id="of all")],
)
def test_few_requests_wait_for_a_position_and_the_others_are_told_at_once(views: Views, people: int, waiting: int):
    async def story() -> Counter[str]:
        async def read(n: int) -> str:
            try:
                await views.wait_until_known({"moderation": 7}, who=f"voter {n % people}", within_s=600)
            except Problem as problem:
                return problem.code
            return "read"

        tasks = [asyncio.create_task(read(n)) for n in range(350)]
        await asyncio.sleep(0)
        views.note_position("moderation", 7)
        return Counter(await asyncio.gather(*tasks))

    assert asyncio.run(story()) == {"read": waiting, "busy": 350 - waiting}


def test_position_that_is_known_takes_no_place_among_those_who_wait(views: Views):
    views.note_position("moderation", 7)

    async def story() -> None:
        await asyncio.gather(*(views.wait_until_known({"moderation": 7}, who="ann") for _ in range(100)))

    asyncio.run(story())
