"""The process table: the only place that says which processes the product is made of.

The local processes (`local/stack.py`) and the compose services (`docker/compose.py`) are made from it.
"""

from dataclasses import dataclass

GATEWAY_PORT = 8321


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    words: tuple[str, ...]  # after `python -m deploy.run`
    metrics_port: int  # asked for; a copy asks for the next ones; a busy one gives way to a free one
    count: int = 1
    scaled_as: str | None = None  # the word of `make scale`, for what may run in any number
    http_port: int | None = None
    health: str = "/healthz"
    ready: str = "/readyz"

    def copies(self, count: int | None = None) -> list[str]:
        """The names of its instances. One that is alone for ever carries no number."""
        if self.scaled_as is None:
            return [self.name]
        return [f"{self.name}-{n}" for n in range(1, (self.count if count is None else count) + 1)]


def _service(name: str, metrics_port: int) -> Process:
    return Process(name, ("service", name), metrics_port)


TABLE: tuple[Process, ...] = (
    _service("submission", 9101),
    _service("moderation", 9102),
    _service("scoring", 9103),
    _service("ranking", 9104),
    _service("voting", 9105),
    Process("relay", ("relay",), 9106),
    Process("projector", ("projector",), 9107),
    Process("clock", ("clock",), 9108),
    Process("gateway", ("gateway",), 9109, http_port=GATEWAY_PORT),
    Process("vote-writer", ("vote-writer",), 9120, count=2, scaled_as="voting"),
)
