"""A service that starts answers nothing from a state that has not caught up with the ledger yet."""

import signal

import pytest

from tests.integration.processes import process, rpc_caller, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.test_engines_away import proxied_place, running_processes
from tests.integration.test_ranking import write_judged_campaign
from tests.integration.threads import wait
from tests.unit.voting.stories import opened

pytestmark = pytest.mark.slow


def test_call_to_a_service_that_still_reads_its_log_waits_for_the_true_answer(place: Place):
    place.append("moderation", opened())
    with running_services(place, "moderation") as (_, services):  # declares the queue
        services["moderation"].kill()
    with proxied_place(place) as path, rpc_caller(place) as caller:
        path.mongo.refuse()
        with running_processes(path.place, "moderation") as processes:
            starting = processes["moderation"]
            call = caller.send("moderation", "rules")
            starting.wait_logs("the ledger is unreachable")
            path.mongo.accept()
            answer = call.result()
            starting.wait_ready()

    assert "ok" in answer


def test_service_takes_no_call_before_it_has_caught_up(place: Place):
    place.append("moderation", opened())
    with proxied_place(place) as path:
        path.mongo.refuse()
        with running_processes(path.place, "moderation") as processes:
            starting = processes["moderation"]
            starting.wait_logs("the ledger is unreachable")
            missing = set(starting.ready()["missing"])
            path.mongo.accept()
            starting.wait_ready()

    assert {"caught-up", "rpc"} <= missing


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_service_that_waits_for_its_ledger_ends_on_a_signal(place: Place, number: signal.Signals):
    with proxied_place(place) as path:
        path.mongo.refuse()
        with running_processes(path.place, "moderation") as processes:
            starting = processes["moderation"]
            starting.wait_logs("the ledger is unreachable")

            assert starting.kill(number) == 0


def test_views_hold_what_the_ledger_holds_while_the_projector_has_stored_nothing(place: Place):
    write_judged_campaign(place)
    with running_services(place, "ranking") as (caller, _):
        before = caller.call("ranking", "views")["ok"]["views"]
        with process(place, "projector") as projector:
            projector.wait_ready()
            wait(lambda: place.database["projections"].count_documents({}) > 0, what="the table is stored")
            after = caller.call("ranking", "views")["ok"]["views"]

    assert before["campaign"]["data"]
    assert before == after
