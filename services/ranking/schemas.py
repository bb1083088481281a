"""Schemas of the bodies that ranking's RPC methods accept."""

from marshmallow import Schema, fields, validate

from services.ranking.decisions.objections import STATES
from shared.reference_numbers import PATTERN
from shared.rpc import Table, check_line, check_visible

_ID = validate.Length(min=1, max=80)
_NUMBER = validate.Regexp(rf"{PATTERN}\Z")
_MANY = validate.Length(min=1, max=256)
_SHA256 = validate.Regexp(r"[0-9a-f]{64}\Z")


class Nothing(Schema):
    """Schema of a call whose body is empty."""


class DraftRules(Schema):
    """Schema of a rule set that is not in force, as plain data."""

    rules = fields.Dict(required=True)


class RehearsedRules(DraftRules):
    """Schema of a rule set that is rehearsed on invented entries."""

    entries = fields.Integer(load_default=60, validate=validate.Range(min=1, max=300))
    voters = fields.Integer(load_default=300, validate=validate.Range(min=0, max=1_000))
    seed = fields.Integer(load_default=1, validate=validate.Range(min=0, max=2**31))


class Sign(Schema):
    proposal = fields.String(required=True, validate=_ID)
    digest = fields.String(required=True, validate=_SHA256)


class Publish(Schema):
    proposal = fields.String(required=True, validate=_ID)


class Release(Schema):
    proposal = fields.String(required=True, validate=_ID)
    at = fields.Integer(required=True, allow_none=True, strict=True, validate=validate.Range(0, 32_503_680_000_000))


class Finalise(Schema):
    proposal = fields.String(required=True, validate=_ID)


class OneEntry(Schema):
    entry = fields.String(required=True, validate=_ID)


class FileObjection(Schema):
    entry = fields.String(load_default=None, allow_none=True, validate=_ID)
    words = fields.String(required=True, validate=validate.Length(max=2_000))
    contact = fields.String(load_default=None, allow_none=True, validate=[validate.Length(max=200), check_line])


class OneObjection(Schema):
    objection = fields.String(required=True, validate=_NUMBER)


class DecideObjection(OneObjection):
    upheld = fields.Boolean(required=True, truthy={True}, falsy={False})
    words = fields.String(required=True, validate=validate.Length(max=2_000))


class DecideObjections(Schema):
    objections = fields.List(fields.String(validate=_NUMBER), required=True, validate=validate.Length(1, 200))
    upheld = fields.Boolean(required=True, truthy={True}, falsy={False})
    words = fields.String(required=True, validate=validate.Length(max=2_000))


class Objections(Schema):
    after = fields.String(load_default=None, validate=_NUMBER)
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class Issue(Schema):
    """Schema of `issue_certificates`: the entries to issue certificates for; without `entries`, all winners."""

    entries = fields.List(fields.String(validate=_ID), load_default=None, allow_none=True, validate=_MANY)


class OneCertificate(Schema):
    certificate = fields.String(required=True, validate=_NUMBER)


class Revoke(OneCertificate):
    reason = fields.String(required=True, validate=[validate.Length(max=500), check_line])


class TakeDownEntry(Schema):
    entry = fields.String(required=True, validate=_ID)
    reason = fields.String(required=True, validate=[validate.Length(min=1, max=500), check_line, check_visible])


_INSTANT = validate.Range(0, 32_503_680_000_000)  # up to the year 3000, as in the schemas of other services
_ADDRESS = validate.Regexp(r"vote\.\d{1,2}/\d{1,12}/\d{1,3}\Z")
_DAY = validate.Regexp(r"\d{4}-\d{2}-\d{2}\Z")
_RULE = validate.Length(min=1, max=500)
MOST_LIKES = 20_000  # that a scenario may name one by one, since a saved scenario stores them all


class Moment(Schema):
    """Schema of a moment to answer for: an instant of campaign time in ms, or a cut; without both, now."""

    as_of = fields.Integer(strict=True, validate=_INSTANT)
    cut = Table(keys=fields.String(validate=_ID), values=fields.Integer(strict=True, validate=_INSTANT))


class Explanation(Moment):
    """Schema of `explanation`: an entry and a moment; `other` is a later moment to compare with."""

    entry = fields.String(required=True, validate=_ID)
    other = fields.Nested(Moment)


class Recount(Moment):
    """Schema of `recount`: a moment, and what the scenario changes (`analysis/scenarios.Change`)."""

    without_judges = fields.List(fields.String(validate=_ID), validate=validate.Length(max=200))
    without_entries = fields.List(fields.String(validate=_ID), validate=validate.Length(max=5_000))
    without_days = fields.List(fields.String(validate=_DAY), validate=validate.Length(max=60))
    without_likes = fields.List(fields.String(validate=_ADDRESS), validate=validate.Length(max=MOST_LIKES))
    weights = fields.String(validate=_RULE)
    conversion = fields.String(validate=_RULE)
    method = fields.String(validate=_RULE)


class SaveScenario(Recount):
    name = fields.String(required=True, validate=[_ID, check_line, check_visible])
    reason = fields.String(required=True, validate=[validate.Length(min=1, max=500), check_line, check_visible])


class Scenario(Schema):
    scenario = fields.String(required=True, validate=_ID)


class OneChangeSet(Schema):
    changes = fields.String(required=True, validate=validate.Regexp(r"C[1-9]\d{0,5}\Z"))
