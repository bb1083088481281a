"""A page is pictured by a browser that reaches public addresses alone. Tried with a server on this machine."""

import base64
import hashlib
import io
import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from PIL import Image

from shared.link_pages import browser
from shared.link_pages.browser import Browser, NoBrowser
from shared.link_pages.guard import Guard
from shared.link_pages.proxy import GuardedProxy
from tests.unit.shared.link_pages.web_server import HOST, LOCAL, PAGE, Site, guard_of, running

needs_browser = pytest.mark.skipif(not any(map(shutil.which, browser.NAMES)), reason="no browser is installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, ssl.SSLContext, Path]]:
    folder = tmp_path_factory.mktemp("server")
    with running(folder) as (site, context):
        yield site, context, folder / "certificate.pem"


@pytest.fixture
def site(server: tuple[Site, ssl.SSLContext, Path]) -> Site:
    server[0].answers.clear()
    server[0].requests.clear()
    return server[0]


def trusting(certificate: Path) -> list[str]:
    """Return the flags with which a browser takes the test's own certificate, and only this one, for a good one."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    shape = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    pin = base64.b64encode(hashlib.sha256(shape).digest()).decode()
    return [f"--ignore-certificate-errors-spki-list={pin}"]


@pytest.mark.slow
@needs_browser
def test_page_is_shown_with_what_its_script_writes(site: Site, server: tuple[Site, ssl.SSLContext, Path]):
    script = "<script>document.body.append('由脚本写出'); alert('等待')</script>"
    site.serve("/", PAGE + script, Content_Type="text/html; charset=utf-8")

    shown = Browser(guard_of(), flags=trusting(server[2])).show(site.url("/"))

    assert shown.url == site.url("/")
    assert (shown.facts["title"], shown.facts["description"]) == ("百家工会", "简介")
    assert shown.facts["text"] == "五一 行动由脚本写出"
    with Image.open(io.BytesIO(shown.picture)) as picture:
        assert picture.size == (780, 1_688)


@pytest.mark.slow
@needs_browser
def test_page_in_the_browser_reaches_nothing_that_is_not_public(site: Site, server: tuple[Site, ssl.SSLContext, Path]):
    """The page asks for a server beside it in every way that pages have; nobody comes there."""
    with socket.create_server((LOCAL, 0)) as inside:
        inside.setblocking(False)
        port = inside.getsockname()[1]
        tries = "".join(
            f"<img src='{scheme}://{host}:{port}/x'><iframe src='{scheme}://{host}:{port}/'></iframe>"
            for scheme in ("http", "https")
            for host in ("127.0.0.2", "localhost", "[::1]", "inside.example.cn", "0x7f.1")
        )
        script = (
            f"<script>new WebSocket('ws://127.0.0.1:{port}/'); fetch('http://127.0.0.1:{port}/').catch(() => 0);"
            "const c = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:" + str(port) + "'}]});"
            "c.createDataChannel('x'); c.createOffer().then((o) => c.setLocalDescription(o));"
            "fetch('file:///etc/hostname').then((r) => r.text()).then((t) => document.body.append('READ ' + t))"
            ".catch(() => document.body.append('没有读到'));</script>"
        )
        site.serve("/", PAGE + tries + script, Content_Type="text/html; charset=utf-8")
        names = {HOST: [LOCAL], "inside.example.cn": ["127.0.0.3"]}
        guard = Guard(resolve=lambda host: names.get(host, []), is_allowed_address=lambda address: address == LOCAL)

        shown = Browser(guard, flags=trusting(server[2])).show(site.url("/"))

        assert "没有读到" in shown.facts["text"]
        with pytest.raises(BlockingIOError):
            inside.accept()


@pytest.mark.slow
@needs_browser
def test_certificate_that_nobody_trusts_is_not_shown(site: Site):
    site.serve("/", PAGE)

    with pytest.raises(NoBrowser, match="CERT"):
        Browser(guard_of()).show(site.url("/"))


def test_machine_without_a_browser_has_no_picture(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))

    with pytest.raises(NoBrowser, match="installed"):
        Browser(guard_of()).show(f"https://{HOST}/")


def talk(proxy: GuardedProxy, request: bytes) -> bytes:
    with socket.create_connection((LOCAL, proxy.port), timeout=5) as client:
        client.sendall(request)
        return client.recv(100)


@pytest.mark.parametrize(
    ("request_line", "answer"),
    [
        (b"GET http://h5.example.cn/ HTTP/1.1", b"HTTP/1.1 403 Forbidden"),
        (b"CONNECT 127.0.0.1:22 HTTP/1.1", b""),
        (b"CONNECT [::1]:22 HTTP/1.1", b""),
        (b"CONNECT inside.example.cn:443 HTTP/1.1", b""),
        (b"CONNECT h5.example.cn:0 HTTP/1.1", b"HTTP/1.1 403 Forbidden"),
    ],
)
def test_proxy_opens_no_tunnel_to_what_is_not_public(request_line: bytes, answer: bytes):
    guard = Guard(resolve=lambda _: ["10.0.0.1"])

    with GuardedProxy(guard, within_s=5) as proxy:
        assert answer == talk(proxy, request_line + b"\r\n\r\n").partition(b"\r\n")[0]


def test_tunnel_ends_when_its_bytes_are_used_up():
    with socket.create_server((LOCAL, 0)) as other, GuardedProxy(guard_of(), within_s=5, most_bytes=10) as proxy:
        port = other.getsockname()[1]
        with socket.create_connection((LOCAL, proxy.port), timeout=5) as client:
            client.sendall(f"CONNECT {HOST}:{port} HTTP/1.1\r\n\r\n".encode())
            assert client.recv(100).startswith(b"HTTP/1.1 200")
            client.sendall(b"more than ten bytes")

            assert client.recv(100) == b""
