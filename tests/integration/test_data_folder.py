"""Processes that get no data folder in a deployment, or only to read, need no more than that."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.topology.processes import TABLE
from tests.integration.processes import process
from tests.integration.temporary_campaign import Place
from tests.integration.voting import batch_client, open_polls, order

pytestmark = pytest.mark.slow

WITHOUT = [each for each in TABLE if not each.data]


def files(folder: Path) -> dict[Path, bytes]:
    """Return everything in a folder but the logs that the tests write there."""
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*") if path.suffix != ".log"}


@pytest.mark.parametrize("kind", WITHOUT, ids=lambda kind: kind.name)
def test_process_without_the_data_folder_makes_none(place: Place, tmp_path: Path, kind):
    open_polls(place)
    (tmp_path / "empty").mkdir()
    elsewhere = replace(place, settings=replace(place.settings, data=tmp_path / "empty"))

    with process(elsewhere, *kind.words) as running:
        running.wait_ready()

    assert files(tmp_path / "empty") == {}


def test_vote_writer_leaves_keys_and_uploads_as_they_are(place: Place):
    assert [each.name for each in TABLE if each.data_read_only] == ["vote-writer"]
    open_polls(place)
    assert place.keys
    before = files(place.settings.data)

    with process(place, "vote-writer") as running, batch_client(place) as gateway:
        running.wait_ready()
        answers = gateway.send_and_wait(0, order("v"))

    assert [each["status"] for each in answers] == ["counted"]
    assert files(place.settings.data) == before
