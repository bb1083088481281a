"""The edge of voting: RPC bodies in."""

from marshmallow import Schema, fields, validate


class Nothing(Schema):
    """No body."""


class Receipt(Schema):
    receipt = fields.String(required=True, validate=validate.Length(max=80))
