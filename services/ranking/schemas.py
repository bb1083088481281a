"""The edge of ranking: RPC bodies in."""

from marshmallow import Schema, fields, validate

from .objections import NUMBER, STATES

_ID = validate.Length(min=1, max=80)
_NUMBER = validate.Regexp(rf"{NUMBER}\Z")
_MANY = validate.Length(min=1, max=256)
_SHA256 = validate.Regexp(r"[0-9a-f]{64}\Z")


class Nothing(Schema):
    """No body."""


class Sign(Schema):
    proposal = fields.String(required=True, validate=_ID)
    digest = fields.String(required=True, validate=_SHA256)


class Publish(Schema):
    proposal = fields.String(required=True, validate=_ID)


class Finalise(Schema):
    proposal = fields.String(required=True, validate=_ID)


class OneEntry(Schema):
    entry = fields.String(required=True, validate=_ID)


class FileObjection(Schema):
    entry = fields.String(load_default=None, allow_none=True, validate=_ID)
    words = fields.String(required=True, validate=validate.Length(max=2_000))
    contact = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


class OneObjection(Schema):
    objection = fields.String(required=True, validate=_NUMBER)


class DecideObjection(OneObjection):
    upheld = fields.Boolean(required=True, truthy={True}, falsy={False})
    words = fields.String(required=True, validate=validate.Length(max=2_000))


class Objections(Schema):
    after = fields.String(load_default=None, validate=_NUMBER)
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class Issue(Schema):
    """Without entries: for all winners."""

    entries = fields.List(fields.String(validate=_ID), load_default=None, allow_none=True, validate=_MANY)


class OneCertificate(Schema):
    certificate = fields.String(required=True, validate=_NUMBER)


class Revoke(OneCertificate):
    reason = fields.String(required=True, validate=validate.Length(max=500))


class TakeDownEntry(Schema):
    entry = fields.String(required=True, validate=_ID)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))
