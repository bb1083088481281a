"""The edge of scoring: RPC bodies in. What the rules of a campaign say (rubric, range of a mark) is the domain's."""

from marshmallow import Schema, ValidationError, fields, validate

FAR = 1_000_000  # beyond it a mark is not even a wrong mark


def _writable(text: str) -> None:
    """No control signs, and nothing that has no UTF-8 bytes."""
    if any((sign < " " and sign not in "\n\r\t") or "\ud800" <= sign <= "\udfff" or sign == "\x7f" for sign in text):
        raise ValidationError("control-characters")


def _text(longest: int, *, shortest: int = 0, required: bool = True) -> fields.String:
    length = validate.Length(min=shortest, max=longest)
    if required:
        return fields.String(required=True, validate=[length, _writable])
    return fields.String(load_default=None, allow_none=True, validate=[length, _writable])


class Nothing(Schema):
    """No body."""


class AppointJudge(Schema):
    judge = _text(64, shortest=1)
    name = _text(100, shortest=1)
    employer = _text(200)
    city = _text(100)
    conflicts = fields.List(_text(64, shortest=1), load_default=list, validate=validate.Length(max=1000))


class Seeded(Schema):
    seed = _text(64, shortest=1, required=False)


class GiveScore(Schema):
    entry = _text(100, shortest=1)
    marks = fields.Dict(
        keys=_text(64, shortest=1),
        values=fields.Integer(strict=True, validate=validate.Range(-FAR, FAR)),
        required=True,
        validate=validate.Length(max=50),
    )
    words = _text(2000, required=False)


class SaveDraft(GiveScore):
    """Some of the marks may be missing."""


class Reassign(Schema):
    judge = _text(64, shortest=1)
    entries = fields.List(_text(100, shortest=1), load_default=None, allow_none=True, validate=validate.Length(1, 5000))
    reason = _text(500, shortest=1)


class OfEntry(Schema):
    entry = _text(100, shortest=1)


class DeclareConflict(Schema):
    entry = _text(100, shortest=1)
    reason = _text(500, shortest=1)


class ExcludeScore(Schema):
    judge = _text(64, shortest=1)
    entry = _text(100, shortest=1)
    reason = _text(500, shortest=1)
