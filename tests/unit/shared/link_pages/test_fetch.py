"""Links are fetched from public addresses alone, over verified TLS, within bounds, from servers on this machine."""

import gzip
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from shared.link_pages import fetch
from shared.link_pages.fetch import Fetched, Fetcher
from shared.link_pages.guard import Guard, LinkRefused
from tests.unit.shared.link_pages.web_server import HOST, LOCAL, OTHER, PAGE, Site, guard_of, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, ssl.SSLContext]]:
    with running(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture
def site(server: tuple[Site, ssl.SSLContext]) -> Site:
    server[0].answers.clear()
    server[0].requests.clear()
    return server[0]


@pytest.fixture
def trusted(server: tuple[Site, ssl.SSLContext]) -> ssl.SSLContext:
    return server[1]


def code_of(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(LinkRefused) as raised:
        fetcher.fetch(url)
    return raised.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1",
        "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1", "2002:0a00:0001::", "2001:db8::1",
        "::127.0.0.1", "fe80::1%eth0", "no address",
    ],
)  # fmt: skip
def test_address_that_is_not_public_is_refused_before_it_is_connected_to(address: str):
    guard = Guard(resolve=lambda _: [address])

    assert code_of(Fetcher(guard), f"https://{HOST}/") == "link-not-public"


@pytest.mark.parametrize("addresses", [["1.1.1.1", "10.0.0.1"], ["2606:4700:4700::1111", "::1"]])
def test_name_with_one_address_that_is_not_public_is_refused(addresses: list[str]):
    assert code_of(Fetcher(Guard(resolve=lambda _: addresses)), f"https://{HOST}/") == "link-not-public"


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_public_address_passes(address: str):
    assert Guard(resolve=lambda _: [address]).checked(HOST) == [address]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://h5.example.cn/", "link-not-https"),
        ("file:///etc/hostname", "link-not-https"),
        ("https://user:word@h5.example.cn/", "link-not-https"),
        ("https://localhost/", "link-not-public"),
        ("https://0x7f000001/", "link-not-public"),
        ("https://[::1]/", "link-not-public"),
        ("https://nowhere.example.cn/", "link-unresolved"),
    ],
)
def test_link_that_leads_nowhere_public_is_refused(url: str, code: str):
    assert code == code_of(Fetcher(guard_of()), url)


def test_page_is_fetched_with_the_name_of_its_host(site: Site, trusted: ssl.SSLContext):
    site.serve("/a%20b?c=%E7%99%BE", PAGE, Content_Type="text/html; charset=utf-8")

    found = Fetcher(guard_of(), trusted).fetch(site.url("/a%20b?c=百#part"))

    assert found == Fetched(site.url("/a%20b?c=百"), PAGE.encode(), "utf-8")
    assert site.requests == [(f"{HOST}:{site.port}", "/a%20b?c=%E7%99%BE")]


def test_name_that_changes_its_address_is_connected_to_as_it_was_checked(site: Site, trusted: ssl.SSLContext):
    """The second answer of the name server would lead elsewhere; it is never asked for."""
    site.serve("/", PAGE)
    answers = [[LOCAL], ["10.0.0.1"]]
    guard = Guard(resolve=lambda _: answers.pop(0), is_allowed_address=lambda address: address == LOCAL)

    found = Fetcher(guard, trusted).fetch(site.url("/"))

    assert (found.body, answers) == (PAGE.encode(), [["10.0.0.1"]])


def test_redirects_are_followed_and_the_last_address_is_told(site: Site, trusted: ssl.SSLContext):
    site.serve("/old", "", status=302, Location="new")
    site.serve("/new", "", status=308, Location=site.url("/end", OTHER))
    site.serve("/end", PAGE)

    assert Fetcher(guard_of(), trusted).fetch(site.url("/old")).url == site.url("/end", OTHER)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("http://h5.example.cn/", "link-not-https"),
        ("https://inside.example.cn/", "link-not-public"),
        ("https://10.0.0.1/", "link-not-public"),
        ("//localhost/", "link-not-public"),
        ("file:///etc/hostname", "link-not-https"),
        ("/again", "link-redirects"),
    ],
)
def test_each_redirect_is_judged_anew(site: Site, trusted: ssl.SSLContext, place: str, code: str):
    site.serve("/again", "", status=302, Location=place)
    guard = guard_of({HOST: [LOCAL], "inside.example.cn": ["192.168.0.7"]})

    assert code == code_of(Fetcher(guard, trusted), site.url("/again"))


def test_certificate_that_nobody_trusts_is_refused(site: Site):
    assert code_of(Fetcher(guard_of()), site.url("/")) == "link-certificate"
    assert site.requests == []


def test_certificate_of_another_host_is_refused(site: Site, trusted: ssl.SSLContext):
    guard = guard_of({"third.example.org": [LOCAL]})

    assert code_of(Fetcher(guard, trusted), site.url("/", "third.example.org")) == "link-certificate"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/none", "link-status"),
        ("/picture", "link-not-page"),
        ("/large", "link-too-large"),
        ("/unpacks", "link-too-large"),
        ("/broken", "link-unreachable"),
    ],
)
def test_answer_that_is_no_page_is_refused(
    site: Site, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, path: str, code: str
):
    monkeypatch.setattr(fetch, "MOST_BYTES", 1_000)
    site.serve("/picture", b"\x89PNG", Content_Type="image/png")
    site.serve("/large", "字" * 1_000)
    site.serve("/unpacks", gzip.compress(b" " * 2_000), Content_Encoding="gzip")
    site.serve("/broken", b"no gzip", Content_Encoding="gzip")

    assert code == code_of(Fetcher(guard_of(), trusted), site.url(path))


def test_packed_page_is_unpacked(site: Site, trusted: ssl.SSLContext):
    site.serve("/", gzip.compress(PAGE.encode()), Content_Encoding="gzip")

    assert Fetcher(guard_of(), trusted).fetch(site.url("/")).body == PAGE.encode()


@pytest.mark.slow
@pytest.mark.parametrize("part", [b"HTTP/1.0 200 OK\r\n", b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n"])
def test_server_that_sends_little_by_little_is_left_when_the_time_is_over(
    site: Site, trusted: ssl.SSLContext, part: bytes
):
    stop = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(part)
        for _ in range(200):  # each byte comes long before a read would time out
            if stop.wait(0.05):
                return
            handler.wfile.write(b"x")
            handler.wfile.flush()

    site.answers["/slow"] = slow
    try:
        assert code_of(Fetcher(guard_of(), trusted, within_s=0.5), site.url("/slow")) == "link-timeout"
    finally:
        stop.set()


def test_server_that_is_away_is_told(trusted: ssl.SSLContext):
    assert code_of(Fetcher(guard_of(), trusted), f"https://{HOST}:1/") == "link-unreachable"
