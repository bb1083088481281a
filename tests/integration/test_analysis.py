"""Historical rankings, recounts, explanations and stability reports, requested by the command line on the real
engines.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from deploy.cli import main
from services.moderation import events as desk
from services.ranking import events as own
from services.scoring.events import ThirdReadingCalled
from tests.integration.processes import Caller, running_services
from tests.integration.temporary_campaign import Place
from tests.unit.ranking.stories import END, START, until_judged

pytestmark = pytest.mark.slow
RunCommand = Callable[..., str]


@pytest.fixture
def caller(place: Place) -> Iterator[Caller]:
    """Store the judged campaign and start its ranking service."""
    for log, commits in until_judged(seed=place.keys.lot).items():
        place.append(log, *commits)
    with running_services(place, "ranking") as (caller, _):
        yield caller


@pytest.fixture
def run_command(place: Place, caller: Caller) -> RunCommand:  # noqa: ARG001 -- the service runs
    """Return a function that runs a command and returns its output; the command must succeed."""

    def run(*words: str) -> str:
        done = CliRunner(env=place.environment()).invoke(main, list(words))
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    return run


def test_the_ranking_as_of_a_moment_in_like_week_is_by_likes(run_command: RunCommand) -> None:
    told = run_command("rank", "--as-of", str(START + 1))

    assert "按点赞排列 / marks are missing" in told
    assert re.search(r"^private +1  B001 .* 2 +[0-9.]+$", told, re.MULTILINE)
    assert "vote.1:2" in told
    assert "vote.0" not in told  # the first commit of vote.0 holds a like of the next day


def test_an_entry_as_of_a_moment_in_like_week_is_explained_by_likes_alone(run_command: RunCommand) -> None:
    told = run_command("explain", "u3-1", "--as-of", str(START + 1))

    assert "仅按点赞 / marks are missing: ranked by likes only" in told
    assert "没有评分 / no marks" in told
    assert "digest –" in told
    assert "有效 / valid 2" in told


def test_a_pack_that_answers_a_complaint_is_written(run_command: RunCommand, tmp_path: Path) -> None:
    run_command("explain", "u3-1", "--pack", str(tmp_path / "pack.zip"))

    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        told = orjson.loads(pack.read("explanation.json"))
    assert (told["entry"], told["digest"] in run_command("rank")) == ("u3-1", True)


def test_the_ranking_as_of_a_cut_is_what_a_fold_to_it_gives(run_command: RunCommand) -> None:
    now = run_command("rank")
    same = run_command("rank", "--as-of", now.splitlines()[-1].rpartition(" ")[2])

    assert now == same


def test_a_cut_beyond_the_record_is_refused(caller: Caller) -> None:
    assert caller.call("ranking", "table", {"cut": {"vote.0": 99}})["refused"]["code"] == "cut-unknown"
    assert caller.call("ranking", "table", {"cut": {"elsewhere": 1}})["refused"]["code"] == "cut-unknown"


def test_an_entry_is_explained_by_its_number_in_both_languages(run_command: RunCommand) -> None:
    told = run_command("explain", "ａ00２")

    assert told.startswith("A002 unit 2《")
    assert "（u2-1" not in told
    assert "2021-06-07  点赞 / cast 4，收回 / retracted 0，作废 / voided 1，暂缓 / held 0，有效 / valid 3" in told
    assert "100 × (2 − 1) ÷ (2 − 1) = 100.00" in told
    assert "专家 1 / Judge 1" in told
    assert "j1" not in told
    assert "0.3 × 100.00 + 0.7 × 89.00 = 92.30" in told


def test_two_moments_of_an_entry_are_compared(run_command: RunCommand, caller: Caller, place: Place) -> None:
    before = caller.call("ranking", "table")["ok"]["cut"]
    place.append("ranking", [own.CohortFixed({}, ("u2-1", "u3-1"), at=END + 4)])
    spelled = ",".join(f"{log}:{n}" for log, n in before.items())

    told = run_command("explain", "u2-1", "--at", spelled, "--and", str(END + 10))

    assert "参比成果数 / Entries compared with: 2 → 1" in told


def test_a_recount_names_who_enters_and_who_leaves_and_writes_nothing(run_command: RunCommand, place: Place) -> None:
    head = place.ledger.head("ranking")

    told = run_command("recount", "--without-entry", "u2-1")

    assert told.startswith("非正式，不影响记录 / unofficial")
    assert "进入 / enters: 1\n  A001 state" in told
    assert "离开 / leaves: 1\n  A002 state" in told
    assert place.ledger.head("ranking") == head


def test_a_recount_without_a_file_of_likes_leaves_out_those_that_counted(
    run_command: RunCommand, tmp_path: Path
) -> None:
    cohort = tmp_path / "likes.txt"
    cohort.write_text("vote.0/1/1\nvote.0/2/0\nvote.0/2/0\n")  # the first of these is void already

    told = run_command("recount", "--without-cohort", str(cohort))

    assert "不计的点赞 / likes left out: 1" in told


def test_a_recount_without_a_day_leaves_out_its_valid_likes(run_command: RunCommand) -> None:
    told = orjson.loads(run_command("recount", "--without-day", "2021-06-07", "--json"))

    assert told["likes_left_out"] == 3 + 3  # the only valid like of u1-1 that is left is that of the 8th
    assert told["unofficial"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["--without-judge", "nobody"], "judge-unknown", id="a judge who marked nothing"),
        pytest.param(["--without-entry", "nothing"], "entry-unknown", id="an entry that is not ranked"),
        pytest.param(["--without-day", "2021-06-31"], "day-unknown", id="a day that no calendar has"),
        pytest.param(["--without-day", "2021-06-14"], "day-unknown", id="a day after like week"),
        pytest.param(["--conversion", "none"], "rule-unreadable", id="likes with a weight and no points"),
        pytest.param(["--weights", "0.3/0.6"], "rule-unreadable", id="weights that do not sum"),
        pytest.param(["--conversion", "rank_step(1)"], "rule-unreadable", id="a conversion without its numbers"),
    ],
)
def test_a_recount_of_what_nobody_knows_is_refused(place: Place, caller: Caller, words: list[str], code: str) -> None:  # noqa: ARG001
    done = CliRunner(env=place.environment()).invoke(main, ["recount", *words])

    assert done.exit_code == 1
    assert code in done.output


@pytest.mark.parametrize("words", ["explain u3-1", "recount --method median", "methods", "stability --variants 3"])
def test_without_a_third_reading_that_was_called_nothing_is_explained_or_varied(
    place: Place,
    caller: Caller,  # noqa: ARG001 -- the service runs
    words: str,
) -> None:
    place.append("scoring", [ThirdReadingCalled("u3-1", 2_000, marks=3, at=END + 9)])

    done = CliRunner(env=place.environment()).invoke(main, words.split())

    assert done.exit_code == 1
    assert "marks-missing" in done.output
    assert "B001" in done.output
    assert "{" not in done.output


def test_a_scenario_is_kept_listed_and_gives_the_same_again(run_command: RunCommand, place: Place) -> None:
    official = run_command("rank")
    run_command(
        "recount", "--weights", "0.9/0.1", "--conversion", "prop_max", "--save", "likes-first", "--reason", "asked"
    )
    place.append("vote.1", [own.CutTaken(END + 9, {})])  # the ledger has grown since

    assert re.search(r"^likes-first +operator +asked$", run_command("recount", "--list"), re.MULTILINE)
    assert "与保存时相同 / same as when it was saved" in run_command("recount", "--show", "likes-first")
    assert official.splitlines()[:-1] == run_command("rank").splitlines()[:-1]


def test_a_name_stands_for_one_scenario(caller: Caller) -> None:
    body = {"name": "one", "reason": "asked", "method": "median"}

    first = caller.call("ranking", "save_scenario", body)
    other = caller.call("ranking", "save_scenario", {**body, "method": "trimmed"})

    assert first["ok"]["unofficial"]
    assert other["refused"]["code"] == "scenario-exists"


def test_judges_and_moderators_and_the_public_get_nothing_before_publication(caller: Caller) -> None:
    for role in ("judge", "moderator", "unit", "voter"):
        assert caller.call("ranking", "recount", roles=(role,))["refused"]["code"] == "role-missing"
        told = caller.call("ranking", "explanation", {"entry": "u2-1"}, roles=(role,))
        assert told["refused"]["code"] == "result-not-published"


def test_the_stability_report_names_its_border(run_command: RunCommand) -> None:
    told = run_command("stability", "--variants", "60")

    assert told.startswith("非正式")
    assert "60 种情形 / variants" in told
    assert "在所有情形下都入选 / win in every variant" in told


def test_the_published_result_is_explained_to_all_at_its_own_cut_whatever_came_later(
    caller: Caller, place: Place
) -> None:
    proposed = caller.call("ranking", "propose_result")["ok"]
    for by in ("o1", "o2"):
        signing = {"proposal": proposed["proposal"], "digest": proposed["digest"]}
        assert "ok" in caller.call("ranking", "sign_result", signing, actor=by)
    assert "ok" in caller.call("ranking", "publish_result", {"proposal": proposed["proposal"]}, actor="o1")
    place.append("moderation", [desk.EntryDisqualified("u1-1", "false", by="o1", at=END + 20)])

    told = caller.call("ranking", "explanation", {"entry": "u2-1", "as_of": 5}, roles=())["ok"]
    of_now = caller.call("ranking", "explanation", {"entry": "u2-1"})["ok"]

    assert told["digest"] == proposed["digest"]
    assert (told["place"]["of_type"], of_now["place"]["of_type"]) == (2, 1)
