"""Commands `baijia wechat …`: set up WeChat accounts, for organisers.

Promises: `menu` sends the menu of a campaign file to WeChat for every account in the secrets file, with the access
token of the running campaign, and exits 1 if WeChat refuses one. `vectors` exits 1 unless every vector passes, and says
what differs for each one that fails.
Does not promise that WeChat agrees with a vector: a vector is only as good as its source.
"""

import asyncio
from pathlib import Path
from typing import Any

import click

from deploy.commands.command import Group
from deploy.commands.language import text
from deploy.commands.refusals import CommandRefused, unreadable
from deploy.commands.rpc_client import call_service
from gateway.wechat import account
from gateway.wechat.calls import Caller, connect
from gateway.wechat.client import WeChat
from gateway.wechat.errors import Away, BadAccount, CallFailed
from gateway.wechat.vectors import differences
from services.moderation.campaign_file.check import menu_of
from services.moderation.campaign_file.wechat_menu import Menu, to_wechat
from shared import json_documents
from shared.settings import Settings

MENU_S = 10.0


@click.group(cls=Group)
def wechat() -> None:
    """Set up WeChat accounts: test vectors and the menu."""


@wechat.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def vectors(file: Path) -> None:
    """Check each test vector of FILE against the gateway's own code; exit 1 unless all pass.

    FILE is a JSON list of objects with an id, a kind (url, decrypt, encrypt, jssdk, wxa_sig, wxa_data) and its fields,
    as in tests/unit/gateway/wechat/vectors.json.
    """
    passed, listed = 0, _read_vectors(file)
    for place, vector in enumerate(listed, 1):
        found = differences(vector)
        passed += not found
        click.echo(f"{_label(vector, place)} {'; '.join(found) or 'ok'}")
    click.echo(f"{passed} of {len(listed)}")
    if passed < len(listed):
        raise SystemExit(1)


@wechat.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def menu(file: Path) -> None:
    """Replace the accounts' current menu with the one in the campaign FILE ([[wechat.menu]]).

    The voting service must be running, because it holds the access tokens. Phones show the menu within five minutes.
    """
    from deploy.commands.current_settings import settings

    current = settings()
    if current.wechat_file is None:
        raise CommandRefused("BAIJIA_WECHAT_FILE 未设置", "BAIJIA_WECHAT_FILE is not set", code="wechat-unset")
    try:
        found = menu_of(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise unreadable(file, problem) from problem
    if found is None:
        raise CommandRefused(f"{file}：活动文件有误", f"{file} has errors", code="campaign-file-broken")
    if not found.buttons:
        raise CommandRefused(f"{file}：没有菜单", f"{file} has no [[wechat.menu]]", code="menu-missing")
    try:
        refusals = asyncio.run(push_menu(current, found))
    except BadAccount as problem:
        raise CommandRefused(
            f"公众号密钥文件有误：{problem}", f"the secrets file is wrong: {problem}", code="wechat-unset"
        ) from problem
    for name, refusal in refusals.items():
        updated, refused = text("菜单已更新", "menu updated"), text("微信未接受", "WeChat refused it")
        click.echo(f"{name}：{updated if refusal is None else f'{refused}: {refusal}'}")
    if any(refusals.values()):
        raise SystemExit(1)


async def push_menu(current: Settings, menu: Menu) -> dict[str, CallFailed | None]:
    """Set the chat menu of each configured account at WeChat; return the refusal, or None, by kind of account.

    Raises BadAccount if the secrets file is invalid.
    """
    assert current.wechat_file is not None  # the caller has checked
    accounts, refusals = account.read(current.wechat_file), dict[str, CallFailed | None]()
    async with connect(current.wechat_api) as http:
        client = WeChat(Caller(http), CampaignTokens(current))
        for name, each in {"service": accounts.service, "subscription": accounts.subscription}.items():
            if each is None:
                continue
            try:
                await client.create_menu(each, to_wechat(menu), budget_s=MENU_S)
                refusals[name] = None
            except CallFailed as failed:
                refusals[name] = failed
    return refusals


class CampaignTokens:
    """Get WeChat access tokens from the voting service of the running campaign. Implements `client.TokenSource`."""

    def __init__(self, current: Settings) -> None:
        self._current = current

    async def token(self, account: account.Account, *, stale: str | None) -> str:
        """Return the account's access token. If WeChat has refused the token `stale`, return another one.

        Raises CallFailed.
        """
        names = {"service": self._accounts.service, "subscription": self._accounts.subscription}
        name = next(name for name, each in names.items() if each is not None and each.appid == account.appid)
        body = {"name": f"{name}/access", "stale": stale or ""}
        try:
            return str((await asyncio.to_thread(call_service, self._current, "voting", "wechat_token", body))["token"])
        except click.ClickException as away:
            raise Away("wechat_token", errmsg=str(away)) from away

    @property
    def _accounts(self) -> account.Accounts:
        assert self._current.wechat_file is not None  # the command has checked
        return account.read(self._current.wechat_file)


def _read_vectors(file: Path) -> list[Any]:
    try:
        listed = json_documents.loads(file.read_text(encoding="utf-8"))
    except OSError as refusal:
        raise unreadable(file, refusal) from refusal
    except UnicodeDecodeError as refusal:
        raise _broken(f"{file}：文件不是 UTF-8 编码", "the file is not UTF-8") from refusal
    except json_documents.RepeatedKey as refusal:
        zh, _, en = str(refusal).partition(" / ")
        raise _broken(f"{file}：{zh}", en or zh) from refusal
    except (ValueError, RecursionError) as refusal:
        raise _broken(f"{file}：不是 JSON", f"not JSON: {refusal}") from refusal
    if not isinstance(listed, list) or not listed:
        raise _broken(f"{file}：应为非空的 JSON 列表", "must be a non-empty JSON list of vectors")
    return listed


def _broken(zh: str, en: str) -> CommandRefused:
    return CommandRefused(zh, en, code="list-broken")


def _label(vector: Any, place: int) -> str:
    fields = vector if isinstance(vector, dict) else {}
    return f"{fields.get('id', f'#{place}')} {fields.get('kind', '?')}"
