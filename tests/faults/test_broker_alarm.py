"""The broker sets an alarm of memory or of disk space, and blocks all publishers, under load.

Every part that publishes notices it, reports it and refuses work in time, and goes on by itself when the alarm is over.
Likes answer as promised: what is acknowledged is stored, what the broker has not confirmed is `away`.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from deploy.commands.refusals import CommandRefused
from deploy.commands.rpc_client import call_service
from deploy.local.box import Box
from deploy.local.stack import Stack
from services.ranking.views.stream import ViewStream
from services.voting import orders as wire
from shared import streams
from shared.errors import BrokerUnreachable
from tests.faults.fault_table import RowWriter
from tests.faults.load import Workload, under_load
from tests.faults.running_campaign import judge_when_idle, running_campaign
from tests.integration.temporary_campaign import Place, temporary_campaign
from tests.integration.threads import wait
from tests.integration.voting import batch_client, open_polls, order, running_vote_writer

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(900)]

BLOCKED = "the broker blocks its publishers"
#: How each alarm is set and ended.
ALARMS = {
    "memory": (["set_vm_memory_high_watermark", "absolute", "1"], ["set_vm_memory_high_watermark", "0.6"]),
    "disk": (["set_disk_free_limit", "1000000GB"], ["set_disk_free_limit", "500MB"]),
}


@pytest.fixture(scope="module")
def running(box: Box, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Workload, Stack]]:
    with running_campaign(box.engines(), tmp_path_factory.mktemp("alarm"), seed=seed) as made:
        yield made


@contextmanager
def alarm(box: Box, kind: str) -> Iterator[None]:
    """Set an alarm while the block runs. The block begins once the broker has it."""
    begin, end = ALARMS[kind]
    try:
        box.rabbitmqctl(*begin)
        wait(lambda: kind in box.rabbitmqctl("eval", "rabbit_alarm:get_alarms()."), what=f"the alarm of {kind} is set")
        yield
    finally:
        box.rabbitmqctl(*end)


@pytest.mark.parametrize("kind", ALARMS)
def test_alarm_under_load_is_reported_and_loses_nothing(
    box: Box, running: tuple[Workload, Stack], table: RowWriter, kind: str
):
    workload, stack = running
    log = stack.logs / "clock.log"  # whatever happens, the clock publishes something every two seconds
    reports = log.read_text().count(BLOCKED)
    with under_load(workload) as more:
        more(40, commands=3)
        with alarm(box, kind):
            wait(lambda: log.read_text().count(BLOCKED) > reports, what="the clock reports the alarm")
            with pytest.raises(CommandRefused, match=r"takes no messages|did not answer in time"):
                call_service(workload.place.settings, "moderation", "rules", {}, deadline_s=3)
            with workload.client() as client:
                pages = [client.get("/api/v1/entries").status_code, client.get("/healthz").status_code]
        more(40, commands=3)

    assert pages == [200, 200]
    assert table.add_fault(f"alarm of {kind} at the broker", judge_when_idle(workload, stack)) == []


def test_like_that_the_broker_does_not_confirm_is_away_and_never_counted_twice(
    box: Box, running: tuple[Workload, Stack], table: RowWriter
):
    workload, stack = running
    workload.stop.clear()
    with alarm(box, "memory"):
        (during,) = workload.like_once("alarm", 1)

    assert during.code in ("like-away", "away")
    assert table.add_fault("like during an alarm", judge_when_idle(workload, stack)) == []


def test_likes_that_the_broker_has_are_counted_during_an_alarm(box: Box, tmp_path: Path):
    with temporary_campaign(box.engines(), tmp_path) as place:
        open_polls(place)
        with batch_client(place) as gateway:
            for k in range(100):
                gateway.send(2, [order(f"voter-{k}")])
            wait(
                lambda: gateway.connection.default_channel.queue_declare(
                    wire.queue_name(place.campaign, 2), passive=True
                ).message_count == 100,
                what="the broker has all batches",
            )  # fmt: skip
            with alarm(box, "memory"), running_vote_writer(place):
                wait(lambda: len(place.events("vote.2")) == 100, what="all likes are counted during the alarm")


def test_wait_for_confirms_ends_with_a_clear_error(box: Box, tmp_path: Path):
    with temporary_campaign(box.engines(), tmp_path) as place:
        open_polls(place)
        with alarm(box, "disk"), place.broker() as connection:
            publisher = streams.ConfirmedPublisher(connection)
            publisher.publish(wire.queue_name(place.campaign, 0), b"message")
            with pytest.raises(BrokerUnreachable, match=BLOCKED):
                publisher.flush()


def test_views_that_cannot_be_published_raise_and_are_published_after_the_alarm(box: Box, tmp_path: Path):
    with temporary_campaign(box.engines(), tmp_path) as place, closing_stream(place) as stream:
        with alarm(box, "memory"), pytest.raises(BrokerUnreachable, match=BLOCKED):
            stream.publish({"campaign": {"id": "x"}}, {})
        wait(lambda: publishes(stream), what="the views are published after the alarm")


@contextmanager
def closing_stream(place: Place) -> Iterator[ViewStream]:
    with closing(ViewStream(place.settings.amqp_uri, place.campaign)) as stream:
        yield stream


def publishes(stream: ViewStream) -> bool:
    try:
        stream.publish({"campaign": {"id": "x"}}, {})
    except BrokerUnreachable:
        return False
    return True
