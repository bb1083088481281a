"""The admission settings that a gateway reads when it starts."""

from dataclasses import asdict
from pathlib import Path

import pytest

from deploy.errors import DeployError
from deploy.topology.admission_settings import admission, use_rehearsal_limits
from gateway.admission.settings import Admission
from services.moderation.campaign_file.admission_table import Admission as Table
from shared.settings import Settings


def settings(data: Path, **more: str) -> Settings:
    return Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo", **more})


def test_gateway_and_campaign_file_have_the_same_numbers():
    assert asdict(Table()) == asdict(Admission())


def test_gateway_without_a_campaign_file_has_the_defaults(tmp_path: Path):
    assert Admission() == admission(settings(tmp_path))


def test_campaign_file_is_looked_for_beside_the_data(tmp_path: Path):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "demo.toml").write_text("[admission]\nstep = 4")

    assert Admission(step=4) == admission(settings(tmp_path))


def test_campaign_file_that_is_named_is_read(tmp_path: Path):
    file = tmp_path / "other.toml"
    file.write_text("[admission]\nstep = 5")

    assert Admission(step=5) == admission(settings(tmp_path, BAIJIA_CAMPAIGN_FILE=str(file)))


def test_file_that_is_named_and_absent_or_broken_stops_the_start(tmp_path: Path):
    file = tmp_path / "other.toml"
    named = settings(tmp_path, BAIJIA_CAMPAIGN_FILE=str(file))
    with pytest.raises(DeployError, match="cannot be read"):
        admission(named)

    file.write_text("[admission]\nstep = 1")

    with pytest.raises(DeployError, match=r"other.toml:2: error\[out-of-range\]"):
        admission(named)


def test_rehearsal_has_paces_that_its_one_address_does_not_reach(tmp_path: Path):
    rehearsal = settings(tmp_path)

    use_rehearsal_limits(rehearsal)

    found = admission(rehearsal)
    assert found.address_per_min == found.network_per_min == 100_000_000
    assert found.ticket_life_s == Admission().ticket_life_s
