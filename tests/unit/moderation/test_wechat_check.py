"""The content check by WeChat over the simulator's socket: pieces, places of hits, and reasons for not checking."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.events import Hit, ItemCheck
from services.moderation.wechat_check import (
    ACCOUNT_FILE,
    MOST_CHARS,
    OVERLAP_CHARS,
    WeChatTextCheck,
    hits_of,
    pieces_of,
    read_account,
)
from services.submission.events import EntrySubmitted
from tests.unit.moderation.test_hints import handed, picture
from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorClient]:
    with running_simulator() as running:
        yield running


def check_of(sim: SimulatorClient, **changes: Any) -> WeChatTextCheck:
    openid = sim.openid("moderator")
    check = WeChatTextCheck(str(sim.http.base_url), sim.stable, lambda: openid)
    return replace(check, **changes)


def text_of(check: WeChatTextCheck, version: EntrySubmitted) -> ItemCheck:
    return {each.item: each for each in check.check(version)}["text"]


@pytest.mark.slow
def test_long_text_is_sent_in_pieces_and_hits_keep_their_place(sim: SimulatorClient) -> None:
    text = "好" * (MOST_CHARS - 1) + "赌博" + "好" * 400 + "私彩"
    sim.settle()

    found = text_of(check_of(sim), handed("U1-1", text))

    assert found == ItemCheck(
        "text", "hit", None,
        (Hit("赌博", MOST_CHARS - 1, MOST_CHARS + 1, 100), Hit("私彩", MOST_CHARS + 401, MOST_CHARS + 403, 100)),
    )  # fmt: skip
    assert [each["outcome"] for each in sim.journal("call") if each["what"] == "msg_sec_check"] == ["ok"] * 4


@pytest.mark.slow
def test_text_that_passes_is_clean_and_a_blank_one_is_not_sent(sim: SimulatorClient) -> None:
    found = check_of(sim).check(replace(handed("U1-1", "好人好事"), profile=" "))

    assert [(each.item, each.state) for each in found] == [("title", "clean"), ("profile", "clean"), ("text", "clean")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "why"), [("45009", "quota"), ("40001", "token"), ("48001", "refused"), ("down", "away"), ("cut", "away")]
)
def test_whatever_keeps_wechat_from_looking_is_never_clean(sim: SimulatorClient, fault: str, why: str) -> None:
    sim.settle()
    sim.order("faults", fault=fault, call="msg_sec_check")

    found = text_of(check_of(sim), handed("U1-1", "好人好事"))
    sim.settle()

    assert found == ItemCheck("text", "not-checked", why, ())


@pytest.mark.slow
def test_unknown_person_nobody_and_files_are_not_checked(sim: SimulatorClient) -> None:
    version = handed("U1-1", "好人好事", picture("a"))

    assert text_of(check_of(sim, person=lambda: "o-nobody"), version).why == "no-person"
    assert text_of(check_of(sim, person=lambda: None), version).why == "no-person"
    assert check_of(sim).check(version)[-1] == ItemCheck("files/0", "not-checked", "not-sent", ())


def test_server_that_is_not_there_leaves_the_text_unchecked() -> None:
    check = WeChatTextCheck("http://127.0.0.1:9", lambda: "token", lambda: "openid")

    assert text_of(check, handed("U1-1", "好人好事")) == ItemCheck("text", "not-checked", "away", ())


@pytest.mark.slow
def test_account_of_the_data_folder_checks_with_a_token_of_its_own(sim: SimulatorClient, tmp_path: Path) -> None:
    assert read_account(tmp_path) is None
    secret = sim.secret()
    lines = [f'{name} = "{secret[name]}"' for name in ("appid", "secret")]
    lines += [f'openid = "{sim.openid("moderator")}"', f'api = "{sim.http.base_url}"']
    (tmp_path / ACCOUNT_FILE).write_text("\n".join(lines))

    check = read_account(tmp_path)

    assert check is not None
    assert text_of(check, handed("U1-1", "严禁赌博")).hits == (Hit("赌博", 2, 4, 100),)
    (tmp_path / ACCOUNT_FILE).write_text("\n".join([*lines[:1], 'secret = "x"', *lines[2:]]))
    wrong = read_account(tmp_path)
    assert wrong is not None
    assert text_of(wrong, handed("U1-1", "好人好事")).why == "token"


@given(st.integers(1, 3 * MOST_CHARS), st.integers(0, 3 * MOST_CHARS))
def test_pieces_cover_the_text_and_whatever_stands_across_a_cut(length: int, at: int) -> None:
    text = "".join(chr(0x4E00 + i % 5_000) for i in range(length))
    pieces = list(pieces_of(text))

    assert all(len(piece) <= MOST_CHARS and text[start : start + len(piece)] == piece for start, piece in pieces)
    word = text[at : at + OVERLAP_CHARS]
    assert not word or any(start <= at and at + len(word) <= start + len(piece) for start, piece in pieces)


def test_label_without_a_keyword_is_a_hit_on_the_whole_piece() -> None:
    answer = {"result": {"suggest": "review", "label": 20001}, "detail": [{"strategy": "content_model", "prob": 60}]}

    assert hits_of(answer, "好人好事", 7) == [Hit("wechat-20001", 7, 11, 100)]
