"""A complaint on the real engines: filed, listed and answered by RPC, and nowhere in clear text in the database."""

from collections.abc import Iterator
from typing import Any

import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from tests.files import CAMPAIGN_FILE
from tests.integration.processes import running_services
from tests.integration.temporary_campaign import Place

pytestmark = pytest.mark.slow

SAID = {"kind": "complaint", "entry": None, "words": "张三丰没有做过这件事。", "contact": "13877770000"}


def collections(place: Place) -> Iterator[tuple[str, bytes]]:
    """Yield the raw bytes of each collection."""
    options: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
    for name in place.database.list_collection_names():
        documents = place.database.get_collection(name).with_options(codec_options=options).find()
        yield name, b"".join(each.raw for each in documents)


def result_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a call that must succeed."""
    assert "ok" in answer, answer
    told: dict[str, Any] = answer["ok"]
    return told


def test_complaint_is_filed_and_answered_and_lies_sealed(place: Place) -> None:
    with running_services(place, "moderation") as (caller, _):
        result_of(caller.call("moderation", "open_campaign", {"file": CAMPAIGN_FILE.read_text(), "rehearsal": True}))
        first = result_of(caller.call("moderation", "file_complaint", SAID, id="f1.x"))
        again = result_of(caller.call("moderation", "file_complaint", SAID, id="f1.x"))
        number = first["complaint"]
        (read,) = result_of(caller.call("moderation", "complaints"))["complaints"]
        result_of(caller.call("moderation", "answer_complaint", {"complaint": number, "words": "已核实。"}))
        state = result_of(caller.call("moderation", "complaint", {"complaint": number}, roles=()))

    stored = b"".join(each for _, each in collections(place))
    assert (again["complaint"], again["repeated"], read["words"], read["contact"]) == (
        number,
        True,
        SAID["words"],
        SAID["contact"],
    )
    assert (state["state"], state["answer"]["words"]) == ("answered", "已核实。")
    assert [said for said in (SAID["words"], SAID["contact"]) if str(said).encode() in stored] == []
    assert number.encode() in stored
