"""Schemas of moderation's RPC bodies. They check shapes only; the domain checks reasons and dates."""

from marshmallow import Schema, ValidationError, fields, validate

from services.moderation.campaign_file.templates import TEMPLATES
from services.moderation.decisions.bulk import MOST_ENTRIES as MOST_IN_BULK
from services.moderation.decisions.changes import KINDS as CORRECTIONS
from services.moderation.decisions.changes import MOST_CORRECTIONS
from services.moderation.decisions.complaints import ANSWERED, KINDS, OPEN
from services.moderation.decisions.desk_work import MOST_ENTRIES as MOST_HANDED_OVER
from services.moderation.decisions.forget_subject import REASONS
from services.moderation.queue_filters import CLAIMS, FLAGS, STATUSES, WORK
from services.moderation.queue_index import SORTS
from services.moderation.state import (
    APPROVED,
    CLEAN,
    CONTENT_SOURCES,
    HAND_FLAGS,
    HIT,
    REJECTED,
    RETURNED,
    UNCHECKED,
    WORKING_SOURCES,
)
from shared.passwords import MOST_CHARS
from shared.reference_numbers import PATTERN
from shared.rpc import check_line, check_visible

MOST_FILE_CHARS, MOST_NOTICE_CHARS = 1_000_000, 50_000
LAST_MS = 32_503_680_000_000  # the year 3000
MOST_ENTRIES = 10_000
MOST_LIKES = 5_000  # of one correction


def _storable(value: str) -> None:
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise ValidationError("Not text.")


def required_text(most: int, *, least: int = 0) -> fields.String:
    """Return a field that requires text of `least` to `most` characters that can be encoded as UTF-8."""
    return fields.String(required=True, validate=validate.And(validate.Length(least, most), _storable))


def optional_text(most: int, *, least: int = 0) -> fields.String:
    """Return a field that accepts what `required_text` accepts, null, or a missing key; the last two give None."""
    sound = validate.And(validate.Length(least, most), _storable)
    return fields.String(load_default=None, allow_none=True, validate=sound)


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


def optional_integer(least: int, most: int) -> fields.Integer:
    """Return a field that accepts a whole number from `least` to `most`, null, or a missing key; the last two give
    None.
    """
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(least, most))


def version() -> fields.Integer:
    """Return a field that requires the number of an entry's version, from 1."""
    return fields.Integer(required=True, strict=True, validate=validate.Range(1, 100_000))


def turn() -> fields.Integer:
    """Return a field for the turn of an entry that the caller saw, or a missing key, which does not ask."""
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 100_000))


def flag() -> fields.Boolean:
    """Return a field that accepts a boolean, or a missing key, which gives False."""
    return fields.Boolean(load_default=False, truthy={True}, falsy={False})


def words() -> fields.String:
    """Return a field that accepts up to 2,000 characters, or a missing key, which gives none."""
    return fields.String(load_default="", validate=validate.And(validate.Length(0, 2_000), _storable))


class Nothing(Schema):
    """Schema of a call whose body is empty."""


def staff_name() -> fields.String:
    """Return a field that requires the name by which a member of staff signs in."""
    return fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z"))


class FirstOrganiser(Schema):
    staff = staff_name()
    name = line(100, least=1)


class PageTheme(Schema):
    file = required_text(MOST_FILE_CHARS, least=1)
    files = fields.Dict(keys=required_text(110), values=required_text(400_000), load_default={})  # name to base64


class OpenCampaign(PageTheme):
    rehearsal = fields.Boolean(load_default=None, allow_none=True, truthy={True}, falsy={False})
    now = optional_integer(0, LAST_MS)
    organisers = fields.List(fields.Nested(FirstOrganiser), load_default=[], validate=validate.Length(max=5))


class SetupSecret(Schema):
    secret = required_text(100, least=1)


class Setup(Schema):
    setup = fields.String(load_default="", validate=validate.Length(max=100))


class Rehearsal(Setup):
    rule_hash = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class SaveDraft(Setup):
    revision = fields.Integer(required=True, validate=validate.Range(min=0))
    text = optional_text(MOST_FILE_CHARS)
    template = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(TEMPLATES)))
    values = fields.Dict(
        keys=fields.String(validate=validate.Length(max=100)),
        values=required_text(MOST_FILE_CHARS),
        load_default=dict,
        validate=validate.Length(max=2_000),
    )


class DraftPicture(Setup):
    revision = fields.Integer(required=True, validate=validate.Range(min=0))
    which = fields.String(required=True, validate=validate.OneOf(("logo", "banner")))
    content = required_text(400_000, least=1)  # base64


class Notice(Setup):
    text = required_text(MOST_NOTICE_CHARS, least=1)


class OpenFromSetup(OpenCampaign):
    setup = required_text(100, least=1)


