"""The queue as a table: to print, with the columns that a reader chooses, and as a CSV file of just what is shown.

Promises: the table has the rows of the filter in its address, at most `ROWS_MAX` of them, and says if there are more.
A cell of the file never begins as a formula of a spreadsheet.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import responses
from gateway.routing.context import AppContext
from gateway.routing.route import MODERATOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff.queue_filter import QUEUE_PAGE, QueueFilter
from shared.zones import to_the_minute

PRINT_PAGE, CSV_FILE = f"{QUEUE_PAGE}/print", f"{QUEUE_PAGE}/queue.csv"
COLUMNS = ("title", "unit", "type", "city", "themes", "at", "status", "claim", "flags")
ROWS_MAX, PAGE_ROWS = 1_000, 200
READERS = frozenset({MODERATOR, ORGANISER})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def print_view(app: AppContext, context: RequestContext) -> Response:
    """Return the rows of the filter as a table to print. Raises Problem."""
    shown, columns = QueueFilter.of(context.request.query_params.multi_items()), _columns(context)
    rows, total = await _rows(app, context, shown)
    chosen = {f"col-{each}": "yes" for each in columns} if len(columns) < len(COLUMNS) else {}
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/print.html",
        path=shown.url(PRINT_PAGE, **chosen),
        shown=shown,
        table=table_of(rows, columns, _names(app, context)),
        columns=columns,
        every=COLUMNS,
        total=total,
        file=shown.url(CSV_FILE, **chosen),
        kinds=pages.names_of(app, "unit_types", context.lang),
        themes=pages.names_of(app, "themes", context.lang),
    )


async def csv_file(app: AppContext, context: RequestContext) -> Response:
    """Return the rows of the filter as a CSV file, in the columns of the address. Raises Problem."""
    shown, columns = QueueFilter.of(context.request.query_params.multi_items()), _columns(context)
    rows, _ = await _rows(app, context, shown)
    heads = [pages.say_in(context.lang, f"column.{each}") for each in columns]
    body = to_csv([heads, *table_of(rows, columns, _names(app, context))])
    headers = {
        "Content-Disposition": 'attachment; filename="queue.csv"',
        "Cache-Control": responses.PRIVATE,
        **responses.SAFE,
    }
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def to_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as a CSV file that spreadsheets read as UTF-8, without cells that they would compute."""
    file = io.StringIO()
    csv.writer(file).writerows([[f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def table_of(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], names: Mapping[str, Mapping[str, str]]
) -> list[list[str]]:
    """Return the cells of rows of the queue in these columns. `names` are the texts of codes, and `zone` of times."""
    return [[_cell(row, column, names) for column in columns] for row in rows]


def _cell(row: Mapping[str, Any], column: str, names: Mapping[str, Mapping[str, str]]) -> str:
    match column:
        case "unit":
            return str(row["unit_name"] or row["unit"])
        case "type":
            return names["type"].get(row["type"], row["type"])
        case "themes":
            return " · ".join(names["theme"].get(each, each) for each in row["themes"])
        case "at":
            return to_the_minute(row["at"], names["zone"]["zone"])
        case "status":
            return names["status"][row["status"]]
        case "claim":
            return str(row["claim"]["by"]) if row["claim"] else ""
        case "flags":
            return " · ".join(names["flag"].get(each, each) for each in row["flags"])
    return str(row[column] or "")


def _names(app: AppContext, context: RequestContext) -> dict[str, Mapping[str, str]]:
    lang = context.lang
    return {
        "type": pages.names_of(app, "unit_types", lang),
        "theme": pages.names_of(app, "themes", lang),
        "status": pages.say_all(lang, "status."),
        "flag": pages.say_all(lang, "flag."),
        "zone": {"zone": context.zone},
    }


def _columns(context: RequestContext) -> tuple[str, ...]:
    chosen = tuple(each for each in COLUMNS if f"col-{each}" in context.request.query_params)
    return chosen or COLUMNS


async def _rows(app: AppContext, context: RequestContext, shown: QueueFilter) -> tuple[list[dict[str, Any]], int]:
    rows: list[dict[str, Any]] = []
    wanted = shown.body(limit=PAGE_ROWS)
    while True:
        found = await call_service(app, context, "moderation", "queue", wanted)
        rows += found["entries"]
        if found["next"] is None or len(rows) >= ROWS_MAX:
            return rows, int(found["total"])
        wanted = {**wanted, "after": found["next"]}


ROUTES = (
    Route(
        method="GET",
        path=PRINT_PAGE,
        base="",
        roles=READERS,
        about="Page of the review queue as a table to print",
        raw=page(print_view),
    ),
    Route(
        method="GET",
        path=CSV_FILE,
        base="",
        roles=READERS,
        about="Get the review queue as a CSV file",
        raw=page(csv_file),
    ),
)
