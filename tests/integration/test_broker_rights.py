"""What each process's user may and may not do at the real broker."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from amqp.exceptions import AccessRefused
from kombu.connection import Connection

from deploy.commands.dead_letters import requeue
from deploy.topology import broker_accounts
from deploy.topology.broker_rights import CALLS, OPERATOR
from services.voting import orders as wire
from services.voting.queue_watch import EMPTY as QUEUED
from services.voting.queue_watch import depth
from services.voting.queues import declare_dead_queue, declare_vote_queue
from shared import streams
from shared.call_signing import COMMAND_LINE
from shared.errors import ServiceFailed
from shared.exchanges import COMMITS, LIKE_BATCHES, VIEW_CHANGES, exchange_name
from shared.rpc_client import RpcClient
from shared.streams import CONTENT_TYPE
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait

pytestmark = pytest.mark.slow

Deed = Callable[[Any, str], None]


@pytest.fixture
def campaign(place: Place) -> str:
    """Return a campaign whose streams and like queues exist."""
    if not place.amqp_of_processes:
        pytest.skip("these engines were given, with one user for all")
    with place.broker() as connection:
        streams.declare(connection, place.campaign, "scoring")
        declare_dead_queue(connection, place.campaign)
        declare_vote_queue(connection, place.campaign, 0)
    return place.campaign


def refused(uri: str, deed: Deed, campaign: str) -> bool:
    """Return whether the broker refuses what `deed` does on a channel of its own."""
    with Connection(uri) as connection:
        channel = connection.channel()
        channel.confirm_select()
        try:
            deed(channel, campaign)
        except AccessRefused:
            return True
    return False


def publish(exchange: str, key: str) -> Deed:
    def deed(channel: Any, campaign: str) -> None:
        message = channel.prepare_message(b"", priority=0)
        name = exchange.format(campaign)
        channel.basic_publish_confirm(message, exchange=name, routing_key=key.format(campaign), timeout=10)

    return deed


def read(queue: str) -> Deed:
    def deed(channel: Any, campaign: str) -> None:
        channel.basic_consume(queue.format(campaign))

    return deed


def bind(queue: str, exchange: str, key: str) -> Deed:
    def deed(channel: Any, campaign: str) -> None:
        channel.queue_bind(queue.format(campaign), exchange.format(campaign), key.format(campaign))

    return deed


def delete(queue: str) -> Deed:
    def deed(channel: Any, campaign: str) -> None:
        channel.queue_delete(queue.format(campaign))

    return deed


TO_STREAMS = publish(exchange_name("{}", COMMITS), "{}.log.scoring")
TO_VIEWS = publish(exchange_name("{}", VIEW_CHANGES), "{}.views")
TO_LIKES = publish(exchange_name("{}", LIKE_BATCHES), "{}.vote.0")
PAST_ALL = publish("", "{}.vote.0")
CALL = publish(CALLS, "{}.moderation.open_campaign")
LISTEN = bind("rpc-{}.scoring", CALLS, "{}.moderation.*")


@pytest.mark.parametrize(
    ("process", "deed"),
    [
        pytest.param("scoring", TO_STREAMS, id="a service writes no stream"),
        pytest.param("scoring", TO_LIKES, id="a service sends no likes"),
        pytest.param("scoring", PAST_ALL, id="a service does not reach a queue past its exchange"),
        pytest.param("scoring", read("{}.vote.0"), id="a service takes no likes"),
        pytest.param("scoring", delete("{}.vote.0"), id="a service deletes no likes"),
        pytest.param("scoring", read("{}.log.scoring"), id="a service reads no log that it does not follow"),
        pytest.param("scoring", CALL, id="a service calls no other"),
        pytest.param("scoring", LISTEN, id="a service hears no calls of another"),
        pytest.param("relay", TO_LIKES, id="the relay sends no likes"),
        pytest.param("relay", CALL, id="the relay calls nobody"),
        pytest.param("projector", TO_STREAMS, id="the projector writes no stream"),
        pytest.param("gateway", TO_STREAMS, id="the gateway writes no stream"),
        pytest.param("gateway", TO_VIEWS, id="the gateway writes no views"),
        pytest.param("gateway", read("{}.vote.0"), id="the gateway takes no likes"),
        pytest.param("gateway", PAST_ALL, id="the gateway does not reach a queue past its exchange"),
        pytest.param("vote-writer", TO_LIKES, id="a vote writer sends no likes"),
        pytest.param("vote-writer", TO_STREAMS, id="a vote writer writes no stream"),
        pytest.param("vote-writer", PAST_ALL, id="a vote writer does not reach a queue past its exchange"),
        pytest.param("clock", read("{}.vote.0"), id="the clock takes no likes"),
    ],
)
def test_broker_refuses_what_is_not_the_work_of_the_process(place: Place, campaign: str, process: str, deed: Deed):
    assert refused(place.amqp_of_processes[process], deed, campaign)


def test_operator_puts_dead_letters_back_and_calls_services(place: Place, campaign: str):
    address = urlsplit(place.settings.amqp_uri)
    uri = broker_accounts.uri(str(address.password), OPERATOR, address.netloc.rpartition("@")[2])
    headers = {"x-first-death-queue": wire.queue_name(campaign, 0)}
    with place.broker() as connection:
        connection.Producer().publish(
            QUEUED, exchange="", routing_key=wire.dead_name(campaign), headers=headers, content_type=CONTENT_TYPE
        )
        wait(lambda: depth(connection, wire.dead_name(campaign)) == 1, what="the letter is there")

    with streams.connect(uri) as connection:
        assert requeue(connection, campaign) == (1, 0)

    settings = replace(place.settings, amqp_uri=uri)
    with RpcClient(settings, COMMAND_LINE) as client, pytest.raises(ServiceFailed, match="no service listens"):
        client.call("moderation", "status", {"deadline": 0}, timeout_s=5)


@pytest.mark.parametrize(
    ("process", "deed"),
    [
        pytest.param("relay", TO_STREAMS, id="the relay writes streams"),
        pytest.param("gateway", TO_LIKES, id="the gateway sends likes"),
        pytest.param("vote-writer", read("{}.vote.0"), id="a vote writer takes likes"),
    ],
)
def test_broker_allows_the_work_of_the_process(place: Place, campaign: str, process: str, deed: Deed):
    assert not refused(place.amqp_of_processes[process], deed, campaign)
