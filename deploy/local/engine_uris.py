"""Where the engines answer."""

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Engines:
    mongo: str
    amqp: str
    pg: str | None = None  # the box's PostgreSQL, for benchmarks alone

    def environment(self) -> dict[str, str]:
        """What a process needs to find them."""
        return {"BAIJIA_MONGO_URI": self.mongo, "BAIJIA_AMQP_URI": self.amqp}

    def script(self, kind: str) -> str:
        """Lines for a shell. They name the kind, so that what sources them does not take our box for a stranger's."""
        lines = {"BAIJIA_ENGINES": kind, **self.environment()}
        if self.pg:
            lines["BAIJIA_BOX_PG_URI"] = self.pg
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in lines.items())
