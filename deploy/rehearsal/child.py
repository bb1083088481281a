"""Rehearse one campaign in a process of its own: rules as JSON on standard input, what was found as JSON on the output.

    python -m deploy.rehearsal.child < rules.json

Promises: it opens no file, no engine and no connection, and ends by itself when it needs more than MEMORY_BYTES or
PROCESSOR_S seconds of processor time.
"""

import json
import os
import resource
import sys

from deploy.rehearsal.findings import rehearse
from services.moderation.campaign import from_data

MEMORY_BYTES = 2 << 30
PROCESSOR_S = 240
NICE = 10
OUT_OF_MEMORY = 77  # the exit code of a rehearsal that met its limit of memory


def main() -> int:
    """Rehearse what stands on standard input. Return the exit code."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S))
    try:
        found = rehearse(from_data(json.load(sys.stdin))).plain()
    except MemoryError:
        return OUT_OF_MEMORY
    json.dump(found, sys.stdout, ensure_ascii=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
