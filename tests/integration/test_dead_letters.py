"""The operator's commands that list, put back and remove messages that were not readable as batches, on the real
broker.
"""

import re
from pathlib import Path

import pytest
from amqp.exceptions import PreconditionFailed
from click.testing import CliRunner, Result
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.message import Message
from kombu.messaging import Consumer

from deploy.cli import main
from services.voting import orders as wire
from services.voting import queue_watch
from services.voting.queues import vote_queue
from shared import streams
from tests.integration.temporary_campaign import PARTITIONS, Place
from tests.integration.threads import wait
from tests.integration.voting import batch_client, open_polls, order, running_vote_writer
from tests.unit.voting.batches import batch

pytestmark = pytest.mark.slow

NO_BATCH = b"like it"


@pytest.fixture(autouse=True)
def _environment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)


def baijia(*words: str) -> Result:
    return CliRunner().invoke(main, ["likes", *words])


def depth(connection: Connection, queue: str) -> int:
    return int(connection.default_channel.queue_declare(queue, passive=True).message_count)


def send_dead_letters(place: Place, *bodies: bytes, partition: int = 4) -> None:
    """Put messages into a partition's queue and reject them, so that they go to the dead-letter queue."""
    open_polls(place)
    with running_vote_writer(place):
        pass  # A writer declares the dead-letter queue.
    with place.broker() as connection:
        publisher = streams.ConfirmedPublisher(connection)
        for body in bodies:
            publisher.publish(wire.queue_name(place.campaign, partition), body)
        publisher.flush()
        queue, dead = vote_queue(place.campaign, partition), wire.dead_name(place.campaign)
        with Consumer(connection.channel(), [queue], on_message=Message.reject, accept=None):
            wait(
                lambda: not streams.drain(connection, 0.1) and depth(connection, dead) == len(bodies),
                what="they are in the dead-letter queue",
            )


def test_each_is_told_by_its_queue_its_size_and_what_is_wrong_and_stays(place: Place):
    send_dead_letters(place, NO_BATCH, batch([order("secret-voter"), order("w") | {"at": "noon"}]))

    told = [baijia("dead").output.splitlines() for _ in range(2)]

    assert told[0] == told[1]
    shape = rf"[0-9a-f]{{16}} 20\d\d-\S+Z {place.campaign}\.vote\.4 \d+ bytes, "
    assert [re.sub(shape, "", line) for line in told[0][1:]] == ["1 readable orders", "2 条 / messages"]
    assert re.match(shape + "unreadable: InvalidBSON", told[0][0])
    assert "secret-voter" not in str(told)


LOOKS = 25  # more than the broker's default delivery limit of 20


def declare_without_delivery_limit(place: Place) -> None:
    """Declare the dead-letter queue with the arguments of earlier versions, which the broker keeps for ever."""
    with place.broker() as connection:
        name, arguments = wire.dead_name(place.campaign), {"x-queue-type": "quorum"}
        Queue(name, durable=True, queue_arguments=arguments)(connection.channel()).declare()


@pytest.mark.parametrize("declared_earlier", [False, True], ids=["new queue", "queue of an earlier version"])
def test_messages_stay_in_their_sequence_however_often_somebody_looks(place: Place, declared_earlier: bool):
    if declared_earlier:
        declare_without_delivery_limit(place)
    send_dead_letters(place, NO_BATCH, batch([order("v")]), b"nor this")

    listings = {baijia("dead").output for _ in range(LOOKS)}

    assert [len(each.splitlines()) for each in listings] == [4]


def test_messages_that_cannot_be_put_back_stay_however_often_somebody_tries(place: Place):
    declare_without_delivery_limit(place)
    send_dead_letters(place, NO_BATCH)

    outputs = {baijia("redrive").stdout for _ in range(LOOKS)}

    assert outputs == {"已放回 0 条，留下 1 条 / 0 put back, 1 stay\n"}
    assert baijia("dead").output.splitlines()[-1] == "1 条 / messages"


def test_new_dead_letter_queue_has_no_delivery_limit(place: Place):
    open_polls(place)
    with running_vote_writer(place):
        pass

    with pytest.raises(PreconditionFailed, match="x-delivery-limit"):
        declare_without_delivery_limit(place)


def test_what_can_be_read_by_now_is_put_back_and_counted(place: Place):
    send_dead_letters(place, batch([order("v")]), NO_BATCH, batch([order("w")]))

    redriven = baijia("redrive")
    with running_vote_writer(place):
        wait(lambda: len(place.events("vote.4")) == 2, what="both are counted")

    assert (redriven.exit_code, redriven.stdout) == (1, "已放回 2 条，留下 1 条 / 2 put back, 1 stay\n")
    assert [each.voter for each in place.events("vote.4")] == ["v", "w"]
    assert baijia("dead").output.splitlines()[-1] == "1 条 / messages"


def test_batch_that_was_counted_meanwhile_changes_nothing_when_it_is_put_back(place: Place):
    like = order("v")
    send_dead_letters(place, batch([like]))
    with running_vote_writer(place), batch_client(place) as gateway:
        gateway.send_and_wait(4, like)
        gateway.send_and_wait(4, order("v", do="unlike", at=like["at"] + 1))

        redriven = baijia("redrive")
        gateway.send_and_wait(4, order("w"))

    assert redriven.exit_code == 0
    assert [type(each).__name__ for each in place.events("vote.4")] == ["LikeCast", "LikeRetracted", "LikeCast"]


def test_what_nobody_can_read_is_moved_into_files(place: Place, tmp_path: Path):
    send_dead_letters(place, NO_BATCH, batch([order("v")]))

    folder = tmp_path / "buried"
    folder.mkdir()

    buried = baijia("bury", str(folder))

    (path,) = folder.iterdir()
    assert buried.output == f"{path}\n"
    assert path.read_bytes() == NO_BATCH
    assert baijia("dead").output.splitlines()[-1] == "1 条 / messages"


@pytest.mark.parametrize(
    ("words", "said"),
    [(["dead"], "0 条 / messages\n"), (["redrive"], "已放回 0 条，留下 0 条 / 0 put back, 0 stay\n")],
    ids=["dead", "redrive"],
)
def test_nothing_waits_and_nothing_is_made_where_no_writer_ever_ran(place: Place, words: list[str], said: str):
    result = baijia(*words)

    assert (result.exit_code, result.output) == (0, said)
    with place.broker() as connection:
        assert queue_watch.depth(connection, wire.dead_name(place.campaign)) is None


def test_queues_of_all_partitions_lead_to_the_same_queue_of_the_dead(place: Place):
    arguments = [vote_queue(place.campaign, p).queue_arguments for p in range(PARTITIONS)]

    assert {each["x-dead-letter-routing-key"] for each in arguments} == {wire.dead_name(place.campaign)}
