"""The one place that words what the command line refuses: in both languages, with the way out and an exit code.

Promises: a refusal goes to standard error, names its code, and prints no dictionary and no stack trace. The exit codes
never change: 0 done, 1 refused (also: a check has found a difference), 2 wrong use, 3 something is not reachable.
What a service refuses has the texts of the gateway (`gateway/http/problem_texts.py`). With `--json` a refusal is text
on standard error all the same, and standard output stays empty.
"""

from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import urlsplit

import click
from pymongo.errors import PyMongoError

from deploy.commands.language import BOTH, EN, ZH, explicit_language, in_language
from deploy.commands.ways_out import NO_WAY, WAYS_OUT, Way
from deploy.errors import DeployError, EnginesMissing, NotRunning
from gateway.http.problem_texts import WORDS
from gateway.http.problems import Problem, document
from shared.errors import (
    BaijiaError,
    BrokerUnreachable,
    Corrupt,
    FollowerStopped,
    Forgotten,
    LedgerError,
    Overdue,
    UnknownEvent,
)
from shared.mongo_ledger import error_text

REFUSED, WRONG_USE, NOT_REACHABLE = 1, 2, 3
#: Codes of a service that mean that nothing was decided, because something is not reachable.
AWAY = frozenset({"overdue", "stopped", "service-away", "service-timeout", "busy", "broker-away", "store-away"})
BLOCKS = "blocks"  # a part of what `shared.streams` says of a broker that blocks its publishers
LISTED = 10  # so many entries of a refusal are named


class CommandRefused(click.ClickException):
    """A refusal of the command line. `code` is stable; `way` says in both languages what to do next."""

    def __init__(
        self, zh: str, en: str, *, code: str, way: Way | None = None, exit_code: int = REFUSED, details: str = ""
    ) -> None:
        super().__init__(in_language(zh, en, BOTH))
        self.zh, self.en, self.code, self.details, self.exit_code = zh, en, code, details, exit_code
        self.way = WAYS_OUT.get(code, NO_WAY) if way is None else way
        context = click.get_current_context(silent=True)
        self.lang = explicit_language(context)

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the refusal to standard error: what is wrong, details, and what to do."""
        lines = [f"{in_language('错误', 'Error', self.lang)}: {in_language(self.zh, self.en, self.lang)} [{self.code}]"]
        if self.details:
            lines.append(self.details)
        if self.way != NO_WAY:
            lines.append(f"{in_language('怎么办', 'What to do', self.lang)}: {in_language(*self.way, self.lang)}")
        click.echo("\n".join(lines), file=file, err=file is None)


class ServiceRefusal(CommandRefused):
    """A service refused a call of the command line."""

    def __init__(self, answer: Mapping[str, Any], names: Mapping[str, str] | None = None) -> None:
        """`answer` is that of the service; `names` has the poster numbers of entries by id."""
        problem = _problem(answer, names or {})
        found = document(problem, lang=ZH, request="")
        zh, en = (_sentence(found, lang) for lang in (ZH, EN))
        exit_code = NOT_REACHABLE if problem.code in AWAY else REFUSED
        super().__init__(zh, en, code=problem.code, exit_code=exit_code, details=_details(found, problem.facts))


def away(zh: str, en: str, *, code: str, way: Way | None = None) -> CommandRefused:
    """Return the refusal of a command that could not reach something."""
    return CommandRefused(zh, en, code=code, way=way, exit_code=NOT_REACHABLE)


def broker_away(address: str, error: Exception) -> CommandRefused:
    """Return the refusal of a command whose broker does not answer, or takes no messages because it is full."""
    if BLOCKS in str(error):
        return away(
            f"消息队列（RabbitMQ）不收消息：{address}",
            f"the broker (RabbitMQ) takes no messages: {address}",
            code="broker-blocked",
        )
    return away(
        f"消息队列（RabbitMQ）连接不上：{address}",
        f"the broker (RabbitMQ) is unreachable: {address}",
        code="broker-away",
    )


def of_error(error: Exception) -> CommandRefused | None:
    """Return the refusal that says what an exception means for whoever typed the command; None for a defect."""
    match error:
        case NotRunning():
            return away("活动没有运行", str(error).rstrip("."), code="not-running")
        case EnginesMissing():
            return away("数据库和消息队列不可用", str(error).rstrip("."), code="engines-missing")
        case DeployError():
            return CommandRefused("本机的设置不对", str(error).rstrip("."), code="settings-unreadable")
        case BrokerUnreachable():
            return away(
                f"消息队列连接不上（{error}）", f"the broker is unreachable: {_short(error)}", code="broker-away"
            )
        case PyMongoError():
            return away(
                f"数据库连接不上（{error_text(error)}）", f"MongoDB is unreachable: {error_text(error)}",
                code="store-away",
            )  # fmt: skip
        case LedgerError():
            return away(f"数据库连接不上（{error}）", f"MongoDB is unreachable: {_short(error)}", code="store-away")
        case Overdue():
            return away("没有按时完成", "it took too long", code="overdue")
        case Corrupt():
            return CommandRefused(f"记录与其哈希不符：{error}", f"the record does not hold: {error}", code="corrupt")
        case UnknownEvent() | FollowerStopped():
            return CommandRefused(
                f"这个版本读不懂一个事件：{error}",
                f"this version cannot read an event: {error}",
                code="event-unreadable",
            )
        case Forgotten():
            return CommandRefused("密钥已销毁，内容不能再读", "the key is destroyed", code="forgotten")
        case BaijiaError():
            return CommandRefused(f"没有完成：{error}", f"it failed: {error}", code="failed")
        case Problem():
            return ServiceRefusal({"refused": {"code": error.code, "field": error.field, "detail": error.facts}})
        case OSError() if error.filename is not None:
            return unreadable(error.filename, error)
    return None


def unreadable(file: object, error: Exception) -> CommandRefused:
    """Return the refusal for a file or folder that cannot be read or written."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return CommandRefused(f"{file}：读不了", f"cannot be read: {file}: {reason}", code="file-unreadable")


