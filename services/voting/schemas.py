"""Schemas of voting's RPC bodies."""

from marshmallow import Schema, fields, validate

from services.voting.cohorts import KINDS
from services.voting.links import ACCOUNTS
from services.voting.signal_openings import MOST_HOURS
from services.voting.wechat_tokens import NAMES
from shared.rpc import check_visible

_NAME = validate.Regexp(r"[0-9a-f]{24}\Z")


class Nothing(Schema):
    """Schema of a call whose body is empty."""


class Receipt(Schema):
    receipt = fields.String(required=True, validate=validate.Length(max=80))


class Link(Schema):
    voter = fields.String(required=True, validate=_NAME)
    account = fields.String(required=True, validate=validate.OneOf(ACCOUNTS))
    other = fields.String(required=True, validate=_NAME)
    openid = fields.String(load_default="", validate=validate.Length(max=128))


class Name(Schema):
    name = fields.String(required=True, validate=_NAME)


class Voter(Schema):
    voter = fields.String(required=True, validate=validate.Length(1, 64))


class SignalsOpening(Schema):
    reason = fields.String(required=True, validate=[validate.Length(1, 2_000), check_visible])
    hours = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_HOURS))


class OpeningDecision(Schema):
    opening = fields.String(required=True, validate=validate.Length(1, 64))
    agrees = fields.Boolean(required=True, truthy={True}, falsy={False})


class Cohorts(Schema):
    """Schema of `cohorts`: by what likes are grouped, which likes, and the group whose likes are listed, if any."""

    grouping = fields.String(required=True, validate=validate.OneOf(KINDS))
    entry = fields.String(validate=validate.Length(1, 64))
    since = fields.Integer(strict=True)
    until = fields.Integer(strict=True)
    group = fields.String(validate=validate.Length(max=200))


class Handoff(Schema):
    handoff = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9_-]{36}\Z"))


class Confirmation(Handoff):
    voter = fields.String(required=True, validate=_NAME)


class EndedSession(Schema):
    session = fields.String(required=True, validate=validate.Length(1, 64))
    expires = fields.Integer(required=True, strict=True)


class Token(Schema):
    name = fields.String(required=True, validate=validate.OneOf(NAMES))
    stale = fields.String(load_default="", validate=validate.Length(max=1024))
