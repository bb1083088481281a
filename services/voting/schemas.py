"""Schemas of voting's RPC bodies."""

from marshmallow import Schema, fields, validate

from services.voting.links import ACCOUNTS
from services.voting.wechat_tokens import NAMES

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
