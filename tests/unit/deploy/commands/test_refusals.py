"""Every command refuses in words of both languages, with the way out, and never with a stack trace.

The engines are away: each command is called over ports on which nobody listens.
"""

import shlex
import socket
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from deploy.cli import main
from deploy.commands.command import WrongUse
from deploy.commands.help_texts import HELP, OPTIONS
from deploy.commands.language import language
from deploy.commands.refusals import ServiceRefusal, broker_away, of_error
from deploy.commands.ways_out import NO_WAY, WAYS_OUT
from deploy.reference.cli_page import commands
from shared.errors import BaijiaError, BrokerUnreachable, Corrupt, Overdue, Unreachable
from tests.files import CAMPAIGN_FILE, ROOT
from tests.unit.deploy.commands.screen import columns

FILE = shlex.quote(str(CAMPAIGN_FILE))
VECTORS = ROOT / "tests" / "unit" / "gateway" / "wechat" / "vectors.json"
BROKER, STORE = "broker-away", "store-away"
#: A call of each command that needs the running product, and the code with which it ends while nothing runs.
NEEDING = {
    f"campaign open {FILE} --organiser olga --organiser otto": BROKER,
    "campaign setup": BROKER,
    f"campaign theme {FILE}": BROKER,
    "certificates": BROKER,
    "changes": BROKER,
    "changes c1": BROKER,
    "explain a012": BROKER,
    "forget staff.olga": BROKER,
    "likes bury .": BROKER,
    "likes dead": BROKER,
    "likes redrive": BROKER,
    "log show moderation": STORE,
    "log tail moderation": STORE,
    "methods": BROKER,
    "outages": BROKER,
    "rank": BROKER,
    "rank --as-of 2021-06-10T18:00": BROKER,
    "rebuild": "keys-missing",
    "recount --method median": BROKER,
    "recount --list": BROKER,
    "recount --show scenario": BROKER,
    "stability": STORE,
    "staff changes": BROKER,
    "staff confirm 1": BROKER,
    "staff link olga": BROKER,
    "verify": STORE,
    f"wechat menu {FILE}": "wechat-unset",
}
#: Commands that need nothing that runs.
ALONE = {
    "campaign check", "campaign new", "campaign rehearse", "demo", "rules rehearse", "rules sheet", "rules try",
    "security", "wechat vectors",
}  # fmt: skip
#: A wrong call of each command, with its exit code: 1 refused, 2 wrong use.
WRONG = {
    "campaign check /nowhere.toml": 1,
    f"campaign new {FILE}": 1,
    "campaign open /nowhere.toml --organiser olga --organiser otto": 2,
    f"campaign open {FILE} --organiser olga": 2,
    f"campaign open {shlex.quote(str(VECTORS))} --organiser olga --organiser otto": 1,
    "campaign rehearse /nowhere.toml": 1,
    "campaign setup now": 2,
    "campaign theme .": 2,
    f"campaign theme {shlex.quote(str(VECTORS))}": 1,
    "certificates --pdf": 2,
    "changes C1 C2": 2,
    "demo --seed many": 2,
    "explain": 2,
    "explain A012 --at 2021-06-10T18:00+08:00": 2,
    "explain A012 --as-of yesterday": 2,
    "forget complaint.7": 1,
    "forget staff.olga --reason none": 2,
    "likes bury /nowhere": 2,
    "likes dead 7": 2,
    "likes lost": 2,
    "likes redrive 7": 2,
    "log show": 2,
    "log show moderation --after many": 2,
    "log tail moderation --count 0": 2,
    "log show moderation --since now": 2,
    "log tail moderation --until 2021-06-31": 2,
    "methods --yaml": 2,
    "outages 7": 2,
    "rank --as-of 2021-13-01": 2,
    "rebuild --source paper": 2,
    "recount --save x": 2,
    "recount --without-cohort /nowhere": 2,
    "rules rehearse /nowhere.toml": 1,
    "rules sheet /nowhere.toml": 1,
    f"rules try /nowhere.json --campaign {FILE}": 1,
    f"rules try {FILE} --campaign {FILE}": 1,
    "security --date yesterday": 2,
    "security --date 2021-06-10": 1,
    "stability --variants 0": 2,
    "staff changes 7": 2,
    "staff confirm": 2,
    "staff link": 2,
    "verify all": 2,
    "wechat menu /nowhere.toml": 2,
    f"wechat vectors {FILE}": 1,
}


