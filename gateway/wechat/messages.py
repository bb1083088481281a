"""Messages and events from WeChat's servers, parsed from XML (public accounts) or JSON (mini-programs).

Promises: entities, a DOCTYPE and repeated fields are refused; an unknown kind becomes `Other` and never an error, since
WeChat adds kinds. `Message.key` is the same whenever WeChat sends the same message again, also in another ciphertext.
Does not promise that WeChat sent the message: `callback.py` verifies that.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gateway.wechat.errors import BadMessage

BODY_MAX_BYTES = 64 * 1024
SCENE_PREFIX = "qrscene_"
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Fields that all kinds of messages share.

    `person` is the openid at this account: personal data, never to be logged.
    """

    account: str  # ToUserName, the account's original id
    person: str
    created_s: int
    key: str  # the same for each sending of the same message


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Message):
    """A person typed a text."""

    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe(Message):
    """A person began to follow the account."""

    scene: str  # of the scanned QR code, "" without one
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe(Message):
    """A person stopped following the account: all data about them must be deleted now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Message):
    """A follower scanned one of our QR codes."""

    scene: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Click(Message):
    """A person tapped a menu button that has a key."""

    button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Message):
    """A person tapped a menu button that has a link; the phone opens the link by itself."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Message):
    """Any other message or event, such as a picture, a location, or an event that we do not use."""

    kind: str


def read(body: bytes) -> Message:
    """Parse the body of a push, XML or JSON, into a message. Raise BadMessage."""
    return message(fields(body))


def fields(body: bytes) -> Fields:
    """Parse a body, XML or JSON, into its fields by name. Also reads the envelope of an encrypted push.

    Raise BadMessage.
    """
    if len(body) > BODY_MAX_BYTES:
        raise BadMessage(f"more than {BODY_MAX_BYTES} bytes")
    return _json_fields(body) if body.lstrip()[:1] == b"{" else _xml_fields(body)


def message(received: Fields) -> Message:
    """Build the message, of the right kind, from its fields. Raise BadMessage if a required field is missing."""
    try:
        whose = {
            "account": received["ToUserName"],
            "person": received["FromUserName"],
            "created_s": int(received["CreateTime"]),
            "key": message_key(received),
        }
        return _of_kind(received, whose)
    except KeyError as missing:
        raise BadMessage(f"{missing.args[0]} is missing") from missing
    except ValueError as problem:
        raise BadMessage("CreateTime is not a number") from problem


def message_key(received: Fields) -> str:
    """Return the key by which repeats of a message are recognised, hashed so that no cache of keys holds an openid.

    For an event, Event and EventKey are part of the key: CreateTime counts whole seconds, and a scan that subscribes
    sends two events in one second.
    """
    if received.get("MsgId"):
        parts = ["MsgId", received["ToUserName"], received["MsgId"]]
    else:
        parts = ["Event", *(received.get(name, "") for name in ("ToUserName", "FromUserName", "CreateTime"))]
        parts += [received.get("Event", ""), received.get("EventKey", "")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _of_kind(received: Fields, whose: dict[str, Any]) -> Message:
    kind, about = received["MsgType"], received.get("EventKey", "")
    if kind == "text":
        return Text(**whose, content=received["Content"])
    if kind != "event":
        return Other(**whose, kind=kind)
    match received["Event"].lower():
        case "subscribe":
            return Subscribe(**whose, scene=about.removeprefix(SCENE_PREFIX), ticket=received.get("Ticket", ""))
        case "unsubscribe":
            return Unsubscribe(**whose)
        case "scan":
            return Scan(**whose, scene=about, ticket=received.get("Ticket", ""))
        case "click":
            return Click(**whose, button=about)
        case "view":
            return View(**whose, url=about)
        case _:
            return Other(**whose, kind=received["Event"])


def _xml_fields(body: bytes) -> Fields:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as attack:
        raise BadMessage("XML with a DOCTYPE or entities") from attack
    except (ParseError, ValueError, LookupError) as problem:  # ValueError, LookupError: an unusual encoding
        raise BadMessage("not XML") from problem
    names = [each.tag for each in root]
    if len(set(names)) != len(names):
        raise BadMessage("a field is repeated")
    return {each.tag: each.text or "" for each in root}


def _json_fields(body: bytes) -> Fields:
    try:
        parsed = json.loads(body, object_pairs_hook=_unique_fields)
        texts = {name: str(value) for name, value in parsed.items() if isinstance(value, str | int)}
        "".join([*texts, *texts.values()]).encode()  # fails on half of a surrogate pair
    except (ValueError, RecursionError) as problem:
        raise BadMessage("not JSON") from problem
    return texts


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a field is repeated")
    return dict(pairs)
