"""Client of nameko's RPC protocol for processes without an event loop: the clock and the command line.

On the wire (nameko 2.14.1, `nameko/rpc.py`): a mandatory message to the topic exchange `nameko-rpc`, routing key
`<service>.<method>`, body `{"args": [call], "kwargs": {}}`; the reply arrives in a queue of ours, which is bound to the
same exchange by `reply_to`, and is matched by `correlation_id`: `{"result": …, "error": null | {"exc_type", …}}`.

Promises: every call ends by its time limit, also while the broker is lost or blocks its publishers; the message expires
then too. (nameko's own client waits for the broker's confirm without a limit.)
Does not promise that a call without an answer has no effect.
"""

import json
import time
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.message import Message
from kombu.messaging import Consumer

from shared import streams
from shared.call_signing import CallSigner
from shared.errors import BrokerUnreachable, NobodyListens, Overdue, ServiceFailed
from shared.settings import Settings

CLOSE_S = 1.0
EXCHANGE = Exchange("nameko-rpc", "topic", durable=True)


class RpcClient:
    """Calls the services of one campaign, one call at a time, over a connection that it opens when it needs one.

    Use it as a context manager, so that the connection is closed.
    """

    def __init__(self, settings: Settings, caller: str) -> None:
        """`caller` is one of `call_signing.ROLES_OF_CALLERS`, whose key signs the calls."""
        self._uri, self._campaign = settings.amqp_uri, settings.campaign
        self._signer = CallSigner(settings.data, settings.campaign, caller)
        self._connection: Connection | None = None
        self._channel: Any = None
        self._reply_to = ""
        self._replies: dict[str, dict[str, Any]] = {}
        self._returned = False

    def __enter__(self) -> "RpcClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and connection.connected:
            streams.limit_waits(connection, CLOSE_S)  # a silent broker answers not even a request to close
            connection.release()

    def call(self, service: str, method: str, call: Mapping[str, Any], *, timeout_s: float) -> dict[str, Any]:
        """Call a method and return its answer, `{"ok": …}`, `{"refused": …}` or `{"invalid": …}`.

        Raises BrokerUnreachable, Overdue after `timeout_s`, NobodyListens where no service listens, and ServiceFailed
        where the method raised an exception.
        """
        deadline, name = time.monotonic() + timeout_s, uuid.uuid4().hex
        key = f"{self._campaign}.{service}.{method}"
        self._replies.clear()
        try:
            connection = self._connection or self._connect(deadline)
            streams.limit_waits(connection, deadline - time.monotonic())
            self._returned = False
            self._send(key, name, self._signer.sign(call, key), timeout_s)
            while name not in self._replies:
                if self._returned:
                    raise NobodyListens(f"no service listens to {key}")
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    raise Overdue(f"{key}: no answer in {timeout_s} s")
                streams.drain(connection, min(left_s, 0.5))
        except BrokerUnreachable:
            self._drop()
            raise
        except streams.broker_errors(self._connection or Connection(self._uri)) as problem:
            self._drop()
            raise BrokerUnreachable(str(problem)) from problem
        reply = self._replies.pop(name)
        if reply["error"] is not None:
            raise ServiceFailed(f"{key}: {reply['error']}")
        answer: dict[str, Any] = reply["result"]
        return answer

    def _connect(self, deadline: float) -> Connection:
        timeout_s = min(deadline - time.monotonic(), streams.CONNECT_S)
        connection = self._connection = streams.connect(self._uri, timeout_s=timeout_s)
        streams.limit_waits(connection, deadline - time.monotonic())
        channel = self._channel = connection.channel()
        self._reply_to = str(uuid.uuid4())
        replies = Queue(
            f"rpc.reply-{self._campaign}.{self._reply_to}",
            EXCHANGE,
            routing_key=self._reply_to,
            exclusive=True,
            auto_delete=True,
        )
        channel.events["basic_return"].add(self._on_return)
        Consumer(channel, [replies], on_message=self._on_reply, accept=None, no_ack=True).consume()
        return connection

    def _send(self, key: str, name: str, call: Mapping[str, Any], timeout_s: float) -> None:
        properties = {
            "correlation_id": name,
            "reply_to": self._reply_to,
            "expiration": str(int(timeout_s * 1000)),
            "delivery_mode": 2,
        }
        body = json.dumps({"args": [dict(call)], "kwargs": {}}, ensure_ascii=False).encode()
        message = self._channel.prepare_message(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            headers={"nameko.call_id_stack": [f"client.{name}"]},
            properties=properties,
        )
        self._channel.basic_publish(message, exchange=EXCHANGE.name, routing_key=key, mandatory=True)

    def _on_return(self, *_: object) -> None:
        self._returned = True

    def _on_reply(self, message: Message) -> None:
        self._replies[str(message.properties.get("correlation_id"))] = json.loads(message.body)

    def _drop(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()
