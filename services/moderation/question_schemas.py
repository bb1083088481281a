"""Schemas of the calls of the question desk."""

from marshmallow import Schema, fields, validate

from services.moderation.decisions.questions import ANSWERED, CLOSED, OPEN
from services.moderation.schemas import line, optional_text, required_text
from shared.reference_numbers import PATTERN

MOST_QUESTION, MOST_ANSWER = 1_000, 2_000
_STOCK = r"S[1-9][0-9]{0,5}\Z"


def _number() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(rf"{PATTERN}\Z"))


class Nothing(Schema):
    """Schema of a call whose body is empty."""


class AskQuestion(Schema):
    entry = optional_text(100)
    words = required_text(MOST_QUESTION)


class OneQuestion(Schema):
    question = _number()


class Answer(OneQuestion):
    words = required_text(MOST_ANSWER)
    stock = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(_STOCK))
    answer_count = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 10_000))


class Questions(Schema):
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf((OPEN, ANSWERED, CLOSED)))
    after = optional_text(40)
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))


class SetStock(Schema):
    stock = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(_STOCK))
    title = line(80)
    words = required_text(MOST_ANSWER)


class OneStock(Schema):
    stock = fields.String(required=True, validate=validate.Regexp(_STOCK))


class Publish(Schema):
    question = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(rf"{PATTERN}\Z"))
    text = required_text(MOST_QUESTION)
    words = required_text(MOST_ANSWER)


class Broadcast(OneQuestion):
    title = line(120, least=1)
    by = fields.String(required=True, validate=validate.OneOf(("type", "status")))
    code = required_text(40)
