"""The platform's rules for a menu, and the event of a tap on one of its buttons."""

from collections.abc import Iterator
from typing import Any

from tests.wechat_sim.grants import Refusal

BUTTONS_MOST, SUB_BUTTONS_MOST = 3, 5
NAME_MAX_BYTES, SUB_NAME_MAX_BYTES, KEY_MAX_BYTES, URL_MAX_BYTES = 16, 60, 128, 1_024
WITH_KEY = {"click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "location_select"}
Button = dict[str, Any]


def check(menu: Any) -> None:
    """Raise Refusal with the platform's errcode if the menu breaks a rule."""
    buttons = menu.get("button") if isinstance(menu, dict) else None
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS_MOST:
        raise Refusal(40016)
    for button in buttons:
        _name(button, NAME_MAX_BYTES, 40018)
        below = button.get("sub_button")
        if not below:
            _leaf(button)
            continue
        if not isinstance(below, list) or len(below) > SUB_BUTTONS_MOST:
            raise Refusal(40023)
        for each in below:
            _name(each, SUB_NAME_MAX_BYTES, 40025)
            _leaf(each)


def leaves(menu: dict[str, Any]) -> Iterator[Button]:
    """Yield the buttons that do something. A button that opens a submenu causes no event."""
    for button in menu["button"]:
        yield from button.get("sub_button") or [button]


def tap_event(menu: dict[str, Any] | None, what: str) -> tuple[str, str]:
    """Return event and key of a tap on the button with this key, link or name. Raises ValueError if there is none."""
    for button in leaves(menu) if menu else ():
        if what in (button.get("key"), button.get("url"), button["name"]):
            return ("CLICK", button["key"]) if "key" in button else ("VIEW", button["url"])
    raise ValueError(f"no button {what!r} in the menu")


def _name(button: Any, most_bytes: int, errcode: int) -> None:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not 0 < len(name.encode()) <= most_bytes:
        raise Refusal(errcode)


def _leaf(button: Button) -> None:
    kind = button.get("type")
    if kind in WITH_KEY:
        if not 0 < len(str(button.get("key", "")).encode()) <= KEY_MAX_BYTES:
            raise Refusal(40019)
    elif kind in ("view", "miniprogram"):
        if not 0 < len(str(button.get("url", "")).encode()) <= URL_MAX_BYTES:
            raise Refusal(40020)
    else:
        raise Refusal(40017)
