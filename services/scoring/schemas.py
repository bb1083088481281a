"""Schemas of scoring's RPC bodies. What the campaign's rules define (rubric, range of a mark) is checked by the
domain.
"""

from marshmallow import Schema, ValidationError, fields, validate

from shared.rpc import Table, check_line, check_visible

FAR = 1_000_000  # larger numbers are refused here; smaller ones get the domain's refusal with the allowed range


def _writable(text: str) -> None:
    """Refuse control characters, and characters that cannot be encoded as UTF-8."""
    if any((sign < " " and sign not in "\n\r\t") or "\ud800" <= sign <= "\udfff" or sign == "\x7f" for sign in text):
        raise ValidationError("control-characters")


def _line(longest: int, *, shortest: int = 0) -> fields.String:
    """A required text of one line (`shared.short_text`), which shows something if `shortest` is 1."""
    checks = [validate.Length(min=shortest, max=longest), check_line, *([check_visible] if shortest else [])]
    return fields.String(required=True, validate=checks)


def _text(longest: int, *, shortest: int = 0, required: bool = True) -> fields.String:
    length = validate.Length(min=shortest, max=longest)
    if required:
        return fields.String(required=True, validate=[length, _writable])
    return fields.String(load_default=None, allow_none=True, validate=[length, _writable])


class Nothing(Schema):
    """Schema of a call whose body is empty."""


class AppointJudge(Schema):
    judge = _text(64, shortest=1)
    name = _line(100, shortest=1)
    employer = _line(200)
    city = _line(100)
    conflicts = fields.List(_text(64, shortest=1), load_default=list, validate=validate.Length(max=1000))


class WithSeed(Schema):
    seed = _text(64, shortest=1, required=False)


class Assign(WithSeed):
    confirm = _text(64, required=False)


class GiveScore(Schema):
    entry = _text(100, shortest=1)
    marks = Table(
        keys=_text(64, shortest=1),
        values=fields.Integer(strict=True, validate=validate.Range(-FAR, FAR)),
        required=True,
        validate=validate.Length(max=50),
    )
    words = _text(2000, required=False)


class SaveDraft(GiveScore):
    """Schema of `save_draft`: a draft of a mark, in which criteria may be missing."""


def _is_field_value(value: object) -> None:
    if isinstance(value, str):
        validate.Length(max=2000)(value)
        _writable(value)
    elif value is not None and (type(value) is not int or not -FAR <= value <= FAR):
        raise ValidationError("not-an-integer")


class EditMark(Schema):
    """Schema of `edit_mark`: fields by name, each a whole number, a text or nothing."""

    entry = _text(100, shortest=1)
    revision = fields.Integer(strict=True, required=True, validate=validate.Range(0, FAR))
    fields_ = Table(
        keys=_text(80, shortest=1),
        values=fields.Raw(allow_none=True, validate=_is_field_value),
        required=True,
        validate=validate.Length(max=51),
        data_key="fields",
        attribute="fields",
    )
    give = fields.Boolean(load_default=False)
    device = _text(64, required=False)
    sequence = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 2**53))


class Practice(Schema):
    """Schema of `try_mark`: a mark of no entry."""

    marks = Table(
        keys=_text(64, shortest=1),
        values=fields.Integer(strict=True, validate=validate.Range(-FAR, FAR)),
        required=True,
        validate=validate.Length(max=50),
    )
    words = _text(2000, required=False)


class DeclareIndependence(Schema):
    words = _text(64, shortest=1)


class NoteReading(Schema):
    entry = _text(100, shortest=1)
    skip = fields.Boolean(load_default=False)


class Reassign(Schema):
    judge = _text(64, shortest=1)
    entries = fields.List(_text(100, shortest=1), load_default=None, allow_none=True, validate=validate.Length(1, 5000))
    reason = _text(500, shortest=1)


class JudgeOnly(Schema):
    """Schema of a query about one judge."""

    judge = _text(64, shortest=1)


class EntryOnly(Schema):
    entry = _text(100, shortest=1)


class DeclareConflict(Schema):
    entry = _text(100, shortest=1)
    reason = _text(500, shortest=1)


class ExcludeScore(Schema):
    judge = _text(64, shortest=1)
    entry = _text(100, shortest=1)
    reason = _line(500)
