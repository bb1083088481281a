"""Assign free ports by name, so that a restarted process answers on the same port.

Promises: a wanted port is assigned again while it is free. If two owners on this machine start at the same time, the
second does not get a port that the first is about to use; otherwise it might take the other's answers for its own.
Does not promise that no other program takes a port between the check and its use.
"""

import random
import socket
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from deploy.local import paths, state_files

# Below the range that the kernel assigns to clients, so that an outgoing connection never takes one of these ports.
_FIRST, _LAST = 20_000, 31_999
CLAIM_S = 60  # the longest time from the claim until the process listens


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        # As servers do, so that a port whose last connections are in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def assign(wanted: Mapping[str, int | None], *, busy: Collection[int] = (), owner: str = "") -> dict[str, int]:
    """Choose a free port for each name: the wanted port if it is free, else a random one.

    Ports in `busy` are never chosen. With `owner`, the ports are claimed for a minute, during which no other owner on
    this machine gets them.
    """
    if not owner:
        return _chosen(wanted, set(busy))
    claims = paths.cache() / "ports.json"
    with state_files.locked(claims.with_suffix(".lock")):
        claimed = _claims(claims)
        assigned = _chosen(wanted, {*busy, *(port for port, (by, _) in claimed.items() if by != owner)})
        until = time.time() + CLAIM_S
        claimed |= {port: (owner, until) for port in assigned.values()}
        state_files.write_json(claims, {str(port): claim for port, claim in claimed.items()})
    return assigned


def _chosen(wanted: Mapping[str, int | None], busy: set[int]) -> dict[str, int]:
    assigned: dict[str, int] = {}
    for name, port in wanted.items():
        unavailable = {*busy, *assigned.values()}
        while port is None or port in unavailable or not is_free(port):
            port = random.randint(_FIRST, _LAST)
        assigned[name] = port
    return assigned


def _claims(path: Path) -> dict[int, tuple[str, float]]:
    """Return owner and expiry time of each claimed port, without expired claims."""
    return {int(port): (by, until) for port, (by, until) in state_files.read_json(path).items() if until > time.time()}
