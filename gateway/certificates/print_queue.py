"""Print certificates in a thread of their own, with a bounded queue and a cache of the last documents.

Promises: the event loop stays free while a document is rendered; beyond `WAITING` documents a request is refused as
busy; a cached document is not rendered again. Does not promise an order among waiting requests.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from gateway.certificates import document
from gateway.http.problems import Problem

Result = TypeVar("Result")
WAITING = 32
CACHED = 64  # documents of some 40 KB


class Printer:
    """Render certificates of one gateway, one at a time in a thread, and cache the last `CACHED` PDFs.

    A PDF is cached by its printed facts and its URL, and dropped when it was not used for longest.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="printer")
        self._cached: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._waiting = 0

    async def pdf(self, certificate: Mapping[str, Any], address: str) -> bytes:
        """Return the PDF of a certificate, given as ranking answers it and the URL where it can be checked.

        Raise Problem `busy` if too many documents wait, and as `document.pdf` does.
        """
        printed = {name: certificate[name] for name in document.PRINTED}
        printed["entry"] = certificate["entry"]  # which a refusal names
        key = (*printed.values(), address)
        if key in self._cached:
            self._cached.move_to_end(key)
            return self._cached[key]
        printed_pdf = await self._run(document.pdf, printed, address)
        self._cached[key] = printed_pdf
        while len(self._cached) > CACHED:
            self._cached.popitem(last=False)
        return printed_pdf

    async def refuse_unprintable(self, certificates: Sequence[Mapping[str, Any]]) -> None:
        """Raise Problem `certificate-unprintable` with the names that cannot be printed, and `busy` as `pdf` does."""
        await self._run(document.refuse_unprintable, certificates)

    async def _run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        if self._waiting >= WAITING:
            raise Problem("busy")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        finally:
            self._waiting -= 1
