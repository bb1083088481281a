"""Context managers that pause processes, or replace the stack's copies of a process by one whose connections the test
controls or that has a defect.
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
from tests.faults.load import Workload
from tests.integration.processes import Process, process
from tests.integration.temporary_campaign import Place

DEFECTIVE = "tests.faults.defective_process"
WORDS = {each.name: each.words for each in TABLE}


@contextmanager
def paused(*pids: int) -> Iterator[None]:
    """Pause processes with SIGSTOP while the block runs."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def proxied_process(stack: Stack, place: Place, name: str) -> Iterator[tuple[Process, TcpProxy, TcpProxy]]:
    """Replace the stack's copies of a process by one whose connections to MongoDB and RabbitMQ pass through two
    proxies.
    """
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
def defective_process(stack: Stack, workload: Workload, name: str, defect: str) -> Iterator[Process]:
    """Replace the stack's copies of a process by one with a defect, which the module of this name defines.

    A gateway keeps its port.
    """
    port = urlsplit(workload.url).port
    stack.halt(name)
    try:
        with process(
            workload.place, defect, *WORDS[name], name=f"{name}-defective", module=DEFECTIVE, gateway_port=port
        ) as alone:
            alone.wait_ready()
            yield alone
    finally:
        stack.resume(name)
