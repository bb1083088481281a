"""Free ports, kept by name, so that what restarts is found where it was.

Promises: a port that was given is given again while it is free. Does not promise that nobody takes it between the look
and the use: whoever starts something must wait for its answer anyway.
"""

import random
import socket
from collections.abc import Collection, Mapping

# Below the range that the kernel hands to clients, so that a passing connection never takes a kept port.
_FIRST, _LAST = 20_000, 31_999


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still fading counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def assign(wanted: Mapping[str, int | None], *, busy: Collection[int] = ()) -> dict[str, int]:
    """A free port for each name: the wanted one if it can be had, else any other."""
    assigned: dict[str, int] = {}
    for name, port in wanted.items():
        taken = {*busy, *assigned.values()}
        while port is None or port in taken or not is_free(port):
            port = random.randint(_FIRST, _LAST)
        assigned[name] = port
    return assigned
