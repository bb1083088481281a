"""Schemas of the calls about letters and their contacts."""

from marshmallow import Schema, ValidationError, fields, validate

from services.moderation.letters import DRAFTED
from services.moderation.outbox import CHANNELS, FAILED, LATER, SENT, TOPICS, UNSURE
from services.moderation.schemas import line, required_text

MOST_LETTERS = 500
STATES = ("proposed", "waiting", "unaddressed", "sending", "sent", "failed", "unsure", "withdrawn")
_CONTACT = r"(contact\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}|staff\.[A-Za-z0-9][A-Za-z0-9_.-]{0,63})\Z"
_PHONE = r"\+?[0-9]{5,18}\Z"


def _email(text: str) -> None:
    """Validate an address as mail servers take it: marshmallow's rule, in ASCII, and no longer than RFC 5321 allows."""
    if text:
        if len(text) > 254 or not text.isascii():
            raise ValidationError("Not a valid email address.")
        validate.Email()(text)


def _phone(text: str) -> None:
    if text:
        validate.Regexp(_PHONE)(text)


def contact() -> fields.String:
    """Return a field that requires the name of a contact: `contact.<unit>` or `staff.<staff>`."""
    return fields.String(required=True, validate=validate.Regexp(_CONTACT))


def letter_name() -> fields.String:
    """Return a field that requires the name of a letter."""
    return required_text(300, least=1)


class Nothing(Schema):
    """Schema of a call whose body is empty."""


class OneContact(Schema):
    contact = contact()


class SetContact(OneContact):
    email = fields.String(load_default="", validate=_email)
    phone = fields.String(load_default="", validate=_phone)
    lang = fields.String(load_default="zh", validate=validate.OneOf(("zh", "en")))


class Topic(Schema):
    topic = fields.String(required=True, validate=validate.OneOf(tuple(TOPICS)))


class Consent(Topic):
    template = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9_-]{1,64}\Z"))
    openid = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9_-]{6,64}\Z"))


class Letters(Schema):
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATES))
    kind = fields.String(load_default=None, allow_none=True)
    after = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=300))
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, MOST_LETTERS))


class OneLetter(Schema):
    letter = letter_name()


class ReadLetter(OneLetter):
    digest = fields.String(required=True, validate=validate.Length(max=64))


class Approve(Schema):
    letters = fields.List(fields.Nested(ReadLetter), required=True, validate=validate.Length(max=MOST_LETTERS))


class Named(Schema):
    letters = fields.List(letter_name(), required=True, validate=validate.Length(max=MOST_LETTERS))


class Draft(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(DRAFTED))
    to = fields.List(contact(), required=True, validate=validate.Length(max=5_000))
    title = line(120)
    words = required_text(4_000)


class Channels(Schema):
    channels = fields.List(
        fields.String(validate=validate.OneOf(CHANNELS)), required=True, validate=validate.Length(max=len(CHANNELS))
    )


class Due(Channels):
    limit = fields.Integer(load_default=20, strict=True, validate=validate.Range(1, 100))


class Begin(OneLetter, Channels):
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    attempt = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10_000))


class End(OneLetter, Channels):
    attempt = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10_000))
    state = fields.String(required=True, validate=validate.OneOf((SENT, LATER, FAILED, UNSURE)))
    code = line(100)
