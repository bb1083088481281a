"""The page of operations: processes, lag, queues, rates, partitions, disk, clocks, what is shed, alerts with runbooks.

Promises: the page shows what the processes' own metrics say at this moment, with the time of it; it starts nothing and
changes nothing. Without a script it is loaded again by its link.
"""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, OPERATOR, ORGANISER, RequestContext, Route
from gateway.staff import operations

PAGE = "/ops"
WATCHERS = frozenset({OPERATOR, ORGANISER, AUDITOR})
RUNBOOKS = "deploy/runbooks"


async def operations_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of operations. Raises Problem."""
    return await pages.desk_page(app, context, "staff/analysis/ops.html", path=PAGE, **await _facts(app))


async def operations_part(app: AppContext, context: RequestContext) -> Response:
    """Return the part of the page that changes, for the script that asks for it every few seconds. Raises Problem."""
    body = pages.render("staff/analysis/ops_now.html", context, path=PAGE, **await _facts(app))
    return pages.private_page(context, body)


async def _facts(app: AppContext) -> dict[str, Any]:
    before, now = await app.process_metrics.read()
    return {
        "found": operations.facts(before, now),
        "has_targets": app.process_metrics.has_targets,
        "disk": await asyncio.to_thread(_disk, app.settings.data),
        "own_level": app.shedding.level,
        "at": app.wall(),
        "runbooks": RUNBOOKS,
    }


def _disk(folder: Path) -> dict[str, int] | None:
    """Return what the disk with the campaign's data can hold and what is free of it, in MiB; None if nobody can tell.

    What a file system keeps for itself or others counts as neither, as with `df`.
    """
    try:
        found = shutil.disk_usage(folder)
    except OSError:
        return None
    total = found.used + found.free
    return {"total": total >> 20, "free": found.free >> 20, "used_percent": round(100 * found.used / total)}


ROUTES = (
    Route(
        method="GET",
        path=PAGE,
        base="",
        roles=WATCHERS,
        about="Page of operations: processes, lag, queues, rates, disk, clocks, shedding, alerts",
        raw=page(operations_page),
    ),
    Route(
        method="GET",
        path=f"{PAGE}/now",
        base="",
        roles=WATCHERS,
        about="The part of the page of operations that changes",
        raw=page(operations_part),
    ),
)
