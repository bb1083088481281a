"""Rolls are read in the encoding that they name, and their flaws are told in words."""

import base64

import pytest

from gateway.http import limits
from tests.unit.gateway.town import Visitor, code

SHA = "9" * 64


def test_roll_is_read_in_the_encoding_that_it_names(visitor: Visitor):
    text = "代码,名称\nu1,炼钢"
    for codec, charset in (("utf-8-sig", ""), ("gb18030", "; charset=GB18030"), ("gbk", ";charset=gbk")):
        headers = {"Content-Type": f"text/csv{charset}"}
        visitor.request(
            "POST", "/roll?roll=r1", role="organiser", key=codec, content=text.encode(codec), headers=headers
        )

    asked = visitor.town.calls_to("submission", "import_roll")
    assert [{"roll": "r1", "csv": text}] * 3 == [call["body"] for call in asked]


def test_roll_without_a_charset_goes_to_submission_as_it_is_if_it_is_no_utf_8(visitor: Visitor):
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    files = [("text/csv", "炼钢".encode("gb18030")), (xlsx, b"PK\x03\x04\xff")]
    for key, (kind, content) in enumerate(files):
        visitor.request(
            "POST", "/roll", role="organiser", key=str(key), content=content, headers={"Content-Type": kind}
        )

    sent = [call["body"] for call in visitor.town.calls_to("submission", "import_roll")]
    assert sent == [{"file": base64.b64encode(content).decode()} for _, content in files]


def test_roll_is_compared_without_an_idempotency_key_and_imported_with_its_confirmation(visitor: Visitor):
    headers = {"Content-Type": "text/csv"}
    for path in ("/roll/check?gone=keep", f"/roll?gone=keep&confirm={SHA}"):
        visitor.request("POST", path, role="organiser", key="k", content=b"code\nu1", headers=headers)

    compared, imported = (
        visitor.town.calls_to("submission", method)[0]["body"] for method in ("compare_roll", "import_roll")
    )
    assert compared == {"gone": "keep", "csv": "code\nu1"}
    assert imported == {"gone": "keep", "confirm": SHA, "csv": "code\nu1"}


@pytest.mark.parametrize("query", ["gone=maybe", "confirm=yes"])
def test_roll_whose_query_is_wrong_is_not_imported(visitor: Visitor, query: str):
    answer = visitor.request(
        "POST", f"/roll?{query}", role="organiser", key="k", content=b"x", headers={"Content-Type": "text/csv"}
    )

    assert code(answer) == "invalid"
    assert visitor.town.calls_to("submission", "import_roll") == []


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        ("炼钢".encode("gbk"), "text/csv; charset=utf-8", "text-broken"),
        (b"x", "text/csv; charset=klingon", "text-broken"),
        (b"{}", "application/json", "media-type-unknown"),
        (b"a\0b", "text/csv", "invalid"),
        (b"x" * (limits.ROLL_BYTES + 1), "text/csv", "body-too-large"),
    ],
)
def test_roll_that_is_no_text_is_refused(visitor: Visitor, content: bytes, kind: str, expected: str):
    answer = visitor.request(
        "POST", "/roll", role="organiser", key="k1", content=content, headers={"Content-Type": kind}
    )

    assert expected == code(answer)
    assert visitor.town.calls_to("submission", "import_roll") == []


def test_flaws_of_a_roll_are_told_in_words(visitor: Visitor):
    flaws = [{"row": 3, "column": "code", "code": "repeated", "value": "u1"}]
    visitor.town.answers["submission", "import_roll"] = {
        "refused": {"code": "roll-broken", "field": "csv", "detail": {"problems": flaws, "count": 1}}
    }

    answer = visitor.request(
        "POST", "/roll", role="organiser", key="k", content=b"x", headers={"Content-Type": "text/csv"}
    )

    assert {"row": 3, "zh": "重复", "en": "is repeated"}.items() <= answer.json()["facts"]["problems"][0].items()
