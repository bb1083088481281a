"""Fields of request bodies: which texts are held to one visible line, and what that refuses."""

import inspect
from collections.abc import Iterator

import pytest
from marshmallow import Schema, ValidationError, fields

from gateway.http import request_schemas
from gateway.http.fields import Line, Text
from gateway.http.problem_texts import FIELDS
from shared.short_text import FLAWS

#: Texts that may have paragraphs, and texts that nobody is shown: what signs in, what is compared or parsed.
LETTERS = {
    "Complaint.words", "ComplaintAnswer.words", "ComplaintAnswers.words", "Objection.words", "ObjectionDecision.words",
    "ObjectionDecisions.words", "Remark.words",
    "Bulk.reason", "BulkPreview.reason", "Disqualification.words", "EntryFlag.words", "Opinion.words",
    "SecondOpinion.words", "ChangeSet.reason", "Correction.reason", "Dropping.words", "Outage.reason",
    "Rejection.reason", "Withdrawal.reason", "Reassignment.reason", "Recusal.reason", "Marks.words", "DraftMarks.words",
    "SignalsOpening.reason", "Practice.words", "LetterDraft.words", "FileName.subtitles",
    "PublicQuestion.text", "PublicQuestion.words", "Question.words", "QuestionAnswer.words", "StockAnswer.words",
    "HandIn.profile", "HandIn.text", "Draft.profile", "Draft.text",
    # The service names every problem of a title, a theme, a link and a consent together.
    "HandIn.title", "HandIn.themes", "HandIn.h5", "HandIn.consent",
    "Draft.title", "Draft.themes", "Draft.h5", "Draft.consent", "FileName.caption", "FileName.alt", "Pasted.html",
}  # fmt: skip
PARSED = {
    "SignIn.staff", "SignIn.password", "SignIn.unit", "SignIn.access_code", "SignIn.name", "Voters.openids",
    "LinkPreview.url",
    "JoinUnit.unit", "JoinUnit.invitation", "JoinUnit.password", "Invitations.units", "Roll.file",
    "Rules.file", "PageUrl.url", "Entries.q", "Roll.csv",
    "RulesVersion.file", "Seed.seed", "Recount.weights", "Recount.conversion",
    "Recount.method", "SaveScenario.weights", "SaveScenario.conversion", "SaveScenario.method", "Signature.proposal",
    "Release.proposal", "Publication.proposal", "PasswordByLink.link", "PasswordByLink.code", "PasswordByLink.password",
    "PasswordChange.password", "PasswordChange.new_password",
    "StepUp.password", "StepUp.code", "SignIn.code", "AddAuthenticator.code", "Cohorts.group",
}  # fmt: skip


def texts() -> Iterator[str]:
    for name, schema in inspect.getmembers(request_schemas, inspect.isclass):
        if issubclass(schema, Schema) and schema.__module__ == request_schemas.__name__:
            for field_name, field in schema().fields.items():
                inner = field.inner if isinstance(field, fields.List) else field
                if isinstance(inner, Text) and not isinstance(inner, Line):
                    yield f"{name}.{field_name}"


def test_every_short_text_of_a_body_is_one_line():
    assert sorted(set(texts()) - LETTERS - PARSED) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("两\n行", "line-break"),
        ("a\u202eb", "direction-characters"),
        ("a\x07b", "control-characters"),
        ("a\tb", "control-characters"),
        ("\ue000", "private-characters"),
        ("\u3164", "nothing-visible"),
        ("  ", "nothing-visible"),
    ],
)
def test_line_says_what_is_wrong_with_it(text: str, code: str):
    with pytest.raises(ValidationError) as refusal:
        Line(100, least=1).deserialize(text)

    assert refusal.value.messages == [code]
    assert code in FIELDS


def test_line_that_may_be_empty_may_be_blank_but_not_invisible():
    assert Line(100).deserialize(" ") == " "
    with pytest.raises(ValidationError):
        Line(100).deserialize("\u200b")


def test_every_flaw_has_its_words():
    assert set(FLAWS) - FIELDS.keys() == set()
