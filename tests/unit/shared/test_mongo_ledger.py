"""MongoLedger: how it interprets each answer of a server. The contract suite tests what the server itself does."""

from typing import Any

import pytest
from bson.codec_options import DEFAULT_CODEC_OPTIONS
from pymongo import ReadPreference
from pymongo.errors import AutoReconnect, NetworkTimeout, OperationFailure, ServerSelectionTimeoutError, WriteError
from pymongo.read_concern import ReadConcern

from shared.errors import NumberTaken, OutcomeUnknown, Unreachable
from shared.mongo_ledger import MongoLedger, connect

DOCUMENT = {"_id": "till/000000000001"}
DUPLICATE, BAD_VALUE, UNAUTHORIZED, NOT_PRIMARY, STEPPED_DOWN = 11000, 2, 13, 10107, 189


class Server:
    """Stands in for pymongo's database: gives one answer to every command, and records the commands."""

    codec_options = DEFAULT_CODEC_OPTIONS

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer, self.commands, self.options = answer, list[Any](), dict[str, Any]()

    def get_collection(self, _: str, **options: Any) -> "Server":
        self.options = options
        return self

    def command(self, command: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        self.commands.append(command)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    find_one = find = command


def ledger(answer: dict[str, Any] | Exception) -> tuple[MongoLedger, Server]:
    server = Server(answer)
    return MongoLedger(server), server  # type: ignore[arg-type]


def failed(code: int) -> dict[str, Any]:
    return {"ok": 1, "n": 0, "writeErrors": [{"index": 0, "code": code, "errmsg": "no"}]}


UNCONFIRMED = {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}}


def test_insert_waits_for_the_disks_of_a_majority() -> None:
    one, server = ledger({"ok": 1, "n": 1})

    one.insert(DOCUMENT)

    assert [each["writeConcern"] for each in server.commands] == [{"w": "majority", "j": True}]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(failed(DUPLICATE), NumberTaken, id="a duplicate"),
        pytest.param(failed(DUPLICATE) | UNCONFIRMED, NumberTaken, id="a duplicate that a majority has not confirmed"),
        pytest.param({"ok": 1, "n": 1} | UNCONFIRMED, OutcomeUnknown, id="stored, and no majority confirmed it"),
        pytest.param(failed(STEPPED_DOWN), OutcomeUnknown, id="a primary that steps down"),
        pytest.param(failed(BAD_VALUE), WriteError, id="a document that will never do"),
        pytest.param(OperationFailure("no", NOT_PRIMARY), OutcomeUnknown, id="no primary"),
        pytest.param(OperationFailure("no", UNAUTHORIZED), OperationFailure, id="not allowed"),
        pytest.param(AutoReconnect("cut"), OutcomeUnknown, id="a connection that was cut"),
        pytest.param(NetworkTimeout("late"), OutcomeUnknown, id="no answer in time"),
    ],
)
def test_answer_to_an_insert_says_what_may_be_done_next(
    answer: dict[str, Any] | Exception, expected: type[Exception]
) -> None:
    one, _ = ledger(answer)

    with pytest.raises(expected) as raised:
        one.insert(DOCUMENT)

    assert type(raised.value) is expected


def test_reads_ask_the_primary_for_what_a_majority_holds() -> None:
    _, server = ledger({})

    assert server.options["read_concern"] == ReadConcern("majority")
    assert server.options["read_preference"] == ReadPreference.PRIMARY


def test_read_that_fails_is_unreachable_and_says_why() -> None:
    one, _ = ledger(ServerSelectionTimeoutError("refused (configured timeouts: 5 s), Timeout: 5 s, Topology: <…>"))

    for ask in (
        lambda: one.get("till", 1),
        lambda: one.read("till", 0),
        lambda: one.logs_with_new_commits({"till": 0}),
    ):
        with pytest.raises(Unreachable, match=r"^refused$"):
            ask()


def test_driver_repeats_no_write_by_itself() -> None:
    """Otherwise pymongo would see the duplicate of its own insert, and report it as another writer's."""
    with connect("mongodb://127.0.0.1:1/?connect=false") as client:
        assert client.options.retry_writes is False
