"""Every service holds its short texts to one visible line by itself, since commands also come past the gateway."""

import pytest
from marshmallow import Schema

from services.moderation import schemas as moderation
from services.ranking import schemas as ranking
from services.scoring import schemas as scoring
from services.submission import schemas as submission

SHORT: list[tuple[type[Schema], str]] = [
    (moderation.FirstOrganiser, "name"),
    (moderation.AppointStaff, "name"),
    (moderation.MoveWindow, "reason"),
    (moderation.AmendRules, "reason"),
    (moderation.Reasoned, "reason"),
    (moderation.CorrectType, "reason"),
    (moderation.Remark, "item"),
    (moderation.FileComplaint, "contact"),
    (submission.FileNamed, "name"),
    (submission.InspectUpload, "name"),
    (submission.GrantLatePass, "reason"),
    (scoring.AppointJudge, "name"),
    (scoring.AppointJudge, "employer"),
    (scoring.AppointJudge, "city"),
    (scoring.ExcludeScore, "reason"),
    (ranking.FileObjection, "contact"),
    (ranking.Revoke, "reason"),
    (ranking.TakeDownEntry, "reason"),
    (ranking.SaveScenario, "reason"),
    (ranking.SaveScenario, "name"),
]


@pytest.mark.parametrize("text", ["两\n行", "a\u202eb", "a\x1bb", "a\ue000b", "\u200b"], ids=ascii)
@pytest.mark.parametrize(("schema", "field"), SHORT, ids=lambda each: getattr(each, "__name__", each))
def test_short_text_that_is_not_one_visible_line_is_refused(schema: type[Schema], field: str, text: str):
    assert schema().validate({field: text}, partial=True).keys() == {field}


@pytest.mark.parametrize(("schema", "field"), SHORT, ids=lambda each: getattr(each, "__name__", each))
def test_short_text_of_one_line_is_accepted(schema: type[Schema], field: str):
    assert schema().validate({field: "买买提·艾力 <b>"}, partial=True) == {}
