"""Services in real processes: nameko, eventlet, pymongo and the kernel together, called by RPC and killed."""

import json
import signal
from dataclasses import replace

import pytest
from nameko.exceptions import RemoteError

from services.moderation import events as desk
from services.submission.events import LatePassGranted
from services.voting.receipts import receipt
from shared.testing.tcp_proxy import TcpProxy
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import Caller, envelope, process, rpc_caller, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.unit.voting.stories import START, liked, opened

pytestmark = pytest.mark.slow

HOUR = 3_600_000
ROLL = "code,name,level,type,city,employer,access\n" + "".join(
    f"U{k},Union {k},grassroots,state,石家庄,Works {k},access-code-{k}\n" for k in range(3)
)


def open_campaign(place: Place) -> None:
    place.append("moderation", opened())


def import_roll(caller: Caller) -> dict[str, object]:
    """Compare the roll with the roll in force, and import it as the answer says."""
    seen = caller.call("submission", "compare_roll", {"csv": ROLL})
    return caller.call("submission", "import_roll", {"csv": ROLL, "confirm": seen["ok"]["confirm"]})


def move_clock(caller: Caller, now: int, **how: object) -> dict[str, object]:
    return caller.call("moderation", "move_clock", {"now": now}, **how)  # type: ignore[arg-type]


def test_command_is_stored_and_answered_with_its_position(place: Place):
    with running_services(place, "moderation") as (caller, _):
        body = {"file": CAMPAIGN_FILE.read_text(), "rehearsal": True, "now": START}
        opened_at = caller.call("moderation", "open_campaign", body)
        moved = move_clock(caller, START + HOUR, correlation="c-1", causation="w-1")

    assert (opened_at["log"], opened_at["n"]) == ("moderation", 1)
    assert moved == {"ok": {"now": START + HOUR, "repeated": False}, "log": "moderation", "n": 2}
    assert place.events("moderation")[-1] == desk.ClockMoved(START + HOUR, "tester")
    (command,) = place.commits("moderation")[-1].commands
    assert (command.actor, command.correlation, command.causation) == ("tester", "c-1", "w-1")


def test_repeat_of_a_command_gets_the_first_answer_also_after_a_restart(place: Place):
    open_campaign(place)
    with running_services(place, "moderation") as (caller, services):
        first = move_clock(caller, START + HOUR, id="key-1.body-1")
        move_clock(caller, START + 2 * HOUR)
        second = move_clock(caller, START + HOUR, id="key-1.body-1")
        services["moderation"].kill()
        services["moderation"].start().wait_ready()
        third = move_clock(caller, START + HOUR, id="key-1.body-1")

    assert first == {"ok": {"now": START + HOUR, "repeated": False}, "log": "moderation", "n": 2}
    assert second == third == {"ok": {"now": START + HOUR, "repeated": True}, "log": "moderation", "n": 2}
    assert place.ledger.head("moderation") == 3


def test_id_of_another_command_is_refused(place: Place):
    open_campaign(place)
    with running_services(place, "moderation") as (caller, _):
        move_clock(caller, START + HOUR, id="key-1.body-1")
        other = move_clock(caller, START + 2 * HOUR, id="key-1.body-2")

    assert other["refused"]["code"] == "idempotency-key-reused"
    assert place.ledger.head("moderation") == 2


def test_call_that_comes_after_its_deadline_is_not_begun(place: Place):
    open_campaign(place)
    with running_services(place, "moderation") as (caller, _):
        late = move_clock(caller, START + HOUR, left_ms=-1)
        later = move_clock(caller, START + HOUR)

    assert late["refused"]["code"] == "overdue"
    assert later["n"] == 2


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        pytest.param({}, {"/now"}, id="a field too few"),
        pytest.param({"now": START, "then": 1}, {"/then"}, id="a field too many"),
        pytest.param({"now": "noon"}, {"/now"}, id="a string for an instant"),
        pytest.param({"now": True}, {"/now"}, id="a truth for an instant"),
        pytest.param({"now": 1.5}, {"/now"}, id="half a millisecond"),
        pytest.param({"now": -1}, {"/now"}, id="an instant before all"),
        pytest.param({"now": 10**30}, {"/now"}, id="an instant after all"),
        pytest.param([], {"/now"}, id="an empty list for a body"),
        pytest.param("now", {""}, id="a string for a body"),
    ],
)
def test_malformed_body_is_invalid(service: Caller, body: object, wrong: set[str]):
    answer = service.call("moderation", "move_clock", body)

    assert set(answer) == {"invalid"}
    assert set(answer["invalid"]) == wrong


