"""Process table: the only list of the processes that make up the product.

The local stack (`local/stack.py`), the Compose services (`docker/compose.py`), the Kubernetes manifests and
Prometheus's targets are generated from it.
"""

from dataclasses import dataclass

GATEWAY_PORT = 8321
#: RabbitMQ among the targets of the page of operations, and the port of its own metrics where it is the usual one.
BROKER_TARGET, BROKER_METRICS_PORT = "rabbitmq", 15692


@dataclass(frozen=True, slots=True)
class Process:
    """A kind of process of the product: its command, its ports, and whether several copies of it can run."""

    name: str
    words: tuple[str, ...]  # after `python -m deploy.run`
    metrics_port: int  # preferred port; further copies prefer the next ones, and a busy port is replaced by a free one
    count: int = 1
    scaled_as: str | None = None  # its word in `make scale`; None if there is always one copy
    http_port: int | None = None
    health: str = "/healthz"
    ready: str = "/readyz"
    data: bool = True  # whether it gets the data folder with keys and uploads; without it, it knows no key
    data_read_only: bool = False  # whether it only reads there: it then neither makes nor changes keys and uploads

    def copies(self, count: int | None = None) -> list[str]:
        """Return the names of `count` copies, by default of the usual number.

        A process that is never scaled gets no number in its name.
        """
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
    Process("relay", ("relay",), 9106, data=False),
    Process("projector", ("projector",), 9107, data=False),
    Process("clock", ("clock",), 9108),
    Process("media-worker", ("media-worker",), 9111),
    Process("gateway", ("gateway",), 9109, http_port=GATEWAY_PORT),
    Process("vote-writer", ("vote-writer",), 9120, count=2, scaled_as="voting", data_read_only=True),
)
