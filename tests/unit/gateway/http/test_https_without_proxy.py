"""People come by https and no proxy is trusted: every like of a browser would be refused. Operators are told before."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from starlette.applications import Starlette

from deploy.commands.campaign import campaign
from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.read_models.cache import Views
from shared.settings import Settings
from tests.files import CAMPAIGN_FILE
from tests.unit.gateway.town import VIEWS, Town


async def got(app: Starlette, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.test") as client:
        return await client.get(path)


@pytest.mark.parametrize(
    ("url", "proxies", "expected"),
    [
        pytest.param("https://like.example.cn", "", ["no-proxy-is-trusted"], id="https and nobody is trusted"),
        pytest.param("HTTPS://like.example.cn", "", ["no-proxy-is-trusted"], id="in capitals"),
        pytest.param("https://like.example.cn", "10.0.0.0/8", [], id="https and a proxy of ours"),
        pytest.param("http://127.0.0.1:8321", "", [], id="no TLS"),
        pytest.param("", "", [], id="no address of our own"),
    ],
)
def test_https_without_a_trusted_proxy_is_warned_of_at_start_and_in_readyz(
    url: str, proxies: str, expected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    names = {"BAIJIA_DATA": str(tmp_path), "BAIJIA_PUBLIC_URL": url, "BAIJIA_TRUSTED_PROXIES": proxies}
    town, views = Town(), Views()
    views.take_all({name: {"cut": {}, "data": each} for name, each in VIEWS.items()})

    app = create_app(Settings.read(names), Ports(town, town, views), folded_logs=FOLDED_LOGS)

    answer = asyncio.run(got(app, "/readyz"))
    assert re.findall("no-proxy-is-trusted", "".join(capsys.readouterr())) == expected
    assert (answer.status_code, answer.json().get("warnings", [])) == (200, expected)


def test_campaign_check_warns_of_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BAIJIA_PUBLIC_URL", "https://like.example.cn")

    result = CliRunner().invoke(campaign, ["check", str(CAMPAIGN_FILE)])

    assert result.exit_code == 0
    assert "BAIJIA_PUBLIC_URL: warning[no-proxy-is-trusted] 网址是 https" in result.output