def test_call_without_an_envelope_is_an_error_and_the_service_goes_on(service: Caller):
    with pytest.raises(RemoteError):
        service.method("moderation", "move_clock")([])

    assert "ok" in service.call("moderation", "rules", {})


def test_call_without_the_gateways_signature_is_refused_whatever_role_it_names(service: Caller):
    whole = envelope("x", {"now": START + HOUR}, roles=("operator", "organiser"), left_ms=5_000)
    signed = service.signed(whole, "moderation", "move_clock")
    forged = [whole, {"roles": ["organiser"], "body": {}}, {**signed, "actor": "olga"}, {**signed, "caller": "clock"}]
    other = service.signed(whole, "moderation", "rules")

    answers = [service.method("moderation", "move_clock")(each) for each in (*forged, other)]

    assert [each["refused"]["code"] for each in answers] == ["caller-unknown"] * 5


def test_role_that_may_not_is_refused(service: Caller):
    answer = service.call("moderation", "move_clock", {"now": START + HOUR}, roles=("judge", "auditor"))

    assert answer["refused"]["code"] == "role-missing"


def test_query_waits_until_what_its_caller_has_seen_is_read(place: Place):
    open_campaign(place)
    with running_services(place, "submission", "moderation") as (caller, _):
        for k in range(1, 6):
            moved = move_clock(caller, START + k * HOUR)
            rules = caller.call("submission", "compare_roll", {"csv": ROLL}, at_least={"moderation": moved["n"]})
            assert "ok" in rules


def test_wait_for_what_is_not_there_is_overdue_and_holds_up_nobody(place: Place):
    open_campaign(place)
    with running_services(place, "moderation") as (caller, _), rpc_caller(place) as other:
        waiting = [
            other.send("moderation", "rules", {}, at_least={"moderation": 10**9}, left_ms=3_000) for _ in range(4)
        ]
        moved = [move_clock(caller, START + k * HOUR, left_ms=2_000) for k in range(1, 6)]
        answers = [each.result() for each in waiting]

    assert [each.get("n") for each in moved] == [2, 3, 4, 5, 6]
    assert [each["refused"]["code"] for each in answers] == ["overdue"] * 4


def test_service_killed_between_commit_and_answer_gives_the_first_answer_when_asked_again(place: Place):
    open_campaign(place)
    with TcpProxy.before(place.settings.mongo_uri) as proxy:
        through = replace(place, settings=replace(place.settings, mongo_uri=proxy.uri))
        with running_services(through, "moderation") as (caller, services), rpc_caller(place) as other:
            move_clock(caller, START + HOUR)
            proxy.hold_answers()
            asked = caller.send("moderation", "move_clock", {"now": START + 2 * HOUR}, id="key-1.body-1")
            wait(lambda: place.ledger.head("moderation") == 3, what="the command is stored")
            services["moderation"].kill()
            proxy.cut()
            proxy.release()
            services["moderation"].start().wait_ready()
            redelivered = asked.result()
            again = move_clock(other, START + 2 * HOUR, id="key-1.body-1")
            next_one = move_clock(other, START + 3 * HOUR)

    assert redelivered == again == {"ok": {"now": START + 2 * HOUR, "repeated": True}, "log": "moderation", "n": 3}
    assert next_one["n"] == 4
    assert [each.now for each in place.events("moderation")[2:]] == [START + k * HOUR for k in (1, 2, 3)]