@pytest.fixture(autouse=True)
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point every command at a port on which nobody listens, with an empty data folder."""
    nobody = socket.socket()
    nobody.bind(("127.0.0.1", 0))  # without listening: no other test can take the port
    port = nobody.getsockname()[1]
    for name in ("BAIJIA_PUBLIC_URL", "BAIJIA_WECHAT_FILE", "BAIJIA_ENGINES"):
        monkeypatch.delenv(name, raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    monkeypatch.setenv("BAIJIA_MONGO_URI", f"mongodb://127.0.0.1:{port}/?directConnection=true")
    monkeypatch.setenv("BAIJIA_AMQP_URI", f"amqp://guest:hunter2@127.0.0.1:{port}//")
    monkeypatch.setenv("BAIJIA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BAIJIA_CAMPAIGN", "nobody")
    monkeypatch.chdir(tmp_path)
    yield
    nobody.close()


def run(words: str, *more: str) -> Result:
    result = CliRunner().invoke(main, [*shlex.split(words), *more])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def is_in_both_languages(text: str) -> bool:
    zh, _, en = text.partition(" / ")
    return not zh.isascii() and bool(en.strip())


@pytest.mark.parametrize(("words", "code"), NEEDING.items())
def test_command_says_what_is_away_and_what_to_do(words: str, code: str):
    result = run(words)

    first, way = (line for line in result.stderr.splitlines() if line.startswith(("错误", "怎么办")))
    assert result.exit_code == (1 if code in ("keys-missing", "wechat-unset") else 3)
    assert first.startswith("错误 / Error: ")
    assert first.endswith(f" [{code}]")
    assert is_in_both_languages(first.removeprefix("错误 / Error: "))
    assert is_in_both_languages(way.removeprefix("怎么办 / What to do: "))
    assert "hunter2" not in result.output


@pytest.mark.parametrize(("words", "code"), WRONG.items())
def test_wrong_call_is_refused_in_both_languages(words: str, code: int):
    result = run(words)

    assert result.exit_code == code
    assert "Traceback" not in result.output
    assert "{'" not in result.output
    lines = [line for line in result.output.splitlines() if line.startswith("错误 / Error: ") or "error[" in line]
    assert all(is_in_both_languages(each.partition(": ")[2]) for each in lines)
    assert lines != []


def test_every_command_is_tried():
    names = {" ".join(words[1:]) for words, _ in commands(main)}

    assert {name for name in names if not any(f"{each} ".startswith(f"{name} ") for each in WRONG)} == set()
    needing = {name for name in names if any(f"{each} ".startswith(f"{name} ") for each in NEEDING)}
    assert names - needing == ALONE


def test_refusal_is_in_the_language_that_is_asked_for():
    assert run("rank", "--lang", "zh").stderr.isascii() is False
    assert "Error" not in run("rank", "--lang", "zh").stderr
    assert run("rank", "--lang", "en").stderr.isascii() is True
    assert run("rank", "--lang", "en", "--yaml").stderr.isascii() is True


@pytest.mark.parametrize(
    ("locale", "lang"),
    [("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("C.UTF-8", "both"), ("", "both"), ("fr_FR.UTF-8", "both")],
)
def test_locale_decides_the_language_of_output(locale: str, lang: str):
    assert language({"LANG": locale}) == lang
    assert language({"LC_ALL": locale, "LANG": "en_US.UTF-8"}) == (lang if locale else "en")


def test_every_command_has_chinese_help_and_every_option_too():
    for words, command in commands(main):
        name = " ".join(words[1:])
        assert name in HELP
        for each in command.params:
            if isinstance(each, click.Option):
                assert (name, each.name) in OPTIONS or ("", each.name) in OPTIONS, (name, each.name)


@pytest.mark.parametrize("lang", [[], ["--lang", "zh"], ["--lang", "en"]], ids=["both", "zh", "en"])
def test_help_fits_the_console(lang: list[str]):
    for words, _ in commands(main):
        result = run(" ".join(words[1:]), "--help", *lang)

        assert result.exit_code == 0
        wide = [line for line in result.output.splitlines() if columns(line) > 80]
        assert [line for line in wide if not line.startswith(("用法", "Usage"))] == []


def test_setting_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BAIJIA_GATEWAY_PORT", "eighty")

    result = run("rank")

    assert (result.exit_code, "[settings-unreadable]" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("BAIJIA_AMQP_URI", "amqp://127.0.0.1:port//"),
        ("BAIJIA_AMQP_URI", "http://127.0.0.1/"),
        ("BAIJIA_MONGO_URI", "mongodb://127.0.0.1:port/"),
        ("BAIJIA_MONGO_URI", "127.0.0.1"),
    ],
)
def test_address_that_is_none_is_a_setting_that_cannot_be_read(name: str, uri: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, uri)

    for words in ("rank", "likes dead", "verify", "log show moderation"):
        result = run(words)
        assert (result.exit_code, "[settings-unreadable]" in result.stderr) == (1, True)


def test_address_that_nobody_knows_is_not_reachable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BAIJIA_AMQP_URI", "amqp://nowhere.invalid//")

    assert (run("rank").exit_code, run("likes dead").exit_code) == (3, 3)


def test_refusal_of_a_service_has_the_gateways_words_the_entries_numbers_and_the_way_out():
    answer = {"refused": {"code": "marks-missing", "field": None, "detail": {"entries": ["U1-1", "U2-1"]}}}

    refused = ServiceRefusal(answer, {"U1-1": "A001", "U2-1": "A002"})

    assert (refused.exit_code, refused.zh, refused.en) == (1, "有的成果评分不足", "Some entries have too few marks")
    assert refused.details == "  A001, A002"
    assert refused.way == WAYS_OUT["marks-missing"]


def test_malformed_call_names_the_field_in_both_languages():
    refused = ServiceRefusal({"invalid": {"/organisers/0/staff": ["too-long"]}})

    assert refused.details == "  organisers/0/staff: 过长 / is too long"


def test_refusal_that_something_is_late_counts_as_not_reachable():
    assert ServiceRefusal({"refused": {"code": "overdue", "field": None, "detail": None}}).exit_code == 3


@pytest.mark.parametrize("error", [Unreachable("x"), BrokerUnreachable("x"), Overdue("x")])
def test_what_is_away_exits_3(error: BaijiaError):
    refused = of_error(error)

    assert refused is not None
    assert (refused.exit_code, refused.way == NO_WAY) == (3, False)


def test_broken_record_exits_1_and_a_defect_is_no_refusal():
    refused = of_error(Corrupt("vote.1/7"))

    assert refused is not None
    assert refused.exit_code == 1
    assert of_error(KeyError("entry")) is None


def test_broker_that_takes_no_messages_is_told_from_one_that_is_away():
    blocked = broker_away("host:5672", BrokerUnreachable("the broker blocks its publishers: an alarm is set"))

    assert (blocked.code, blocked.exit_code) == ("broker-blocked", 3)
    assert broker_away("host:5672", BrokerUnreachable("refused")).code == "broker-away"


def test_wrong_use_exits_2():
    assert WrongUse(click.UsageError("No such command 'x'."), None).exit_code == 2
