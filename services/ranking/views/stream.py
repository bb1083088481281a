"""The stream that gateways follow: views that changed, the newest last.

Promises: what `tell` returned from is confirmed by the broker; a view is sent only where its data differ from what was
sent before, and in full, so a gateway that missed one needs only the next. Two views of one cut may follow each other
(daily totals change without a commit): the later message replaces the earlier.
"""

from collections.abc import Mapping

import orjson
from kombu.connection import Connection

from services.ranking.views.public_views import View
from shared import streams
from shared.errors import BrokerUnreachable

MAX_AGE = "1D"
CONTENT_TYPE = "application/json"


def stream_name(campaign: str) -> str:
    return f"{campaign}.views"


class ViewStream:
    """Connects when there is something to tell, and again after a failure."""

    def __init__(self, amqp_uri: str, campaign: str) -> None:
        self._uri, self._name = amqp_uri, stream_name(campaign)
        self._told: dict[str, View] = {}
        self._connection: Connection | None = None
        self._publisher: streams.ConfirmedPublisher | None = None

    def tell(self, views: Mapping[str, View], cut: Mapping[str, int]) -> None:
        """Send what changed. Raises BrokerUnreachable: then the same is to be told again."""
        changed = {name: data for name, data in views.items() if self._told.get(name) != data}
        connection = self._connection or self._connect()
        try:
            publisher = self._publisher or self._open(connection)
            for name, data in changed.items():
                body = {"view": name, "cut": dict(cut), "data": data}
                publisher.publish(self._name, orjson.dumps(body))
            publisher.flush()
            streams.drain(connection, 0.001)  # lets the heartbeat pass where nothing is told
        except BrokerUnreachable:
            self.close()
            raise
        except streams.broker_errors(connection) as problem:
            self.close()
            raise BrokerUnreachable(str(problem)) from problem
        self._told |= changed

    def close(self) -> None:
        if self._connection is not None:
            self._connection.release()
        self._connection = self._publisher = None

    def _connect(self) -> Connection:
        self._connection = streams.connect(self._uri)
        return self._connection

    def _open(self, connection: Connection) -> streams.ConfirmedPublisher:
        with connection.channel() as channel:
            streams.stream_queue(self._name, max_age=MAX_AGE)(channel).declare()
        self._publisher = streams.ConfirmedPublisher(connection, content_type=CONTENT_TYPE)
        return self._publisher
