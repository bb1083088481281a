"""Commands `baijia campaign …`: check campaign files, and open a campaign from one.

Promises: `check` exits 1 if any file has an error, and 0 if there are no problems or only warnings.
Does not promise that a file which passes the check has been opened.
"""

import base64
import contextlib
import json
import re
import shlex
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from deploy.commands.command import Group
from deploy.commands.language import text
from deploy.commands.refusals import CommandRefused
from deploy.commands.rehearsal_report import print_rehearsal
from deploy.errors import DeployError
from deploy.rehearsal.findings import MOST_ENTRIES, MOST_VOTERS
from deploy.rehearsal.findings import rehearse as rehearse_campaign
from gateway.http.client_signals import warnings
from services.moderation.campaign import Campaign, rule_hash
from services.moderation.campaign_file.check import check as check_text
from services.moderation.campaign_file.check import lines, picture_names
from services.moderation.campaign_file.defaults import ZONE
from services.moderation.campaign_file.problems import ERROR, WARNING, Problem
from services.moderation.campaign_file.templates import TEMPLATES, new_file
from shared.settings import Settings

#: Texts of the warning codes that `gateway.http.client_signals.warnings` returns.
AMISS = {
    "no-proxy-is-trusted": (
        "网址是 https，却没有受信任的代理：网关会把每个请求当作 http，用浏览器点赞都将被拒绝；"
        "请在 BAIJIA_TRUSTED_PROXIES 中写明代理的地址",
        "the public URL is https, but no proxy is trusted: the gateway would treat every request as http and refuse"
        " every like from a browser; put the proxy's address into BAIJIA_TRUSTED_PROXIES",
    )
}


ORGANISERS = 2  # the first ones, who sign the result together


@click.group(cls=Group)
def campaign() -> None:
    """Check campaign files, and open a campaign."""


@campaign.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Explain every problem of each FILE with its line, and warn of unsafe settings; exit 1 if there are errors."""
    for code in warnings(Settings.read()):
        click.echo(f"BAIJIA_PUBLIC_URL: warning[{code}] {text(*AMISS[code])}", err=True)
    sound = [_explain(file) for file in files]
    if not all(sound):
        raise SystemExit(1)


@campaign.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--template",
    type=click.Choice(list(TEMPLATES)),
    default="small",
    show_default=True,
    help="Which file to begin with.",
)
@click.option("--id", "id_", help="The campaign's id; by default the name of FILE.")
def new(file: Path, template: str, id_: str | None) -> None:
    """Write a new commented campaign file, FILE, which passes the check, to be edited. Never overwrites a file.

    \b
    small       a small campaign: ten answers, defaults for all the rest
    full        types, themes and rubric all written out
    popularity  judges alone decide; likes are a separate list
    """
    content = new_file(template, id=id_ or _id_of(file.stem), today=datetime.now(ZoneInfo(ZONE)).date())
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(content)
    except FileExistsError:
        raise CommandRefused(
            f"{file} 已经存在，没有改动", f"{file} exists already and was left alone", code="file-exists"
        ) from None
    except OSError as refusal:
        raise CommandRefused(
            f"{file}：写不了", f"cannot be written: {file}: {refusal.strerror}", code="file-unreadable"
        ) from refusal
    click.echo(text(f"{file} 已写好，请修改后检查", f"{file} is written: edit it, then run"))
    click.echo(f"  baijia campaign check {shlex.quote(str(file))}")


def _id_of(name: str) -> str:
    """Return a campaign id made from the name of a file, or a plain one if the name has no letter of an id."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:31].strip("-") or "campaign"


@campaign.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--entries", type=click.IntRange(1, MOST_ENTRIES), help="How many entries; twice the seats unless it is given."
)
@click.option("--voters", default=300, show_default=True, type=click.IntRange(0, MOST_VOTERS), help="Voters.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same entries, voters and judges.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rehearse(file: Path, entries: int | None, voters: int, seed: int, *, as_json: bool) -> None:
    """Rehearse the campaign of FILE from hand-in to the final result, with invented units, voters and judges.

    Its own services decide on everything, in memory: nothing is stored and no engine is needed. Exit 1 if the rehearsal
    does not come to a result.
    """
    rules, problems = _read(file)
    if rules is None:
        for line in lines([each for each in problems if each.level == ERROR], str(file)):
            click.echo(line, err=True)
        raise file_broken(file)
    found = rehearse_campaign(rules, entries=entries, voters=voters, seed=seed)
    if as_json:
        click.echo(json.dumps(found.plain(), ensure_ascii=False, indent=1))
    else:
        print_rehearsal(found)
    if found.digest is None:
        raise SystemExit(1)


@campaign.command(name="open")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rehearsal", is_flag=True, help="Open a rehearsal, whose clock is moved by events and whose data may be deleted."
)
@click.option(
    "--organiser", "organisers", required=True, multiple=True,
    help="The staff name of a first organiser; give it twice, for the two who sign the result.",
)  # fmt: skip
def open_(file: Path, rehearsal: bool, organisers: tuple[str, ...]) -> None:
    """Check FILE, open the running campaign with its rules, and appoint the first two organisers.

    Prints a link for each, by which that person sets a password, once and within seven days.
    """
    if len(set(organisers)) < ORGANISERS:
        raise click.UsageError(
            f"结果须由两人签署：请写 {ORGANISERS} 位组织者，如 --organiser A --organiser B"
            f" / a result needs two signatures: name {ORGANISERS} organisers, as --organiser A --organiser B"
        )
    from deploy.commands.current_settings import settings
    from deploy.commands.rpc_client import call_service

    if not _explain(file):
        raise file_broken(file)
    current = settings()
    opened = call_service(current, "moderation", "open_campaign", opening_body(file, organisers, rehearsal=rehearsal))
    name, rule = opened["campaign"], opened["rule_hash"]
    click.echo(
        text(
            f"{name} 已开通，代号 {current.campaign}，规则哈希 {rule}",
            f"{name} is open as {current.campaign}, rule hash {rule}",
        )
    )
    for staff, link in opened["links"].items():
        click.echo(f"{staff}: {current.public_url}/password/{staff}/{link}")
    if opened["links"]:
        click.echo(
            text(
                "请将每个链接只交给本人：七天内有效，只能用一次",
                "Give each link to that person alone: it works once, within seven days.",
            )
        )