def test_two_copies_of_a_service_answer_as_one(place: Place):
    open_campaign(place)
    with (
        running_services(place, "moderation") as (caller, _),
        process(place, "service", "moderation", name="moderation-2") as second,
    ):
        second.wait_ready()
        sent = [
            caller.send("moderation", "move_clock", {"now": START + (k // 2) * HOUR}, id=f"key-{k // 2}.body")
            for k in range(2, 80)
        ]
        answers = [each.result() for each in sent]

    stored = [each.now for each in place.events("moderation")[2:]]
    accepted = [each["ok"] for each in answers if "ok" in each]
    assert stored == sorted(set(stored))
    assert sorted(each["now"] for each in accepted if not each["repeated"]) == stored
    assert {each["now"] for each in accepted} == set(stored)
    assert {each["refused"]["code"] for each in answers if "refused" in each} <= {"clock-goes-back"}


def test_fifty_callers_at_once_meet_no_fault(place: Place):
    open_campaign(place)
    place.append("vote.0", *[[liked("a", START + k, voter=f"v{k}")] for k in range(50)])
    with running_services(place, "submission", "voting") as (caller, services):
        assert "ok" in import_roll(caller)
        receipts = [receipt(place.keys.receipt, f"vote.0/{n}/0") for n in range(1, 51)]
        answers = []
        for round in range(10):
            grants = [
                caller.send(
                    "submission",
                    "grant_late_pass",
                    {"unit": f"U{k % 3}", "until": START - k - 1, "reason": "flood"},
                    id=f"grant-{round}-{k}",
                    at=START - 10 * HOUR,
                )
                for k in range(25)
            ]
            reads = [caller.send("voting", "receipt", {"receipt": receipts[k]}) for k in range(25)]
            answers += [each.result() for each in grants + reads]
        errors = {name: each.logged_events("error") for name, each in services.items()}
        tracebacks = {name: each.text().count("Traceback") for name, each in services.items()}

    granted = [each for each in place.events("submission") if isinstance(each, LatePassGranted)]
    assert [set(each) - {"log", "n"} for each in answers] == [{"ok"}] * 500
    assert len({each.late_pass for each in granted}) == 250
    assert errors == {"submission": [], "voting": []}
    assert tracebacks == {"submission": 0, "voting": 0}


def test_service_that_cannot_apply_what_it_follows_stands_still_and_names_it(place: Place):
    open_campaign(place)
    with running_services(place, "submission") as (caller, services):
        assert "ok" in import_roll(caller)
        again = caller.call("submission", "compare_roll", {"csv": ROLL})["ok"]["confirm"]
        place.append("moderation", [desk.ClockMoved(START + HOUR, "o")])
        place.database["commits"].update_one(
            {"_id": "moderation/000000000002"}, {"$set": {"runs.0.type": "of-tomorrow"}}
        )
        place.append("moderation", [desk.ClockMoved(START + 2 * HOUR, "o")])
        wait(
            lambda: services["submission"].ready() == {"ready": False, "missing": ["caught-up"]},
            what="the service reports that it cannot follow",
        )
        answer = caller.call("submission", "import_roll", {"csv": ROLL, "roll": "second", "confirm": again})
        said = [json.loads(line) for line in services["submission"].text().splitlines() if "follower stopped" in line]

    assert answer["refused"] == {"code": "stopped", "field": None, "detail": {"event": "moderation/2/0"}}
    assert [each["event_address"] for each in said] == ["moderation/2/0"]


def test_service_ends_on_a_signal_after_the_work_in_hand(place: Place):
    open_campaign(place)
    with running_services(place, "moderation") as (caller, services):
        asked = [caller.send("moderation", "move_clock", {"now": START + k * HOUR}, id=f"k{k}") for k in range(1, 11)]
        status = services["moderation"].kill(signal.SIGTERM)
        services["moderation"].start().wait_ready()
        answers = [each.result() for each in asked]

    assert status == 0
    assert len([each for each in answers if "ok" in each]) == len(place.events("moderation")) - 2


@pytest.fixture(scope="module")
def service(module_place: Place):
    """One moderation service for the tests that write nothing."""
    open_campaign(module_place)
    with running_services(module_place, "moderation") as (caller, _):
        yield caller
