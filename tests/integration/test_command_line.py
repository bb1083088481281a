"""Commands that running services refuse write nothing, in words of both languages, with stable exit codes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import running_services
from tests.integration.temporary_campaign import Place, temporary_campaign
from tests.unit.ranking.stories import until_judged

pytestmark = pytest.mark.slow
FILE = str(CAMPAIGN_FILE)
OTHER = str(CAMPAIGN_FILE.parents[2] / "tests" / "campaigns" / "third.toml")
#: Calls that a running campaign refuses, with the code of the refusal.
REFUSED = [
    (["campaign", "open", OTHER, "--rehearsal", "--organiser", "olga", "--organiser", "otto"], "campaign-is-open"),
    (["campaign", "open", FILE, "--organiser", "o/../o", "--organiser", "otto"], "invalid"),
    (["campaign", "setup"], "campaign-is-open"),
    (["staff", "confirm", "nothing"], "change-unknown"),
    (["staff", "link", "no name"], "invalid"),
    (["forget", "staff.nobody"], "subject-unknown"),
    (["forget", "voter."], "invalid"),
    (["explain", "Z999"], "entry-unknown"),
    (["explain", "A001", "--as-of", "moderation:999"], "cut-unknown"),
    (["rank", "--as-of", "moderation:999"], "cut-unknown"),
    (["recount", "--without-entry", "z9"], "entry-unknown"),
    (["recount", "--without-judge", "nobody", "--save", "x", "--reason", "y"], "judge-unknown"),
    (["recount", "--weights", "0.3/0.6", "--save", "x", "--reason", "y"], "rule-unreadable"),
    (["recount", "--show", "nothing"], "scenario-unknown"),
    (["changes", "c99"], "changes-unknown"),
    (["changes", "99"], "invalid"),
]


@pytest.fixture(scope="module")
def judged(engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Yield a judged campaign whose services of moderation and ranking run."""
    with temporary_campaign(engines, tmp_path_factory.mktemp("judged")) as place:
        for log, commits in until_judged(seed=place.keys.lot).items():
            place.append(log, *commits)
        with running_services(place, "moderation", "ranking"):
            yield place


def run(place: Place, words: list[str]) -> Result:
    result = CliRunner(env=place.environment()).invoke(main, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def heads(place: Place) -> dict[str, int]:
    return {log: place.ledger.head(log) for log in ("moderation", "submission", "scoring", "ranking", "vote.0")}


@pytest.mark.parametrize(("words", "code"), REFUSED, ids=[" ".join(words[:3]) for words, _ in REFUSED])
def test_refused_command_writes_nothing_and_says_what_to_do(judged: Place, words: list[str], code: str):
    before = heads(judged)

    result = run(judged, words)

    first = next(line for line in result.stderr.splitlines() if line.startswith("错误"))
    assert (result.exit_code, first.endswith(f"[{code}]")) == (1, True), result.output
    assert " / " in first.removeprefix("错误 / Error: ")
    assert "怎么办 / What to do: " in result.stderr
    assert "{" not in result.stderr
    assert heads(judged) == before


@pytest.mark.parametrize(
    "words",
    [["changes"], ["outages"], ["certificates"], ["methods"], ["rank"], ["recount", "--list"]],
    ids=" ".join,
)
def test_lists_of_a_running_campaign_show_no_internal_id(judged: Place, words: list[str]):
    result = run(judged, words)

    assert result.exit_code == 0, result.output
    assert not any(f" {each} " in result.stdout for each in ("u1-1", "u2-1", "u3-1"))


def test_service_that_does_not_run_is_not_reachable(place: Place):
    for words in (["rank"], ["campaign", "setup"], ["explain", "A001"]):
        result = run(place, words)
        assert (result.exit_code, "[service-away]" in result.stderr) == (3, True)


def test_campaign_with_a_bad_name_opens_nothing(place: Place):
    with running_services(place, "moderation"):
        refused = run(place, ["campaign", "open", FILE, "--rehearsal", "--organiser", "o/../o", "--organiser", "otto"])
        assert (refused.exit_code, place.ledger.head("moderation")) == (1, 0)

        opened = run(place, ["campaign", "open", FILE, "--rehearsal", "--organiser", "olga", "--organiser", "otto"])
        assert (opened.exit_code, place.ledger.head("moderation")) == (0, 1)
        assert run(place, ["staff", "changes"]).stdout == "没有等待的变更 / no changes wait\n"


def test_entries_are_named_by_poster_numbers_in_whatever_width(judged: Place, tmp_path: Path):
    file = tmp_path / "pack.zip"

    assert run(judged, ["explain", "ａ００１", "--pack", str(file)]).exit_code == 0
    assert file.stat().st_size > 0
    saved = run(judged, ["recount", "--without-entry", "a1", "--save", "without", "--reason", "tried"])
    assert (saved.exit_code, '"without_entries":["A001"]' in saved.stdout) == (0, True)
