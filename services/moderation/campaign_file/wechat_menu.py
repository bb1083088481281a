"""The WeChat menus of the campaign's accounts, from the optional table `[wechat]` of a campaign file.

    [[wechat.menu]]
    name_zh = "服务大厅"
    type = "sub"
    [[wechat.menu.sub]]
    name_zh = "百家基层工会成果点赞"
    type = "click"
    key = "like"

Promises: WeChat accepts a menu that was read without errors: at most three buttons with at most five below each, names
and keys within WeChat's sizes, and a `click` that the gateway answers. The menu is not part of the rule set: it may
change while the rules are locked, so it is neither hashed nor an event.
Does not promise: that the address of a `view` can be reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.moderation.campaign_file.toml_reader import Table
from shared.web_links import is_public_https

CLICK, VIEW, SUB = TYPES = ("click", "view", "sub")
#: The keys of `click` buttons that the gateway answers (`gateway/voters/wechat_chat.py`).
KEYS = ("like", "mine", "help")
BUTTONS, BELOW = 3, 5
NAME_MAX_BYTES, NAME_BELOW_MAX_BYTES = 16, 60  # five Chinese characters in the bottom row, twenty in a submenu
KEY_MAX_BYTES, URL_MAX_BYTES = 128, 1024


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a WeChat menu. A `click` has a `key` that WeChat sends us, a `view` has a `url` that it opens, and a
    `sub` has the buttons `below` it.
    """

    name_zh: str
    type: str
    key: str = ""
    url: str = ""
    below: tuple["Button", ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """The menu of a WeChat account: the buttons at the bottom of its chat, empty if it has no menu."""

    buttons: tuple[Button, ...] = ()


def read_menu(root: Table) -> Menu:
    """Return the menu of a campaign file, and report its problems. The menu is empty if the file has no `[wechat]`."""
    if not root.has("wechat"):
        return Menu()
    wechat = root.table("wechat")
    tables = wechat.tables("menu", default=[])
    wechat.close()
    _count(wechat, "menu", tables, BUTTONS)
    return Menu(tuple(_button(each, NAME_MAX_BYTES) for each in tables))


def _button(table: Table, name_most: int, *, is_below: bool = False) -> Button:
    name = table.text("name_zh")
    _size(table, "name_zh", name, name_most)
    kind = table.choice("type", TYPES[:2] if is_below else TYPES)
    if kind == CLICK:
        # Check the size first: for a long key the limit is more useful than the list of known keys.
        key = table.text("key")
        if _size(table, "key", key, KEY_MAX_BYTES) and key not in KEYS and not table.broken("key"):
            table.choice("key", KEYS)
        button = Button(name, kind, key=key)
    elif kind == VIEW:
        url = table.text("url", pattern="https?://.+")
        if _size(table, "url", url, URL_MAX_BYTES) and not table.broken("url"):
            _check_public(table, url)
        button = Button(name, kind, url=url)
    else:
        button = Button(name, kind, below=_below(table) if kind == SUB and not is_below else ())
    if not table.broken("type"):  # without a type it is unknown which keys belong in the table
        table.close()
    return button


def _below(table: Table) -> tuple[Button, ...]:
    tables = table.tables("sub")
    _count(table, "sub", tables, BELOW)
    if not tables and not table.broken("sub"):
        table.report.error((*table.path, "sub"), "empty-list", "sub 是空的", "sub is empty")
    return tuple(_button(each, NAME_BELOW_MAX_BYTES, is_below=True) for each in tables)


def _count(table: Table, key: str, found: Sequence[Table], most: int) -> None:
    if len(found) > most:
        zh, en = (
            f"{key} 最多 {most} 个，写了 {len(found)} 个",
            f"{key} may have at most {most} buttons, not {len(found)}",
        )
        table.report.error((*table.path, key, most), "too-many", zh, en)


def _size(table: Table, key: str, value: str, most: int) -> bool:
    size = len(value.encode(errors="replace"))
    if size <= most:
        return True
    if not table.broken(key):
        zh, en = f"{key} 最多 {most} 字节，写了 {size} 字节", f"{key} may have at most {most} bytes, not {size}"
        table.report.error((*table.path, key), "too-long", zh, en)
    return False


def to_wechat(menu: Menu) -> dict[str, object]:
    """Return the menu as the JSON body of WeChat's call `menu/create`."""
    return {"button": [_to_wechat(each) for each in menu.buttons]}


def _to_wechat(button: Button) -> dict[str, object]:
    match button.type:
        case "click":
            return {"type": CLICK, "name": button.name_zh, "key": button.key}
        case "view":
            return {"type": VIEW, "name": button.name_zh, "url": button.url}
        case _:
            return {"name": button.name_zh, "sub_button": [_to_wechat(each) for each in button.below]}


def _check_public(table: Table, url: str) -> None:
    """Report a button that opens a page which phones cannot reach: one of a local network or of a single machine."""
    if not is_public_https(url.replace("http://", "https://", 1)):
        zh, en = f"url 须是公网上的网址，写的是 {url!r}", f"url must lead to a host on the public network, not {url!r}"
        table.report.error((*table.path, "url"), "url-not-public", zh, en)
