"""Which judge has a conflict of interest with a unit, however the names are written."""

import pytest

from services.moderation.campaign import CITY, EMPLOYER
from services.scoring.assignment.conflicts import Reader, Unit, conflict

UNIT = Unit("u1", "红星机械（集团）公司", "石家庄市")


@pytest.mark.parametrize(
    "employer",
    [
        "红星机械（集团）公司\u200b",
        "红星机械(集团)公司",
        "红星机械集团公司",
        "红星 机械［集团］公司\ufeff",
        "红星机械〔集团〕·公司",
    ],
)
def test_judge_of_the_same_employer_conflicts_however_the_name_is_written(employer: str):
    assert conflict(Reader(employer, ""), UNIT, same_city=False) == EMPLOYER


def test_city_is_compared_in_the_same_form():
    reader = Reader("", "石家庄市\u2060 ")

    assert conflict(reader, UNIT, same_city=True) == CITY
    assert conflict(reader, UNIT, same_city=False) is None


@pytest.mark.parametrize("nothing", ["", "\u200b", "（）"])
def test_name_of_nothing_conflicts_with_nobody(nothing: str):
    assert conflict(Reader(nothing, nothing), Unit("u1", nothing, nothing), same_city=True) is None
