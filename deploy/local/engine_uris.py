"""The URIs of the engines (MongoDB and RabbitMQ), and how a process or a shell receives them."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Engines:
    """The URIs of MongoDB, of RabbitMQ and, in the box, of PostgreSQL.

    `amqp` is the broker's administrator, whom commands and tests use. `amqp_of_processes` has a user for each process,
    with its rights only; it is empty for given engines, where all share one user.
    """

    mongo: str
    amqp: str
    pg: str | None = None  # the box's PostgreSQL, for benchmarks only
    amqp_of_processes: Mapping[str, str] = field(default_factory=dict)
    broker_metrics: str = ""  # host and port of RabbitMQ's own metrics, for the page of operations

    def environment(self) -> dict[str, str]:
        """Return the environment variables with which a process finds the engines."""
        return {"BAIJIA_MONGO_URI": self.mongo, "BAIJIA_AMQP_URI": self.amqp}

    def script(self, kind: str) -> str:
        """Return shell lines that export the URIs.

        They also export the kind, so that a later command in that shell does not take our box for given engines.
        """
        lines = {"BAIJIA_ENGINES": kind, **self.environment()}
        if self.pg:
            lines["BAIJIA_BOX_PG_URI"] = self.pg
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in lines.items())