class AppointStaff(FirstOrganiser):
    roles = fields.List(required_text(40), required=True, validate=validate.Length(max=20))
    new_link = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class ConfirmStaffChange(Schema):
    change = required_text(100, least=1)


class SetPassword(Schema):
    staff = staff_name()
    link = fields.String(required=True, validate=validate.Regexp(rf"{PATTERN}\Z"))
    code = optional_text(20)
    password = required_text(MOST_CHARS)


class ChangePassword(Schema):
    password = required_text(200)
    new_password = required_text(MOST_CHARS)
    session = fields.String(load_default="", validate=validate.Length(max=64))


class ProveAgain(Schema):
    session = fields.String(required=True, validate=validate.Length(1, 64))
    password = optional_text(200)
    code = optional_text(40)


class BeginAuthenticator(Schema):
    authenticator = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"[A-Za-z0-9_-]{16}\Z"))


class AddAuthenticator(Schema):
    authenticator = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9_-]{16}\Z"))
    code = required_text(40)
    made_from = fields.Integer(required=True, strict=True, validate=validate.Range(0))
    session = fields.String(load_default="", validate=validate.Length(max=64))


class RemoveAuthenticator(Schema):
    session = fields.String(load_default="", validate=validate.Length(max=64))
    made_from = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0))


class OneMember(Schema):
    staff = staff_name()


class MoveClock(Schema):
    now = instant()


class MoveWindow(Schema):
    window = required_text(40)
    start = instant()
    end = instant()
    reason = line(2_000)


class LockRules(Schema):
    rule_hash = required_text(64)
    seed_commitment = optional_text(64)


class ReplaceRules(Schema):
    file = required_text(MOST_FILE_CHARS, least=1)
    rule_hash = required_text(64)
    replaces = required_text(64)
    reason = line(2_000)


class AmendRules(Schema):
    file = required_text(MOST_FILE_CHARS, least=1)
    replaces = required_text(64)
    reason = line(2_000)


class OneEntry(Schema):
    entry = required_text(100)


class OneVersion(OneEntry):
    version = version()


class ReviewedVersion(OneVersion):
    turn = turn()


class Approve(OneEntry):
    version = version()
    turn = turn()
    second = flag()
    grade = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(-1_000, 1_000))


class Remark(Schema):
    item = line(100, least=1)
    words = required_text(2_000, least=1)


class Return(OneEntry):
    version = version()
    turn = turn()
    second = flag()
    remarks = fields.List(fields.Nested(Remark), required=True, validate=validate.Length(max=100))
    until = instant()


class Reject(OneEntry):
    version = version()
    turn = turn()
    second = flag()
    reason = required_text(2_000)
    remarks = fields.List(fields.Nested(Remark), load_default=[], validate=validate.Length(max=100))


class Reasoned(OneEntry):
    reason = line(2_000)


class Disqualify(Reasoned):
    words = words()
    evidence = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class Opinion(OneEntry):
    turn = turn()
    agrees = fields.Boolean(required=True, truthy={True}, falsy={False})
    words = words()


class SecondOpinion(Opinion):
    version = version()


class Unflag(OneEntry):
    flag = fields.String(required=True, validate=validate.OneOf(HAND_FLAGS))


class Flag(Unflag):
    words = words()


class AskTypeCorrection(Reasoned):
    type = required_text(40)


class BulkEntry(OneEntry):
    version = version()


class BulkPreview(Schema):
    kind = fields.String(required=True, validate=validate.OneOf((APPROVED, RETURNED, REJECTED)))
    entries = fields.List(fields.Nested(BulkEntry), required=True, validate=validate.Length(max=MOST_IN_BULK))
    grade = optional_integer(0, 100)
    remarks = fields.List(fields.Nested(Remark), load_default=[], validate=validate.Length(max=100))
    until = optional_integer(0, LAST_MS)
    reason = fields.String(load_default="", validate=validate.And(validate.Length(0, 2_000), _storable))


class Bulk(BulkPreview):
    digest = required_text(64, least=64)


class OneBulk(Schema):
    bulk = required_text(64)


class HandOver(Schema):
    to = optional_text(64)
    entries = fields.List(required_text(100), load_default=[], validate=validate.Length(max=MOST_HANDED_OVER))
    count = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, MOST_HANDED_OVER))


class Hit(Schema):
    label = line(100)
    start = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 1_000_000))
    end = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 1_000_000))
    score = fields.Integer(load_default=100, strict=True, validate=validate.Range(0, 100))


class ItemCheck(Schema):
    item = line(100, least=1)
    state = fields.String(required=True, validate=validate.OneOf((CLEAN, HIT, UNCHECKED)))
    why = optional_line(200)
    hits = fields.List(fields.Nested(Hit), load_default=[], validate=validate.Length(max=200))


