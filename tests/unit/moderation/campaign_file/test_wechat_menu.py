"""Tests of the WeChat menus in a campaign file: reading, problems by line, and the form that WeChat takes."""

import pytest

from gateway.voters.wechat_chat import KEYS as ANSWERED
from services.moderation.campaign import rule_hash
from services.moderation.campaign_file.check import check, menu_of
from services.moderation.campaign_file.wechat_menu import KEYS, Button, Menu, to_wechat
from tests.files import CAMPAIGN_FILE
from tests.unit.moderation.campaign_file.test_check import SOUND

BUTTON = '[[wechat.menu]]\nname_zh = "点赞"\ntype = "click"\nkey = "like"\n'
SUB = '[[wechat.menu]]\nname_zh = "大厅"\ntype = "sub"\n'
BELOW = '[[wechat.menu.sub]]\nname_zh = "看看"\ntype = "view"\nurl = "https://example.org/"\n'


def with_menu(text: str) -> str:
    return f"{SOUND}\n{text}"


def problems(text: str) -> list[tuple[int, str]]:
    """Return the problems of a menu as (line within the menu, code)."""
    above = with_menu("").count("\n")
    return [(each.line - above, each.code) for each in check(with_menu(text))[1]]


def test_menu_of_the_notice_leads_to_the_like_page():
    menu = menu_of(CAMPAIGN_FILE.read_text())

    assert menu is not None
    (hall,) = to_wechat(menu)["button"]
    assert hall["name"] == "服务大厅"
    assert hall["sub_button"][0] == {"type": "click", "name": "百家基层工会成果点赞", "key": "like"}


def test_file_without_a_menu_has_an_empty_one():
    assert menu_of(SOUND) == Menu()


def test_menu_of_a_broken_file_is_none():
    assert menu_of("id = 3") is None


def test_buttons_are_read_in_order():
    assert menu_of(with_menu(BUTTON + SUB + BELOW)) == Menu(
        (
            Button("点赞", "click", key="like"),
            Button("大厅", "sub", below=(Button("看看", "view", url="https://example.org/"),)),
        )
    )


def test_menu_is_no_part_of_the_rules():
    plain, with_buttons = check(SOUND)[0], check(with_menu(BUTTON))[0]

    assert plain is not None
    assert with_buttons is not None
    assert rule_hash(plain) == rule_hash(with_buttons)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(BUTTON * 4, [(13, "too-many")], id="four buttons"),
        pytest.param(SUB + BELOW * 6, [(24, "too-many")], id="six below"),
        pytest.param(SUB, [(1, "missing-key")], id="nothing below"),
        pytest.param(BUTTON.replace("点赞", "点赞点赞点赞"), [(2, "too-long")], id="a name of 18 bytes"),
        pytest.param(SUB + BELOW.replace("看看", "看" * 21), [(5, "too-long")], id="a name below of 63 bytes"),
        pytest.param(BUTTON.replace('"like"', f'"{"k" * 129}"'), [(4, "too-long")], id="a key of 129 bytes"),
        pytest.param(BUTTON.replace('"like"', '"lik"'), [(4, "unknown-value")], id="a key that nobody answers"),
        pytest.param(BUTTON.replace('"click"', '"clik"'), [(3, "unknown-value")], id="a type that is none"),
        pytest.param(BUTTON.replace("key", "kye"), [(1, "missing-key"), (4, "unknown-key")], id="a key misspelt"),
        pytest.param(BUTTON.replace('key = "like"', 'url = "ftp://x"'), [(1, "missing-key"), (4, "unknown-key")],
                     id="a click with a url"),
        pytest.param(
            BELOW.replace(".sub", "").replace("example.org", "10.0.0.7"), [(4, "url-not-public")], id="a private page"
        ),
        pytest.param(BELOW.replace(".sub", "").replace("https", "ftp"), [(4, "out-of-range")], id="not a web address"),
        pytest.param(SUB + BELOW.replace("view", "sub"), [(6, "unknown-value")], id="a sub below a sub"),
        pytest.param("[wechat]\nmenus = 3\n", [(2, "unknown-key")], id="a table of another name"),
        pytest.param("[wechat]\nmenu = 3\n", [(2, "wrong-type")], id="no list"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(text: str, expected: list[tuple[int, str]]):
    assert problems(text) == expected


def test_every_key_that_a_menu_may_have_is_answered_by_the_gateway():
    assert set(KEYS) == set(ANSWERED)
