"""Printing in a thread of its own, with a bound on what waits and a memory of what was printed last.

Promises: requests go on while a paper is set; beyond `WAITING` papers a request is told to come again; a paper that is
asked for again is not set again. Does not promise order among those that wait.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gateway.certificates import document
from gateway.http.problems import Problem

WAITING = 32
KEPT = 64  # papers of some 40 KB


class Printer:
    """One of a gateway."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="printer")
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._waiting = 0

    async def pdf(self, certificate: Mapping[str, Any], address: str) -> bytes:
        """The paper of a certificate that ranking told. Raises Problem."""
        printed = {name: certificate[name] for name in document.PRINTED}
        key = (*printed.values(), address)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if self._waiting >= WAITING:
            raise Problem("busy")
        self._waiting += 1
        try:
            made = await asyncio.get_running_loop().run_in_executor(self._thread, document.pdf, printed, address)
        finally:
            self._waiting -= 1
        self._kept[key] = made
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return made
