"""Processes that sleep, and processes of our own in place of the stack's: with ways of their own to the engines, or
with something wrong about them.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from deploy.local.stack import Stack
from deploy.topology.processes import TABLE
from shared.testing.tcp_proxy import TcpProxy
from tests.faults.load import Town
from tests.integration.places import Place
from tests.integration.processes import Process, process

STAND_IN = "tests.faults.stand_in"
WORDS = {each.name: each.words for each in TABLE}


@contextmanager
def asleep(*pids: int) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def in_place_of(stack: Stack, place: Place, name: str) -> Iterator[tuple[Process, TcpProxy, TcpProxy]]:
    """A process with its own ways to MongoDB and RabbitMQ, in place of the stack's copies of it."""
    stack.halt(name)
    try:
        with TcpProxy.before(place.settings.mongo_uri) as mongo, TcpProxy.before(place.settings.amqp_uri) as amqp:
            settings = replace(place.settings, mongo_uri=mongo.uri, amqp_uri=amqp.uri)
            with process(replace(place, settings=settings), *WORDS[name], name=f"{name}-alone") as alone:
                alone.wait_ready()
                yield alone, mongo, amqp
    finally:
        stack.resume(name)


@contextmanager
def wrong_one(stack: Stack, town: Town, name: str, wrong: str) -> Iterator[Process]:
    """A process with something wrong (`stand_in`), in place of the stack's copies of it; a gateway on the same port."""
    port = urlsplit(town.url).port
    stack.halt(name)
    try:
        with process(
            town.place, wrong, *WORDS[name], name=f"{name}-wrong", module=STAND_IN, gateway_port=port
        ) as alone:
            alone.wait_ready()
            yield alone
    finally:
        stack.resume(name)
