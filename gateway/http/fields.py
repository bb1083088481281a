"""Marshmallow fields for HTTP bodies and queries. Their error messages are codes of `problem_texts.FIELDS`.

They are stricter than marshmallow's own: in JSON a string is not a number, 1 is not true, and texts hold no control
characters.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shared import rpc
from shared.names import is_visible
from shared.short_text import NOTHING, flaw

QUERY_MAX_CHARS = 60  # of a search text or a city name
INSTANT_MAX = 32_503_680_000_000  # the year 3000, as in the services
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: The same for the OpenAPI document, in the syntax that ECMA's regular expressions share with Python's. That of a line
#: names what `short_text.flaw` refuses, but for private characters, and not that something must be visible.
TEXT_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]*$"


def _messages(**codes: str) -> dict[str, Any]:
    """Return marshmallow's error messages replaced by codes."""
    return {"required": "required", "null": "null", "validator_failed": "invalid", **codes}


class RequestSchema(Schema):
    """Base of the schemas that check requests. A field that the schema does not declare is refused."""

    error_messages = _messages(unknown="unknown", type="not-an-object")

    class Meta:
        unknown = RAISE


class ResponseSchema(Schema):
    """Base of the schemas that document answers. They do not check an answer: the service that answers decides.

    An answer has every field but those that `optional` names, in a schema or in one that it extends.
    """

    optional: ClassVar[tuple[str, ...]] = ()

    class Meta:
        unknown = "include"

    @classmethod
    def required_fields(cls) -> list[str]:
        """Return the names of the fields that an answer always has, in their order."""
        optional = {name for kind in cls.__mro__ for name in vars(kind).get("optional", ())}
        return [each.data_key or name for name, each in cls().fields.items() if name not in optional]


class Text(fields.String):
    """A text of at least `least` and at most `most` characters, without control characters."""

    default_error_messages = _messages(invalid="not-text", invalid_utf8="not-text")
    pattern = TEXT_PATTERN

    def __init__(self, most: int, *, least: int = 0, metadata: Mapping[str, Any] = {}, **more: Any) -> None:
        described = {"pattern": self.pattern, **metadata}
        super().__init__(validate=_length(least, most, "too-long"), metadata=described, **more)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if _CONTROL.search(value):
            raise ValidationError("control-characters")
        return value


class RawText(Text):
    """A text of an entry as it was typed: of any characters that can be stored.

    The service names those that are refused, with their place.
    """

    pattern = r"^[^\x00]*$"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
            raise ValidationError("control-characters")
        return value


class Line(Text):
    """A text that stands in one line: a title, a name, a contact, a short reason (`shared.short_text`).

    With `least` it must show something; without, it may be empty or blank.
    """

    pattern = LINE_PATTERN

    def __init__(self, most: int, *, least: int = 0, **more: Any) -> None:
        self._visible = least > 0
        super().__init__(most, least=least, **more)

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> str:
        text = super()._deserialize(value, *args, **more)
        found = flaw(text)
        if found is not None:
            raise ValidationError(found.code)
        if text and self._visible and not is_visible(text):
            raise ValidationError(NOTHING)
        return text


class Code(fields.String):
    """An identifier that matches `pattern`: by default letters, digits, dots, underscores and dashes."""

    default_error_messages = _messages(invalid="not-text", invalid_utf8="not-text")

    def __init__(self, pattern: str = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", **more: Any) -> None:
        super().__init__(validate=validate.Regexp(f"^(?:{pattern})$", error="malformed"), **more)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if "\n" in value:  # `$` would accept one at the end
            raise ValidationError("malformed")
        return value


class Choice(fields.String):
    """A text that must be one of `choices`."""

    default_error_messages = _messages(invalid="not-text", invalid_utf8="not-text")

    def __init__(self, *choices: str, **more: Any) -> None:
        super().__init__(validate=validate.OneOf(choices, error="not-allowed"), **more)


class Whole(fields.Integer):
    """A whole number from `least` to `most`: a number in JSON or, with `query`, also digits in a query string."""

    default_error_messages = _messages(invalid="not-whole", too_large="out-of-range")

    def __init__(self, least: int, most: int, *, query: bool = False, **more: Any) -> None:
        self._query = query
        super().__init__(strict=True, validate=validate.Range(least, most, error="out-of-range"), **more)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if self._query and isinstance(value, str) and re.fullmatch(r"\d{1,15}", value, re.ASCII):
            return int(value)
        if type(value) is float and value.is_integer():
            return int(value)  # 5.0 is the same number as 5 in JSON
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Flag(fields.Boolean):
    """A boolean: true or false, and no other value that marshmallow would accept, such as 1 or "yes"."""

    default_error_messages = _messages(invalid="not-true-or-false")

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid")
        return value


class ListOf(fields.List[Any]):
    """A list of at least `least` and at most `most` items, each checked by the field `inner`."""

    default_error_messages = _messages(invalid="not-a-list")

    def __init__(self, inner: Any, most: int, *, least: int = 0, **more: Any) -> None:
        super().__init__(inner, validate=_length(least, most, "too-many"), **more)


class Object(fields.Nested):
    """An object inside an object, checked by a schema of its own."""

    default_error_messages = _messages(type="not-an-object")


class Table(rpc.Table):
    """An object with any keys, whose keys and values are checked by one field each."""

    default_error_messages = _messages(invalid="not-an-object")


def _length(least: int, most: int, beyond: str) -> list[validate.Length]:
    checks = [validate.Length(max=most, error=beyond)]
    return [validate.Length(min=least, error="too-short"), *checks] if least else checks


def instant(**more: Any) -> Whole:
    """Return a field for an instant in milliseconds since the epoch."""
    return Whole(0, INSTANT_MAX, **more)


def digest(**more: Any) -> Code:
    """Return a field for a SHA-256 in hex."""
    return Code(r"[0-9a-f]{64}", **more)
