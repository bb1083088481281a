"""Free ports, kept by name, so that what restarts is found where it was.

Promises: a port that was given is given again while it is free; of two owners on this machine that start at the same
time, the second is not given what the first is about to use: an answer at a port would be taken for one's own.
Does not promise that nobody else takes it between the look and the use.
"""

import random
import socket
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from deploy.local import paths, state_files

# Below the range that the kernel hands to clients, so that a passing connection never takes a kept port.
_FIRST, _LAST = 20_000, 31_999
CLAIM_S = 60  # as long as a start may take until it listens


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still fading counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def assign(wanted: Mapping[str, int | None], *, busy: Collection[int] = (), owner: str = "") -> dict[str, int]:
    """A free port for each name: the wanted one if it can be had, else any other.

    `owner`: who is about to listen there; for a minute no other owner on this machine is given the same.
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
        taken = {*busy, *assigned.values()}
        while port is None or port in taken or not is_free(port):
            port = random.randint(_FIRST, _LAST)
        assigned[name] = port
    return assigned


def _claims(path: Path) -> dict[int, tuple[str, float]]:
    """Who claims which port, of those whose time has not passed."""
    return {int(port): (by, until) for port, (by, until) in state_files.read_json(path).items() if until > time.time()}
