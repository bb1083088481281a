"""Reading the secrets file of the WeChat accounts."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.wechat.account import Account, Accounts, read
from gateway.wechat.errors import BadAccount

KEY = "a" * 43
SERVICE = {"appid": "wx1", "secret": "very secret", "token": "tok", "aeskey": KEY}
TOML = f"""
[service]
appid = "wx1"
secret = "very secret"
token = "tok"
aeskey = "{KEY}"

[miniprogram]
appid = "wx3"
secret = "another"
"""


def written(tmp_path: Path, content: str, *, name: str = "wechat.toml") -> Path:
    path = tmp_path / name
    path.write_text(content)
    return path


def test_file_of_toml_is_read(tmp_path: Path):
    expected = Accounts(service=Account(**SERVICE), miniprogram=Account(appid="wx3", secret="another"))

    assert expected == read(written(tmp_path, TOML))


def test_file_of_json_is_read(tmp_path: Path):
    path = written(tmp_path, json.dumps({"service": SERVICE}), name="wechat.json")

    assert Accounts(service=Account(**SERVICE)) == read(path)


def test_no_secret_shows_in_what_is_printed():
    shown = repr(Account(**SERVICE))

    assert not any(secret in shown for secret in ("very secret", "tok", KEY))


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        pytest.param({}, "service is missing", id="no service account"),
        pytest.param({"service": SERVICE, "shop": SERVICE}, "only the tables", id="unknown account"),
        pytest.param({"service": "wx1"}, "must be a table", id="no table"),
        pytest.param({"service": {**SERVICE, "appid": 1}}, "must be a table", id="a number"),
        pytest.param({"service": {**SERVICE, "key": "x"}}, "key is not a known key", id="unknown field"),
        pytest.param({"service": {"appid": "wx1"}}, "secret is missing", id="no secret"),
        pytest.param({"service": {**SERVICE, "appid": "wx 1"}}, "not an appid", id="no appid"),
        pytest.param({"service": {**SERVICE, "mode": "open"}}, "mode must be one of", id="unknown mode"),
        pytest.param({"service": {**SERVICE, "aeskey": "a"}}, "43 characters", id="short key"),
        pytest.param({"service": {**SERVICE, "aeskey": ""}}, "aeskey is missing", id="safe mode without key"),
        pytest.param({"service": {**SERVICE, "token": ""}}, "token is missing", id="no token"),
    ],
)
def test_file_that_cannot_be_used_says_what_to_mend(tmp_path: Path, tables: dict[str, Any], words: str):
    with pytest.raises(BadAccount, match=words):
        read(written(tmp_path, json.dumps(tables), name="wechat.json"))


@pytest.mark.parametrize(("name", "content"), [("a.toml", "[service"), ("a.json", "{")])
def test_file_that_is_half_written_is_refused_by_name(tmp_path: Path, name: str, content: str):
    with pytest.raises(BadAccount, match=name):
        read(written(tmp_path, content, name=name))


def test_file_that_is_not_there_is_refused_by_name(tmp_path: Path):
    with pytest.raises(BadAccount, match=r"gone\.toml"):
        read(tmp_path / "gone.toml")


def test_key_that_the_file_has_twice_is_named(tmp_path: Path):
    text = json.dumps({"service": SERVICE}).replace('"appid": "wx1"', '"appid": "wx1", "appid": "wx2"')

    with pytest.raises(BadAccount, match="duplicate key: /service/appid"):
        read(written(tmp_path, text, name="wechat.json"))
