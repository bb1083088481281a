"""`baijia campaign …`: what an organiser does to a campaign file on the command line.

Promises: `check` exits 1 if any file has an error, 0 if there are none or warnings alone.
Does not promise: that a file which passes has been opened.
"""

from pathlib import Path

import click

from gateway.http.client_signals import warnings
from services.moderation.campaign import Campaign, rule_hash
from services.moderation.campaign_file.check import check as check_text
from services.moderation.campaign_file.check import lines
from services.moderation.campaign_file.problems import ERROR, WARNING, Problem
from shared.settings import Settings

#: What `gateway.http.client_signals.warnings` says, in words.
AMISS = {
    "no-proxy-is-trusted": (
        "网址是 https，却没有受信任的代理：网关会把每个请求当作 http，用浏览器点赞都将被拒绝；"
        "请在 BAIJIA_TRUSTED_PROXIES 中写明代理的地址"
        " / people come by https, and no proxy is trusted: the gateway would take each request for http and refuse"
        " every like of a browser; name the proxy's address in BAIJIA_TRUSTED_PROXIES"
    )
}


@click.group()
def campaign() -> None:
    """Campaign files: the rules of one competition."""


@campaign.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Explain every problem of each FILE with its line; exit 1 on errors. Also what is amiss in the settings here."""
    for code in warnings(Settings.read()):
        click.echo(f"BAIJIA_PUBLIC_URL: warning[{code}] {AMISS[code]}", err=True)
    sound = [_explained(file) for file in files]
    if not all(sound):
        raise SystemExit(1)


@campaign.command(name="open")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rehearsal", is_flag=True, help="A rehearsal: its clock is moved by events, and it may be forgotten.")
@click.option("--organiser", required=True, help="The staff name of the first organiser.")
@click.option("--password", envvar="BAIJIA_ORGANISER_PASSWORD", prompt=True, hide_input=True, confirmation_prompt=True)
def open_(file: Path, rehearsal: bool, organiser: str, password: str) -> None:
    """Check FILE, open the campaign that runs here with it, and appoint its first organiser."""
    from deploy.commands.current_settings import settings
    from deploy.commands.rpc_client import ask

    if not _explained(file):
        raise SystemExit(1)
    here = settings()
    body = {"file": file.read_text(), **({"rehearsal": True} if rehearsal else {})}
    opened = ask(here, "moderation", "open_campaign", body)
    person = {"staff": organiser, "name": organiser, "roles": ["organiser"], "password": password}
    ask(here, "moderation", "appoint_staff", person)
    click.echo(f"{opened['campaign']} is open in {here.campaign}, rule hash {opened['rule_hash']}")


def _explained(file: Path) -> bool:
    rules, problems = _checked(file)
    for line in lines(problems, str(file)):
        click.echo(line)
    errors, warnings = (sum(each.level == level for each in problems) for level in (ERROR, WARNING))
    said = [(f"{errors} 个错误，{warnings} 个提醒", f"errors: {errors}, warnings: {warnings}")]
    if rules is not None:
        said.append(("规则哈希", f"rule hash {rule_hash(rules)}"))
    for zh, en in said:
        click.echo(f"{file}: {zh} / {en}")
    return rules is not None


def _checked(file: Path) -> tuple[Campaign | None, list[Problem]]:
    try:
        return check_text(file.read_bytes().decode("utf-8"))
    except OSError as refusal:
        return None, [Problem(1, ERROR, "unreadable", "文件读不了", f"the file cannot be read: {refusal.strerror}")]
    except UnicodeDecodeError as refusal:
        line = refusal.object[: refusal.start].count(b"\n") + 1
        return None, [Problem(line, ERROR, "encoding", "文件不是 UTF-8 编码", "the file is not UTF-8")]
