"""How staff's pages name a unit: by its name in the roll, and by its code alone where nobody knows a name.

Promises: a page is shown, with codes, also while submission is away.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.service_calls import call_as_gateway

Row = Mapping[str, Any]


async def with_unit_names(app: AppContext, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return rows whose `unit_name` is filled in from the roll, where it is empty or is the code of the `unit`."""
    lacking = sorted({row["unit"] for row in rows if row["unit"] and row.get("unit_name", "") in ("", row["unit"])})
    names: Mapping[str, str] = {}
    if lacking:
        try:
            names = (await call_as_gateway(app, "submission", "unit_names", {"units": lacking}))["names"]
        except Problem as problem:
            if problem.status < 500:
                raise
    return [{**row, "unit_name": names.get(row["unit"], row.get("unit_name", ""))} for row in rows]
