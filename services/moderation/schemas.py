"""The edge of moderation: RPC bodies in. Shapes only; what a reason or a date must be is the domain's to say."""

from marshmallow import Schema, ValidationError, fields, validate

from services.moderation.decisions.complaints import ANSWERED, KINDS, OPEN
from services.moderation.decisions.forget_subject import REASONS
from shared.reference_numbers import PATTERN

LAST_MS = 32_503_680_000_000  # the year 3000
MOST_ENTRIES = 10_000


def _storable(value: str) -> None:
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise ValidationError("Not text.")


def words(most: int, *, least: int = 0) -> fields.String:
    """Text that has UTF-8 bytes, of so many characters."""
    return fields.String(required=True, validate=validate.And(validate.Length(least, most), _storable))


def maybe(most: int, *, least: int = 0) -> fields.String:
    """As `words`, or null, or absent."""
    sound = validate.And(validate.Length(least, most), _storable)
    return fields.String(load_default=None, allow_none=True, validate=sound)


def instant() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(0, LAST_MS))


def maybe_whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(least, most))


def version() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(1, 100_000))


class Nothing(Schema):
    """No body."""


class FirstOrganiser(Schema):
    staff = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z"))
    name = words(100, least=1)
    password = words(128, least=8)


class OpenCampaign(Schema):
    file = words(1_000_000)
    rehearsal = fields.Boolean(load_default=None, allow_none=True, truthy={True}, falsy={False})
    now = maybe_whole(0, LAST_MS)
    organiser = fields.Nested(FirstOrganiser, load_default=None, allow_none=True)


class AppointStaff(FirstOrganiser):
    roles = fields.List(words(40), required=True, validate=validate.Length(max=20))
    password = maybe(128, least=8)


class MoveClock(Schema):
    now = instant()


class MoveWindow(Schema):
    window = words(40)
    start = instant()
    end = instant()
    reason = words(2_000)


class LockRules(Schema):
    rule_hash = words(64)
    seed_commitment = maybe(64)


class AmendRules(Schema):
    file = words(1_000_000, least=1)
    reason = words(2_000)


class OneEntry(Schema):
    entry = words(100)


class Approve(OneEntry):
    version = version()
    grade = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(-1_000, 1_000))


class Remark(Schema):
    item = words(100, least=1)
    words = words(2_000, least=1)


class Return(OneEntry):
    version = version()
    remarks = fields.List(fields.Nested(Remark), required=True, validate=validate.Length(max=100))
    until = instant()


class Reject(OneEntry):
    version = version()
    reason = words(2_000)


class Reasoned(OneEntry):
    reason = words(2_000)


class CorrectType(Reasoned):
    type = words(40)


class ConfirmShortlist(Schema):
    entries = fields.List(words(100), required=True, validate=validate.Length(max=MOST_ENTRIES))


class Wall(Schema):
    wall = maybe_whole(0, LAST_MS)


class ForgetSubject(Schema):
    subject = fields.String(
        required=True,
        validate=validate.Regexp(
            rf"(staff\.[A-Za-z0-9][A-Za-z0-9_.-]{{0,63}}|voter\.[0-9a-f]{{24}}|(complaint|objection)\.{PATTERN})\Z"
        ),
    )
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))


class ForgetPerson(Schema):
    person = fields.String(required=True, validate=validate.Regexp(r"voter\.[0-9a-f]{24}\Z"))


class FileComplaint(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    entry = maybe(100)
    words = words(2_000)
    contact = maybe(200)


class OneComplaint(Schema):
    complaint = fields.String(required=True, validate=validate.Regexp(rf"{PATTERN}\Z"))


class AnswerComplaint(OneComplaint):
    words = words(2_000)


class Complaints(Schema):
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf((OPEN, ANSWERED)))
    after = maybe(40)
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))


class Login(Schema):
    staff = words(100)
    password = words(200)


class Queue(Schema):
    type = maybe(40)
    theme = maybe(40)
    after = maybe(100)
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))
