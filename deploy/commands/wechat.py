"""`baijia wechat …`: for organisers who set up their account at WeChat.

Promises: `menu` shows the menu of a campaign file to WeChat for every account of the secrets file, with the token that
the running campaign has, and exits 1 where one refuses; `vectors` exits 1 unless every vector comes out, and says of
each that does not what differs.
Does not promise that WeChat would say the same of a vector: it is as good as its source.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from deploy.commands.rpc_client import ask
from gateway.wechat import account
from gateway.wechat.calls import Caller, connect
from gateway.wechat.client import WeChat
from gateway.wechat.errors import Away, CallFailed
from gateway.wechat.vectors import differences
from services.moderation.campaign_file.check import menu_of
from services.moderation.campaign_file.wechat_menu import Menu, to_wechat
from shared.settings import Settings

MENU_S = 10.0


@click.group()
def wechat() -> None:
    """WeChat accounts: signatures, keys and messages."""


@wechat.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def vectors(file: Path) -> None:
    """Check each vector of FILE against the gateway's own code; exit 1 unless all come out.

    FILE is a JSON list of objects with an id, a kind (url, decrypt, encrypt, jssdk, wxa_sig, wxa_data) and its fields,
    as in tests/unit/gateway/wechat/vectors.json.
    """
    sound, listed = 0, _listed(file)
    for place, vector in enumerate(listed, 1):
        found = differences(vector)
        sound += not found
        click.echo(f"{_named(vector, place)} {'; '.join(found) or 'ok'}")
    click.echo(f"{sound} of {len(listed)}")
    if sound < len(listed):
        raise SystemExit(1)


@wechat.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def menu(file: Path) -> None:
    """Put the menu of the campaign FILE ([[wechat.menu]]) in place of the accounts' present one.

    The voting service must run: it keeps the access tokens. Phones show the menu within five minutes.
    """
    from deploy.commands.current_settings import settings

    here = settings()
    if here.wechat_file is None:
        raise click.ClickException("BAIJIA_WECHAT_FILE 未设置 / BAIJIA_WECHAT_FILE is not set")
    found = menu_of(file.read_text(encoding="utf-8"))
    if found is None:
        raise click.ClickException(f"{file}：活动文件有误 / the file has errors: baijia campaign check {file}")
    if not found.buttons:
        raise click.ClickException(f"{file}：没有菜单 / there is no [[wechat.menu]]")
    refusals = asyncio.run(pushed(here, found))
    for name, refusal in refusals.items():
        taken = "菜单已更新 / the menu is in place"
        click.echo(f"{name}：{taken if refusal is None else f'微信未接受 / WeChat did not take it: {refusal}'}")
    if any(refusals.values()):
        raise SystemExit(1)


async def pushed(here: Settings, menu: Menu) -> dict[str, CallFailed | None]:
    """Show the menu to WeChat for each account that has one; what it refused with. Raises BadAccount."""
    assert here.wechat_file is not None  # who asks has looked
    known, refusals = account.read(here.wechat_file), dict[str, CallFailed | None]()
    async with connect(here.wechat_api) as http:
        client = WeChat(Caller(http), CampaignTokens(here))
        for name, each in {"service": known.service, "subscription": known.subscription}.items():
            if each is None:
                continue
            try:
                await client.create_menu(each, to_wechat(menu), budget_s=MENU_S)
                refusals[name] = None
            except CallFailed as failed:
                refusals[name] = failed
    return refusals


class CampaignTokens:
    """The access tokens that the running campaign keeps. A `client.TokenSource`."""

    def __init__(self, here: Settings) -> None:
        self._here = here

    async def token(self, account: account.Account, *, stale: str | None) -> str:
        """Raises CallFailed."""
        names = {"service": self._accounts.service, "subscription": self._accounts.subscription}
        name = next(name for name, each in names.items() if each is not None and each.appid == account.appid)
        body = {"name": f"{name}/access", "stale": stale or ""}
        try:
            return str((await asyncio.to_thread(ask, self._here, "voting", "wechat_token", body))["token"])
        except click.ClickException as away:
            raise Away("wechat_token", errmsg=str(away)) from away

    @property
    def _accounts(self) -> account.Accounts:
        assert self._here.wechat_file is not None  # the command has looked
        return account.read(self._here.wechat_file)


def _listed(file: Path) -> list[Any]:
    try:
        listed = json.loads(file.read_text(encoding="utf-8"))
    except OSError as refusal:
        raise click.ClickException(f"{file}：文件读不了 / the file cannot be read: {refusal.strerror}") from refusal
    except UnicodeDecodeError as refusal:
        raise click.ClickException(f"{file}：文件不是 UTF-8 编码 / the file is not UTF-8") from refusal
    except (ValueError, RecursionError) as refusal:
        raise click.ClickException(f"{file}：不是 JSON / this is no JSON: {refusal}") from refusal
    if not isinstance(listed, list) or not listed:
        raise click.ClickException(f"{file}：应为非空的 JSON 列表 / a JSON list with vectors in it is wanted")
    return listed


def _named(vector: Any, place: int) -> str:
    said = vector if isinstance(vector, dict) else {}
    return f"{said.get('id', f'#{place}')} {said.get('kind', '?')}"
