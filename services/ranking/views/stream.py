"""Stream of the public views for the gateways: a RabbitMQ stream with one message for each view that changed.

Promises: when `publish` returns, the broker has confirmed what was sent. A view is sent only if its data differ from
what was sent before, and then in full, so a gateway that missed a message needs only the next message. Two versions of
a view may have the same cut (daily totals change without a commit): the later message replaces the earlier.
"""

from collections.abc import Mapping

import orjson
from kombu.connection import Connection

from services.ranking.views.public_views import View
from shared import streams
from shared.errors import BrokerUnreachable
from shared.exchanges import VIEW_CHANGES, exchange

MAX_AGE = "1D"
CONTENT_TYPE = "application/json"


def stream_name(campaign: str) -> str:
    """Return the name of the campaign's stream of views, `<campaign>.views`."""
    return f"{campaign}.views"


class ViewStream:
    """Publishes views to the campaign's stream. It connects at the first call, and again after a failure."""

    def __init__(self, amqp_uri: str, campaign: str) -> None:
        self._uri, self._name = amqp_uri, stream_name(campaign)
        self._exchange = exchange(campaign, VIEW_CHANGES)
        self._sent: dict[str, View] = {}
        self._connection: Connection | None = None
        self._publisher: streams.ConfirmedPublisher | None = None

    def publish(self, views: Mapping[str, View], cut: Mapping[str, int]) -> None:
        """Send the views whose data changed since they were last sent, and wait for the broker's confirm.

        `cut` is the cut of the table that they were made from. Raises BrokerUnreachable: then send them again.
        """
        changed = {name: data for name, data in views.items() if self._sent.get(name) != data}
        connection = self._connection or self._connect()
        try:
            publisher = self._publisher or self._open(connection)
            for name, data in changed.items():
                body = {"view": name, "cut": dict(cut), "data": data}
                publisher.publish(self._name, orjson.dumps(body))
            publisher.flush()
            streams.drain(connection, 0.001)  # lets the heartbeat pass if nothing is sent
        except BrokerUnreachable:
            self.close()
            raise
        except streams.broker_errors(connection) as problem:
            self.close()
            raise BrokerUnreachable(str(problem)) from problem
        self._sent |= changed

    def close(self) -> None:
        """Close the connection to the broker. The next `publish` opens a new connection."""
        if self._connection is not None:
            self._connection.release()
        self._connection = self._publisher = None

    def _connect(self) -> Connection:
        self._connection = streams.connect(self._uri)
        return self._connection

    def _open(self, connection: Connection) -> streams.ConfirmedPublisher:
        streams.declare_bound(connection, streams.stream_queue(self._name, max_age=MAX_AGE), self._exchange)
        self._publisher = streams.ConfirmedPublisher(
            connection, exchange=self._exchange.name, content_type=CONTENT_TYPE
        )
        return self._publisher
