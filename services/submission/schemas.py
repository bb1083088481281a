"""Schemas of submission's RPC bodies. They check shapes only; the domain decides how long a text may be."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.submission.entry_checks import EXTENTS
from services.submission.state import STATUSES
from shared import passwords
from shared.rpc import check_line, check_visible

LAST_MS = 32_503_680_000_000  # the year 3000
MOST_CHARS = 200_000
MOST_FILES = 250
MOST_FIELDS = 1_000


def _storable(value: str) -> None:
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise ValidationError("Not text.")


def required_text(most: int) -> fields.String:
    """Return a field that requires text of at most `most` characters that can be encoded as UTF-8."""
    return fields.String(required=True, validate=validate.And(validate.Length(max=most), _storable))


def optional_text(most: int) -> fields.String:
    """Return a field that accepts what `required_text` accepts, null, or a missing key; the last two give None."""
    sound = validate.And(validate.Length(max=most), _storable)
    return fields.String(load_default=None, allow_none=True, validate=sound)


def list_of(each: fields.Field[Any], most: int, *, required: bool = False) -> fields.List[Any]:
    """Return a field for a list of at most `most` items, each accepted by `each`.

    If it is not required, null or a missing key is accepted too, and gives None.
    """
    length = validate.Length(max=most)
    if required:
        return fields.List(each, required=True, validate=length)
    return fields.List(each, load_default=None, allow_none=True, validate=length)


def line(most: int, *, least: int = 0) -> fields.String:
    """Return a field that requires a text of one line (`shared.short_text`), which shows something if `least` is 1."""
    checks = [validate.Length(least, most), check_line, *([check_visible] if least else [])]
    return fields.String(required=True, validate=validate.And(*checks))


def optional_line(most: int) -> fields.String:
    """Return a field that accepts a text of one line, null, or a missing key; the last two give None."""
    return fields.String(
        load_default=None, allow_none=True, validate=validate.And(validate.Length(0, most), check_line)
    )


def instant() -> fields.Integer:
    """Return a field that requires an instant in milliseconds since the epoch, before the year 3000."""
    return fields.Integer(required=True, strict=True, validate=validate.Range(0, LAST_MS))


SHA256 = validate.Regexp(r"[0-9a-f]{64}\Z")


class Nothing(Schema):
    """Schema of a call whose body is empty."""


class Page(Schema):
    after = optional_text(100)
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))


class Units(Schema):
    units = fields.List(
        fields.String(validate=validate.Length(max=100)), required=True, validate=validate.Length(max=1_000)
    )


class CompareRoll(Schema):
    """Schema of a roll to read. `gone` says what becomes of units without a row in the file and without an entry."""

    csv = optional_text(8_000_000)
    file = optional_text(8_000_000)  # the file's bytes in base64, if it is no UTF-8 text
    gone = fields.String(load_default="remove", allow_none=True, validate=validate.OneOf(("remove", "keep")))


class ImportRoll(CompareRoll):
    roll = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
    )
    confirm = fields.String(load_default=None, allow_none=True, validate=SHA256)


class FileNamed(Schema):
    sha256 = fields.String(required=True, validate=SHA256)
    name = optional_line(255)
    caption = optional_text(5_000)
    alt = optional_text(5_000)
    subtitles = optional_text(60_000)


class AiUse(Schema):
    """Schema of a part that was made or altered by AI."""

    part = required_text(64)
    extent = fields.String(required=True, validate=validate.OneOf(EXTENTS))


class Check(Schema):
    """Schema of `missing`: a draft of an entry in which every field may be missing."""

    entry = optional_text(100)
    title = optional_text(MOST_CHARS)
    profile = optional_text(MOST_CHARS)
    text = optional_text(MOST_CHARS)
    themes = list_of(required_text(40), 50)
    h5 = optional_text(2_000)
    files = list_of(fields.Nested(FileNamed), MOST_FILES)
    ai = list_of(fields.Nested(AiUse), MOST_FILES)
    consent = optional_text(200)


class HandIn(Schema):
    entry = optional_text(100)
    title = required_text(MOST_CHARS)
    profile = required_text(MOST_CHARS)
    text = required_text(MOST_CHARS)
    themes = list_of(required_text(40), 50, required=True)
    h5 = optional_text(2_000)
    files = list_of(fields.Nested(FileNamed), MOST_FILES, required=True)
    ai = list_of(fields.Nested(AiUse), MOST_FILES)
    consent = optional_text(200)


class Withdraw(Schema):
    entry = required_text(100)
    reason = optional_text(2_000)


class GrantLatePass(Schema):
    unit = required_text(100)
    until = instant()
    reason = line(2_000)


class InspectUpload(Schema):
    path = fields.String(required=True, validate=validate.Regexp(r"([0-9a-f]{2})/\1[0-9a-f]{62}\Z"))
    name = line(255, least=1)


class UnitLogin(Schema):
    unit = required_text(100)
    access = required_text(200)
    agent = fields.String(load_default="other", validate=validate.Length(max=40))
    life_ms = fields.Integer(load_default=12 * 3_600_000, strict=True)


class JoinUnit(Schema):
    unit = required_text(100)
    invitation = required_text(64)
    name = line(40, least=1)
    password = required_text(passwords.MOST_CHARS)
    agent = fields.String(load_default="other", validate=validate.Length(max=40))
    life_ms = fields.Integer(load_default=12 * 3_600_000, strict=True)


class CadreLogin(Schema):
    unit = required_text(100)
    name = required_text(100)
    password = required_text(200)
    agent = fields.String(load_default="other", validate=validate.Length(max=40))
    life_ms = fields.Integer(load_default=12 * 3_600_000, strict=True)


class InviteUnits(Schema):
    """Schema of `invite_units`. Without `units`, all units that may enter and have nobody who can sign in."""

    units = list_of(required_text(100), 20_000)


class LinkCadre(Schema):
    session = fields.String(required=True, validate=validate.Length(max=64))
    account = required_text(100)


class WeChatLogin(Schema):
    account = required_text(100)
    agent = fields.String(load_default="other", validate=validate.Length(max=40))
    life_ms = fields.Integer(load_default=12 * 3_600_000, strict=True)


class OneCadre(Schema):
    cadre = required_text(100)


class OneSession(Schema):
    session = fields.String(required=True, validate=validate.Length(max=64))


class OneEntry(Schema):
    entry = required_text(100)


class TextSearch(Schema):
    q = required_text(200)


class OneVersion(OneEntry):
    version = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1))


class OfUnit(Schema):
    unit = optional_text(100)


class OneUnit(Schema):
    unit = required_text(100)


class Entries(Page):
    status = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATUSES))


class OneLink(Schema):
    url = required_text(2_000)


class OneFile(Schema):
    sha256 = fields.String(required=True, validate=SHA256)


class DraftOf(Schema):
    """Schema of a call about a draft. `entry` is an entry of the unit, or `new` for the entry that it works on.

    `unit` is the unit whose draft it is, if somebody else types for it.
    """

    entry = fields.String(load_default="new", validate=validate.And(validate.Length(max=100), _storable))
    unit = optional_text(100)


class ChangeDraft(DraftOf):
    """Schema of a change of a draft: fields by name, and the revision that the writer has seen.

    `drafts.flaw` says what a field may hold.
    """

    revision = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31))
    fields_ = fields.Dict(
        keys=required_text(100),
        values=fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(max=MOST_FIELDS),
        data_key="fields",
        attribute="fields",
    )
    device = fields.String(load_default="", validate=validate.Length(max=64))
    session = fields.String(load_default="", validate=validate.Length(max=64))
    sequence = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 2**53))


class HandInDraft(DraftOf):
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31))


class Pasted(Schema):
    html = fields.String(required=True, validate=validate.Length(max=2_000_000))


class AppointManager(Schema):
    unit = required_text(100)
    manager = optional_text(100)
    reason = line(2_000)


class OneReceipt(Schema):
    receipt = required_text(12)


class TwoVersions(OneEntry):
    earlier = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    later = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
