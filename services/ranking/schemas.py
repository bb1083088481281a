"""The edge of ranking: RPC bodies in."""

from marshmallow import Schema, fields, validate

_ID = validate.Length(min=1, max=80)
_SHA256 = validate.Regexp(r"[0-9a-f]{64}\Z")


class Nothing(Schema):
    """No body."""


class Sign(Schema):
    proposal = fields.String(required=True, validate=_ID)
    digest = fields.String(required=True, validate=_SHA256)


class Publish(Schema):
    proposal = fields.String(required=True, validate=_ID)


class TakeDownEntry(Schema):
    entry = fields.String(required=True, validate=_ID)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))
