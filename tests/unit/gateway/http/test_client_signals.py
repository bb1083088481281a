"""Signals of a request's origin: addresses are believed from our proxies only, and only hashes are kept."""

import asyncio
from typing import Any

import pytest

from gateway.http.client_signals import (
    NOWHERE,
    device_mark,
    family,
    source,
    trust_proxies,
)
from shared.settings import Settings

KEY = b"k" * 32


def test_networks_are_told_apart_without_telling_addresses():
    near, neighbour, far = (source(KEY, each) for each in ("10.0.0.1", "10.0.0.77", "10.0.1.1"))

    assert (near.network, near.network) != (far.network, neighbour.address)
    assert near.network == neighbour.network
    assert near.address != neighbour.address
    assert "10.0.0" not in str((near, neighbour, far))


@pytest.mark.parametrize(
    ("one", "other", "same_house", "same_network"),
    [
        pytest.param("2001:db8:1:2::1", "2001:db8:1:2::ffff", True, True, id="one house of IPv6"),
        pytest.param("2001:db8:1:2::1", "2001:db8:1:3::1", False, True, id="neighbours of IPv6"),
        pytest.param("2001:db8:1::1", "2001:db8:2::1", False, False, id="strangers of IPv6"),
        pytest.param("10.0.0.1", "::ffff:10.0.0.1", True, True, id="IPv4 written as IPv6"),
    ],
)
def test_address_of_ipv6_is_its_house(one: str, other: str, same_house: bool, same_network: bool):
    a, b = source(KEY, one), source(KEY, other)

    assert (same_house, same_network) == (a.address == b.address, a.network == b.network)


@pytest.mark.parametrize("text", ["", "testclient", "unknown", "10.0.0.1:80", "1" * 500])
def test_text_that_is_no_address_is_nowhere(text: str):
    assert source(KEY, text) == NOWHERE


def test_hashes_of_an_address_a_network_and_a_device_have_nothing_in_common():
    place = source(KEY, "10.0.0.0")

    assert len({place.address, place.network, device_mark(KEY, "10.0.0.0"), source(b"x" * 32, "10.0.0.0").address}) == 4
    assert device_mark(KEY, "") == ""


def test_user_agent_is_a_family_and_no_more():
    agents = [b"Mozilla/5.0 MicroMessenger/8 Chrome/116", b"Mozilla/5.0 Chrome/116", b"python-httpx/0.28", b"\xff", b""]

    assert [family(each) for each in agents] == ["MicroMessenger", "Chrome", "python", "other", "other"]


@pytest.mark.parametrize(
    ("trusted", "peer", "said", "expected"),
    [
        pytest.param((), "10.0.0.9", ["1.2.3.4"], "10.0.0.9", id="nobody is trusted"),
        pytest.param(("10.0.0.9",), "10.0.0.8", ["1.2.3.4"], "10.0.0.8", id="a peer that is none of ours"),
        pytest.param(("10.0.0.9",), "10.0.0.9", ["1.2.3.4"], "1.2.3.4", id="our proxy"),
        pytest.param(("10.0.0.0/8",), "10.0.0.9", ["6.6.6.6, 1.2.3.4, 10.1.1.1"], "1.2.3.4", id="from the right"),
        pytest.param(("10.0.0.0/8",), "10.0.0.9", ["6.6.6.6", "1.2.3.4"], "1.2.3.4", id="in two headers"),
        pytest.param(("10.0.0.0/8",), "10.0.0.9", [], "10.0.0.9", id="nothing said"),
        pytest.param(("10.0.0.0/8",), "10.0.0.9", ["10.2.2.2, 10.1.1.1"], "10.2.2.2", id="all of them ours"),
        pytest.param(("10.0.0.9",), "10.0.0.9", ["1.2.3.4, nonsense"], "nonsense", id="what our proxy did not know"),
    ],
)
def test_address_is_believed_from_trusted_proxies_only(
    trusted: tuple[str, ...], peer: str, said: list[str], expected: str
):
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 -- ASGI's signature
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", each.encode()) for each in said]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}
    asyncio.run(trust_proxies(app, trusted)(scope, None, None))  # type: ignore[arg-type]

    assert [expected] == seen


def test_trusted_proxies_are_read_from_the_environment():
    settings = Settings.read({"BAIJIA_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8 ,::1", "BAIJIA_GATEWAYS": "3"})

    assert (settings.trusted_proxies, settings.gateways) == (("127.0.0.1", "10.0.0.0/8", "::1"), 3)
    assert Settings.read({}).trusted_proxies == ()


@pytest.mark.parametrize("text", ["*", "10.0.0.300", "10.0.0.1/8", "proxy.internal"])
def test_proxy_that_is_not_understood_stops_the_process(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 -- ipaddress's own error text
        Settings.read({"BAIJIA_TRUSTED_PROXIES": text})
