"""Reading and verifying the ledger with `baijia verify` and `baijia log`."""

import os
import subprocess
import sys
from typing import Any

import orjson
import pytest
from bson import Binary

from deploy.commands.logs import verify_log
from services.moderation import events as desk
from services.ranking.events import CutTaken
from services.scoring.events import ScoreExcluded
from services.submission.events import EntryWithdrawn
from shared.errors import Corrupt
from tests.files import ROOT
from tests.integration.temporary_campaign import Place
from tests.unit.ranking.stories import submitted
from tests.unit.voting.stories import NOON, liked, opened

pytestmark = pytest.mark.slow

LOG = "vote.0"


def fill_logs(place: Place, *, commits: int = 50) -> None:
    """Write a few events to every log."""
    place.append("moderation", opened(), [desk.ClockMoved(NOON, "o")])
    place.append("submission", [EntryWithdrawn("a", "reason", "u", NOON)])
    place.append("scoring", [ScoreExcluded("j", "a", "reason", "o", NOON)])
    place.append("ranking", [CutTaken(NOON, {"moderation": 1})])
    place.append(LOG, *[[liked("a", NOON + k, voter=f"v{k}-{i}") for i in range(3)] for k in range(commits)])


def baijia(place: Place, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a separate process."""
    environment = os.environ | {
        "BAIJIA_CAMPAIGN": place.campaign,
        "BAIJIA_MONGO_URI": place.settings.mongo_uri,
        "BAIJIA_AMQP_URI": place.settings.amqp_uri,
        "BAIJIA_DATA": str(place.settings.data),
    }
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def alter_commit(place: Place, log: str, n: int, change: dict[str, Any]) -> None:
    """Change a stored commit, which must exist."""
    done = place.database["commits"].update_one({"_id": f"{log}/{n:012d}"}, change)
    assert done.modified_count == 1


def test_every_log_verifies_and_is_counted(place: Place):
    fill_logs(place, commits=1_100)

    said = baijia(place, "verify")

    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert f"{LOG}: 1100 个提交，3300 个事件，链与根相符 / 1100 commits, 3300 events, chain and roots hold" in lines
    assert "moderation: 2 个提交，3 个事件，链与根相符 / 2 commits, 3 events, chain and roots hold" in lines
    assert "vote.7: 0 个提交，0 个事件，链与根相符 / 0 commits, 0 events, chain and roots hold" in lines
    assert len(lines) == 13


@pytest.mark.parametrize(
    ("change", "names"),
    [
        pytest.param({"$set": {"runs.0.columns.at": {"all": NOON}}}, 70, id="the time of its likes"),
        pytest.param({"$set": {"runs.0.columns.entry": {"all": "b"}}}, 70, id="the entry of its likes"),
        pytest.param({"$set": {"seed": Binary(bytes(32))}}, 70, id="its seed"),
        pytest.param({"$set": {"leaf_root": Binary(bytes(32))}}, 70, id="its root"),
        pytest.param({"$set": {"prev": Binary(bytes(32))}}, 70, id="the hash that it names"),
        pytest.param({"$inc": {"time": 1}}, 71, id="its time"),
        pytest.param({"$set": {"uuid": "another"}}, 71, id="its uuid"),
        pytest.param({"$set": {"commands.id.0": "another"}}, 71, id="the command that it answers"),
    ],
)
def test_whatever_is_altered_in_a_commit_is_found_and_named(place: Place, change: dict[str, Any], names: int):
    place.append(LOG, *[[liked("a", NOON + k, voter=f"v{k}-{i}") for i in range(3)] for k in range(80)])
    alter_commit(place, LOG, 70, change)

    with pytest.raises(Corrupt, match=f"^{LOG}/{names}\\b"):
        verify_log(place.ledger, LOG)


def test_commit_that_was_removed_is_missed(place: Place):
    place.append(LOG, *[[liked("a", NOON + k)] for k in range(20)])
    place.database["commits"].delete_one({"_id": f"{LOG}/{8:012d}"})

    with pytest.raises(Corrupt, match=f"{LOG}/8 is missing, and the log goes on to 20"):
        verify_log(place.ledger, LOG)


def test_verify_ends_with_one_and_a_sentence_where_something_was_altered(place: Place):
    fill_logs(place)
    alter_commit(place, LOG, 40, {"$set": {"runs.0.columns.voter.0": "somebody"}})

    said = baijia(place, "verify")

    assert said.returncode == 1
    problem = f"{LOG}/40: the events do not hash to the stored root"
    assert said.stderr.splitlines()[0] == (
        f"错误 / Error: 记录与其哈希不符：{problem} / the record does not hold: {problem} [corrupt]"
    )


@pytest.mark.parametrize("log", ["moderation", "submission", "scoring", "ranking", "vote.0"])
def test_events_of_every_log_are_shown(place: Place, log: str):
    fill_logs(place)

    said = baijia(place, "log", "show", log, "--after", "0")

    assert said.returncode == 0, said.stderr
    shown = [orjson.loads(line) for line in said.stdout.splitlines()]
    assert len(shown) == sum(commit.count for commit in place.commits(log))
    assert shown[0]["address"] == f"{log}/1/0"


def test_unknown_log_is_refused_with_the_logs_that_there_are(place: Place):
    fill_logs(place)

    for words in (("log", "show", "votes"), ("log", "tail", "vote.99")):
        said = baijia(place, *words)
        assert (said.returncode, said.stdout) == (1, "")
        assert "moderation, submission, scoring, ranking, vote.cases, vote.0" in said.stderr
        assert "[log-unknown]" in said.stderr


def test_campaign_that_is_not_open_is_refused_at_once(place: Place):
    for words in (("verify",), ("log", "show", "moderation"), ("log", "tail", "vote.0"), ("rebuild",)):
        said = baijia(place, *words)
        assert said.returncode == 1
        assert "[campaign-not-open]" in said.stderr or "[keys-missing]" in said.stderr


def test_events_are_chosen_by_type_actor_entry_and_time(place: Place):
    fill_logs(place)
    place.append(LOG, [liked("b", NOON)])
    place.append("submission", [submitted("a"), submitted("b")])
    place.append("moderation", [desk.ShortlistConfirmed((desk.Listed("b", "A012", "state"),), "o", NOON)])

    def addresses(*words: str, log: str = LOG) -> list[str]:
        said = baijia(place, "log", "show", log, *words)
        assert said.returncode == 0, said.stderr
        return [orjson.loads(line)["address"] for line in said.stdout.splitlines()]

    assert addresses("--entry", "a012") == [f"{LOG}/51/0"]
    assert addresses("--entry", "Ａ０１２", "--type", "like-cast") == [f"{LOG}/51/0"]
    assert addresses("--type", "clock-moved", log="moderation") == ["moderation/2/0"]
    assert addresses("--actor", "TEST", "--entry", "a12") == [f"{LOG}/51/0"]
    assert addresses("--actor", "nobody") == []
    assert addresses("--until", "2021-06-07") == []
    assert len(addresses("--since", "2021-06-07")) == 151
    for words, code in ((("--type", "like-casted"), "event-type-unknown"), (("--entry", "Z99"), "entry-unknown")):
        said = baijia(place, "log", "show", LOG, *words)
        assert (said.returncode, f"[{code}]" in said.stderr) == (1, True)
