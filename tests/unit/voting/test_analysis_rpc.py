"""Analysts group likes over RPC; sealed signals are read while an opening is in force, and never after their key."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from shared.commit import Head, form
from shared.network import NetworkSealer
from shared.sealing import Sealer
from shared.stamps import stamp
from shared.wrapping import KeyFile, Wrapping
from tests.unit.voting.stories import NOON, liked
from tests.unit.voting.test_service import KEYS, Bureau

ADA, OTTO = {"role": "auditor", "by": "ada"}, {"role": "organiser", "by": "otto"}


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """A campaign with six likes, of which four came from one network."""
    bureau = Bureau()
    bureau.service.log.settings = SimpleNamespace(data=tmp_path, campaign="demo")  # type: ignore[attr-defined]
    sealer = NetworkSealer(KeyFile(tmp_path, "demo"), Sealer(KEYS.campaign))
    likes = [
        replace(
            liked("a", NOON + i, voter=f"v{i}"), signals=sealer.seal(orjson.dumps({"net": "n1" if i < 4 else "n2"}))
        )
        for i in range(6)
    ]
    bureau.ledger.insert(form(Head("vote.0"), likes, commands=[], stamp=stamp()))
    return bureau


def opened(bureau: Bureau) -> None:
    asked = bureau.call("ask_to_open_signals", **ADA, reason="一批赞来自同一网段", hours=24)
    agreed = bureau.call("decide_opening", **OTTO, opening=asked["ok"]["opening"], agrees=True)
    assert "ok" in agreed


def test_clear_groups_need_no_opening(bureau: Bureau):
    found = bureau.call("cohorts", **ADA, grouping="door")["ok"]

    assert ([(each["key"], each["likes"]) for each in found["groups"]], found["addresses"]) == ([("web", 6)], None)


def test_signals_are_read_once_a_second_person_agreed(bureau: Bureau):
    before = bureau.call("cohorts", **ADA, grouping="network")
    opened(bureau)
    after = bureau.call("cohorts", **ADA, grouping="network", group="n1")["ok"]

    assert before["refused"] == {"code": "signals-sealed", "field": "grouping", "detail": {}}
    assert [(each["key"], each["likes"]) for each in after["groups"]] == [("n1", 4)]
    assert (after["small"]["likes"], after["addresses"]) == (2, [f"vote.0/1/{i}" for i in range(4)])


def test_everybody_who_may_ask_sees_who_asked_and_decided(bureau: Bureau):
    opened(bureau)

    (row,) = bureau.call("signal_openings", **OTTO)["ok"]["openings"]

    assert (row["asked_by"], row["decided_by"], row["reason"], row["state"]) == (
        "ada", "otto", "一批赞来自同一网段", "open",
    )  # fmt: skip


@pytest.mark.parametrize("method", ["cohorts", "signal_openings", "ask_to_open_signals", "decide_opening"])
@pytest.mark.parametrize("role", ["operator", "moderator", "judge", "unit", "voter"])
def test_nobody_else_may(bureau: Bureau, method: str, role: str):
    assert bureau.call(method, role=role)["refused"]["code"] == "role-missing"


def test_no_opening_brings_back_a_destroyed_key(bureau: Bureau, tmp_path: Path):
    opened(bureau)
    file = KeyFile(tmp_path, "demo")
    for _ in file.swap(Wrapping(file.read().generation, file.read().key, None)):
        pass

    assert bureau.call("cohorts", **ADA, grouping="network")["refused"]["code"] == "signals-destroyed"
