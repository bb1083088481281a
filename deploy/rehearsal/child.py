"""Rehearse one campaign in a process of its own: rules as JSON on standard input, what was found as JSON on the output.

    python -m deploy.rehearsal.child < rules.json

Promises: it opens no file, no engine and no connection (the kernel keeps it from sockets, where it can), and ends by
itself when it needs more than MEMORY_BYTES, PROCESSOR_S seconds of processor time or WITHIN_S seconds, also when the
process that began it was killed.
"""

import json
import os
import resource
import signal
import sys

from deploy.rehearsal.findings import rehearse
from services.moderation.campaign import from_data
from shared.media import confinement

MEMORY_BYTES = 768 << 20  # beside the clock: `deploy/k8s/pods.py` gives both room
PROCESSOR_S, WITHIN_S = 240, 310
FULL = 0.9  # of the memory: whatever fails from here on, fails for want of it
NICE = 10
OUT_OF_MEMORY = 77  # the exit code of a rehearsal that met its limit of memory
#: Why there is no report, by how the process ended: libraries without memory may crash, and the system kills for it.
WHY = {
    OUT_OF_MEMORY: "memory",
    -signal.SIGSEGV: "memory",
    -signal.SIGKILL: "memory",
    -signal.SIGXCPU: "late",
    -signal.SIGALRM: "late",
}


def main() -> int:
    """Rehearse what stands on standard input. Return the exit code."""
    os.nice(NICE)
    signal.alarm(WITHIN_S)
    confinement.take_network()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S + 5))
    try:
        found = rehearse(from_data(json.load(sys.stdin))).plain()
    except Exception:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))  # room to look
        if is_full(MEMORY_BYTES):  # libraries raise errors of their own when they get no memory
            return OUT_OF_MEMORY
        raise
    json.dump(found, sys.stdout, ensure_ascii=False)
    return 0


def is_full(memory_bytes: int) -> bool:
    """Return whether this process has used up so much memory, but for a little that it could not use."""
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[0])
    return pages * resource.getpagesize() > FULL * memory_bytes


if __name__ == "__main__":
    sys.exit(main())