@campaign.command()
def setup() -> None:
    """Print a link by which somebody sets the campaign up in a browser: it works once, within three days.

    A newer link ends the one before, and what it began; the draft stays. Refused once a campaign is open.
    """
    from deploy.commands.current_settings import settings
    from deploy.commands.rpc_client import call_service

    current = settings()
    issued = call_service(current, "moderation", "issue_setup_secret", {})
    click.echo(f"{current.public_url or _local_address()}/setup/{issued['secret']}")
    click.echo(
        text(
            "请将链接只交给开通活动的人：三天内有效，只能用一次",
            "Give the link to whoever sets the campaign up alone: it works once, within three days.",
        )
    )


def _local_address() -> str:
    """Return the address of the gateway on this machine, or nothing if no gateway was ever started from here."""
    from deploy import manager

    try:
        return manager.current().gateway_url()
    except (DeployError, KeyError):
        return ""


@campaign.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def theme(file: Path) -> None:
    """Check FILE, and let the running campaign's pages look as its table [theme] says, also after the rules are locked.

    Pictures that [theme] names are read from the folder of FILE.
    """
    from deploy.commands.current_settings import settings
    from deploy.commands.rpc_client import call_service

    if not _explain(file):
        raise file_broken(file)
    changed = call_service(settings(), "moderation", "set_page_theme", _file_body(file))
    names = ", ".join(changed["theme"]) or "—"
    click.echo(f"{text('页面外观已更新', 'The pages have a new look')}: {names}")


def opening_body(file: Path, organisers: Sequence[str], *, rehearsal: bool) -> dict[str, Any]:
    """Return what opens a campaign: its file, the pictures beside it, and the first organisers, each once."""
    people = [{"staff": each, "name": each} for each in dict.fromkeys(organisers)]
    return {**_file_body(file), **({"rehearsal": True} if rehearsal else {}), "organisers": people}


def file_broken(file: Path) -> CommandRefused:
    """Return the refusal of a command whose campaign file has errors, which are printed already."""
    return CommandRefused(f"{file}：活动文件有误", f"{file} has errors", code="campaign-file-broken")


def _file_body(file: Path) -> dict[str, Any]:
    """Return a campaign file, and the pictures beside it, as a service takes them."""
    files = {name: base64.b64encode(content).decode() for name, content in _pictures(file).items()}
    return {"file": file.read_text("utf-8"), "files": files}


def _pictures(file: Path) -> dict[str, bytes]:
    """Return the pictures that a campaign file names and that are in its folder."""
    found = {}
    for name in picture_names(file.read_bytes().decode("utf-8")):
        with contextlib.suppress(OSError):
            found[name] = (file.parent / name).read_bytes()
    return found


def _explain(file: Path) -> bool:
    """Print the problems of a campaign file and a summary; return whether it has no errors."""
    rules, problems = _read(file)
    for line in lines(problems, str(file)):
        click.echo(line)
    errors, warnings = (sum(each.level == level for each in problems) for level in (ERROR, WARNING))
    summary = [(f"{errors} 个错误，{warnings} 个提醒", f"errors: {errors}, warnings: {warnings}")]
    if rules is not None:
        summary.append(("规则哈希", f"rule hash {rule_hash(rules)}"))
    for zh, en in summary:
        click.echo(f"{file}: {text(zh, en)}")
    return rules is not None


def _read(file: Path) -> tuple[Campaign | None, list[Problem]]:
    try:
        return check_text(file.read_bytes().decode("utf-8"), _pictures(file))
    except OSError as refusal:
        return None, [Problem(1, ERROR, "unreadable", "文件读不了", f"the file cannot be read: {refusal.strerror}")]
    except UnicodeDecodeError as refusal:
        line = refusal.object[: refusal.start].count(b"\n") + 1
        return None, [Problem(line, ERROR, "encoding", "文件不是 UTF-8 编码", "the file is not UTF-8")]