class NoteCheck(OneVersion):
    source = fields.String(required=True, validate=validate.OneOf((*CONTENT_SOURCES, *WORKING_SOURCES)))
    items = fields.List(fields.Nested(ItemCheck), required=True, validate=validate.Length(max=200))


class Work(Schema):
    kind = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(WORK))
    after = optional_text(120)
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))


class CorrectType(Reasoned):
    type = required_text(40)


class CorrectUnitName(Reasoned):
    unit_name = line(120, least=1)
    city = line(40, least=1)


class ConfirmShortlist(Schema):
    entries = fields.List(required_text(100), required=True, validate=validate.Length(max=MOST_ENTRIES))


class Wall(Schema):
    wall = optional_integer(0, LAST_MS)


class ForgetSubject(Schema):
    subject = fields.String(
        required=True,
        validate=validate.Regexp(
            rf"(staff\.[A-Za-z0-9][A-Za-z0-9_.-]{{0,63}}|voter\.[0-9a-f]{{24}}|(complaint|objection|question)\.{PATTERN}"
            r"|contact\.[A-Za-z0-9][A-Za-z0-9_-]{0,63})\Z"
        ),
    )
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))


class ForgetPerson(Schema):
    person = fields.String(required=True, validate=validate.Regexp(r"voter\.[0-9a-f]{24}\Z"))


class FileComplaint(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    entry = optional_text(100)
    words = required_text(2_000)
    contact = optional_line(200)


class OneComplaint(Schema):
    complaint = fields.String(required=True, validate=validate.Regexp(rf"{PATTERN}\Z"))


class AnswerComplaint(OneComplaint):
    words = required_text(2_000)


class AnswerComplaints(Schema):
    complaints = fields.List(
        fields.String(validate=validate.Regexp(rf"{PATTERN}\Z")), required=True, validate=validate.Length(1, 200)
    )
    words = required_text(2_000)


class Complaints(Schema):
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf((OPEN, ANSWERED)))
    after = optional_text(40)
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))


class Login(Schema):
    staff = required_text(100)
    password = required_text(200)
    code = optional_text(40)
    known = fields.Boolean(load_default=False, truthy={True}, falsy={False})  # from a device that signed in before
    agent = fields.String(load_default="other", validate=validate.Length(max=40))
    life_ms = fields.Integer(load_default=8 * 3_600_000, strict=True)


class SignInCode(Schema):
    staff = required_text(100)


class LoginByCode(Schema):
    request = fields.String(required=True, validate=validate.Length(1, 64))
    code = required_text(20)
    agent = fields.String(load_default="other", validate=validate.Length(max=40))
    life_ms = fields.Integer(load_default=8 * 3_600_000, strict=True)


class OneSession(Schema):
    session = fields.String(required=True, validate=validate.Length(max=64))


class Queue(Schema):
    status = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(tuple(STATUSES)))
    type = optional_text(40)
    theme = optional_text(40)
    city = optional_text(40)
    flag = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(FLAGS))
    claimed = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(CLAIMS))
    share = optional_text(64)
    q = optional_text(100)
    sort = fields.String(load_default=SORTS[0], validate=validate.OneOf(SORTS))
    after = optional_text(100)
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))


class Correction(OneEntry):
    kind = fields.String(required=True, validate=validate.OneOf(CORRECTIONS))
    reason = required_text(2_000)
    type = optional_text(40)
    judge = optional_text(64)
    likes = fields.List(
        fields.String(validate=validate.Regexp(r"vote\.\d{1,2}/\d{1,12}/\d{1,3}\Z")),
        load_default=[],
        validate=validate.Length(max=MOST_LIKES),
    )
    evidence = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class ProposeChanges(Schema):
    corrections = fields.List(fields.Nested(Correction), required=True, validate=validate.Length(max=MOST_CORRECTIONS))
    reason = required_text(2_000)


class OneChangeSet(Schema):
    changes = fields.String(required=True, validate=validate.Regexp(r"C[1-9]\d{0,5}\Z"))


class CurrentPreview(Schema):
    digest = required_text(64, least=64)
    applied = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1_000_000))
    sound = fields.Boolean(required=True, truthy={True}, falsy={False})
    seal = required_text(40)


class ApplyChanges(OneChangeSet):
    digest = required_text(64, least=64)
    preview = fields.Nested(CurrentPreview, required=True)


class DropChanges(OneChangeSet):
    words = required_text(2_000)


class Outage(Schema):
    start = instant()
    end = instant()
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(1, 7 * 24 * 60))
    reason = required_text(2_000)
    evidence = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class RevokeOutage(Schema):
    outage = fields.String(required=True, validate=validate.Regexp(r"O[1-9]\d{0,3}\Z"))
    words = required_text(2_000)