def address_of(uri: str) -> str:
    """Return host and port of an engine's address without its password, as people may see it."""
    try:
        parts = urlsplit(uri)
        return parts.netloc.rpartition("@")[2] or "?"
    except ValueError:
        return "?"


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _problem(answer: Mapping[str, Any], names: Mapping[str, str]) -> Problem:
    if "invalid" in answer:
        return Problem("invalid", errors=answer["invalid"])
    refused = answer["refused"]
    facts = {name: _named(value, names) for name, value in (refused.get("detail") or {}).items()}
    return Problem(refused["code"], field=refused.get("field"), facts=facts)


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """Return a fact with the poster number in place of the id of an entry."""
    if isinstance(value, str):
        return names.get(value, value)
    return [_named(each, names) for each in value] if isinstance(value, list | tuple) else value


def _sentence(found: Mapping[str, Any], lang: str) -> str:
    title, detail = found[f"title_{lang}"], found[f"detail_{lang}"]
    return title if detail == title else f"{title}：{detail}" if lang == ZH else f"{title}: {detail}"


def _details(found: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Return lines that say what is wrong where: each field, each problem of a file, or the entries concerned."""
    lines = []
    if found["code"] == "invalid":
        for each in found.get("errors", ()):
            place = each.get("pointer", "#").removeprefix("#/") or each.get("parameter", "")
            lines.append(f"  {place}: {in_language(each['zh'], each['en'], explicit_language())}")
    for each in found.get("facts", {}).get("problems") or ():
        if isinstance(each, dict) and "zh" in each and "en" in each:
            line = f"{each['line']}: " if each.get("line") else ""
            lines.append(f"  {line}{in_language(each['zh'], each['en'], explicit_language())}")
    if (
        isinstance(facts.get("entries"), list)
        and "{entries}" not in WORDS.get(found["code"], WORDS["refused"]).detail_zh
    ):
        lines.append(f"  {_listed(facts['entries'])}")
    return "\n".join(lines)


def _listed(entries: list[Any]) -> str:
    shown = ", ".join(map(str, entries[:LISTED]))
    rest = len(entries) - LISTED
    return shown if rest <= 0 else f"{shown} … (+{rest})"
