"""Links that people send: which hosts are public, however an address is written."""

import pytest

from shared.web_links import is_https, is_public_https

PRIVATE = [
    "10.0.0.1", "10.255.0.9", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "127.0.0.1", "127.1",
    "0.0.0.0", "0", "169.254.169.254", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.7", "198.18.0.1",
    "167772161", "0x0a000001", "0xA.0.0.1", "012.0.0.1", "0300.0250.1.1", "10.1", "192.168.257", "0x7f.1", "127.0.0.1.",
    "１０.0.0.1", "10。0。0。1", "①0.0.0.1",
    "[::1]", "[::]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[::ffff:10.0.0.1]",
    "[::ffff:7f00:1]", "[::10.0.0.1]", "[64:ff9b::10.0.0.1]", "[2002:a00:1::]", "[2001:db8::1]", "[2001:0:1::1]",
    "localhost", "LOCALHOST", "ｌocalhost", "localhost.", "a.localhost", "printer", "wiki.", "nas.local", "db.internal",
    "x.lan", "x.home.arpa", "x.corp", "x.intranet", "x.localdomain", "x.test", "x.invalid", "x.onion",
    "256.1.1.1", "1.2.3.4.5", "08.0.0.1", "a..cn", "a_%41.cn", "-.cn", "a.0x",
    "10.0.0.1\u3164", "10.0.0.1\uffa0", "a.lo\u115fcal", "db.svc", "x.workgroup", "x.localnet",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_host_that_is_not_public_is_refused_in_every_notation(host: str):
    assert not is_public_https(f"https://{host}/x")
    assert not is_public_https(f"https://{host}:8443")


@pytest.mark.parametrize(
    "address",
    [
        "https://h5.example.org/a?b=1#c",
        "https://a.cn",
        "https://EXAMPLE.cn:8443/",
        "https://总工会.中国/成果",
        "https://xn--fiqs8s.cn/",
        "https://a-b.c_d.example.org.",
        "https://8.8.8.8/",
        "https://134744072/",
        "https://[2606:4700::1111]/",
        "https://[::ffff:8.8.8.8]/",
        "https://10.0.0.1.example.org/",
        "https://localhost.example.org/",
    ],
)
def test_public_host_is_accepted(address: str):
    assert is_public_https(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://a.cn/", "https://", "https:///x", "https://u:p@a.cn/", "https://u@a.cn/", "https://a.cn:x/", "a.cn",
        "https://a.cn/ b", "https://a.cn\n", "https://a.cn\\@b.cn/", "https:\\\\a.cn", "javascript:alert(1)",
        "https://[::1", "https://a.cn\u200b/", "ftp://a.cn/",
    ],
)  # fmt: skip
def test_address_that_is_not_plain_https_is_refused(address: str):
    assert not is_https(address)
