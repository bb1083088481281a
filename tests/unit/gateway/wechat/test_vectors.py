"""Published answers come out, and each of them fails where one thing in it is changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import main
from gateway.wechat.vectors import differences
from tests.unit.gateway.wechat.phones import VECTORS, vector


def flipped(ciphertext: str) -> str:
    """One bit of the last base64 letter but four: in the last block."""
    return f"{ciphertext[:-4]}{'B' if ciphertext[-4] != 'B' else 'A'}{ciphertext[-3:]}"


def check(tmp_path: Path, content: str) -> Any:
    file = tmp_path / "vectors.json"
    file.write_text(content)
    return CliRunner().invoke(main, ["wechat", "vectors", str(file)])


@pytest.mark.parametrize("known", VECTORS, ids=[f"{each['id']} {each['kind']}" for each in VECTORS])
def test_vector_comes_out(known: dict[str, Any]):
    assert differences(known) == []


@pytest.mark.parametrize(
    ("id", "change"),
    [
        pytest.param("V1", {"nonce": "1514711493"}, id="url with another nonce"),
        pytest.param("V2", {"timestamp": "1714037060"}, id="url of another second"),
        pytest.param("V3", {"encrypt": flipped(vector("V3")["encrypt"])}, id="a bit of the ciphertext flipped"),
        pytest.param("V3", {"receiver": "wx0000000000000000"}, id="another receiver"),
        pytest.param("V3", {"nonce": "415670742"}, id="decrypt with another nonce"),
        pytest.param("V3", {"encrypt": vector("T1")["encrypt"]}, id="the ciphertext of another message"),
        pytest.param("V5", {"aeskey": "b" * 43}, id="another key"),
        pytest.param("V5", {"plain": "<xml/>"}, id="another text"),
        pytest.param("T1", {"random": "707722b803182951"}, id="encrypt with other random bytes"),
        pytest.param("T1", {"token": "AAAAB"}, id="encrypt with another token"),
        pytest.param("V8", {"url": "http://mp.weixin.qq.com?params=other"}, id="another page"),
        pytest.param("T2", {"raw_data": "{}"}, id="other raw data"),
        pytest.param("V11", {"appid": "wx0000000000000000"}, id="another mini-program"),
        pytest.param("V11", {"openId": "oSomebodyElse"}, id="another person"),
        pytest.param("V11", {"data": flipped(vector("V11")["data"])}, id="a bit of the data flipped"),
    ],
)
def test_changed_vector_does_not(id: str, change: dict[str, str]):
    assert differences(vector(id) | change) != []


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        pytest.param("text", "not an object", id="no object"),
        pytest.param({"kind": "aes"}, "kind is none of", id="unknown kind"),
        pytest.param({"kind": ["url"]}, "kind is none of", id="kind that is a list"),
        pytest.param({"kind": "jssdk", "url": "http://a"}, "noncestr is missing", id="field missing"),
        pytest.param({"kind": "url", "token": "a", "timestamp": 1, "nonce": "n"}, "nothing to compare", id="no answer"),
        pytest.param(vector("T1") | {"random": "short"}, "16 random bytes", id="random too short"),
        pytest.param(vector("V3") | {"aeskey": "short"}, "43 characters", id="key too short"),
        pytest.param(vector("V3") | {"encrypt": "没有"}, "no base64", id="no base64"),
    ],
)
def test_broken_vector_is_explained(vector: Any, words: str):
    (said,) = differences(vector)

    assert words in said


def test_what_a_vector_leaves_out_is_not_compared():
    known = vector("V3")

    assert differences({name: known[name] for name in ("kind", "aeskey", "receiver", "encrypt")}) == []


def test_a_timestamp_may_be_a_number_and_raw_data_may_have_wechats_name():
    numbered = vector("V1") | {"timestamp": int(vector("V1")["timestamp"])}
    named = {("rawData" if name == "raw_data" else name): value for name, value in vector("T2").items()}

    assert (differences(numbered), differences(named)) == ([], [])


def test_command_says_one_line_a_vector_and_how_many_of_how_many(tmp_path: Path):
    said = check(tmp_path, json.dumps([vector("V1"), vector("V8") | {"signature": "0"}]))

    assert (
        1,
        f"V1 url ok\nV8 jssdk signature：应为 / expected 0，得到 / got {vector('V8')['signature']}\n1 of 2\n",
    ) == (
        said.exit_code,
        said.output,
    )


def test_command_ends_well_where_all_come_out(tmp_path: Path):
    said = check(tmp_path, json.dumps(VECTORS))

    assert (0, f"{len(VECTORS)} of {len(VECTORS)}") == (said.exit_code, said.output.splitlines()[-1])


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "not JSON"), ("{}", "non-empty JSON list"), ("[]", "non-empty JSON list"), ("[" * 100_000, "not JSON")],
    ids=["half of it", "an object", "an empty list", "endless depth"],
)
def test_command_explains_a_broken_file(tmp_path: Path, content: str, words: str):
    said = check(tmp_path, content)

    assert said.exit_code == 1
    assert words in said.output
