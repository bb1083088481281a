"""A gateway with the leaderboard of a whole campaign and no engines, and a bare Starlette application that answers
the same bytes.

Run it with `python -m tests.bench.leaderboard_app ours PORT`, or `bare PORT`. The views have the shape of ranking's
views, with invented contents: 320 entries of five types. So only the path of a read through the gateway is
compared.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.read_models.cache import Views
from shared.settings import Settings
from tests.bench.bare_app import READY, ready
from tests.unit.gateway.town import VIEWS, Town, campaign, seen

BOARD = "/api/v1/leaderboard"
TYPES, EACH = ("state", "private", "public", "new", "other"), 64


def invented_views() -> dict[str, Any]:
    """Return invented views of a campaign at its full size, with live totals."""
    kinds = [{"code": code, "zh": code, "en": code, "quota": 20} for code in TYPES]
    entries, boards = {}, {}
    for t, kind in enumerate(TYPES):
        rows = []
        for n in range(EACH):
            entry = f"u{t}-{n}"
            entries[entry] = seen(f"{'ABCDE'[t]}{n:03}", kind, f"把会建到运输线上，把家安在车间里 {n}")
            row = {name: entries[entry][name] for name in ("number", "type", "title", "unit", "city")}
            rows.append({"entry": entry, **row, "likes": 9_000 - 7 * n, "place": n + 1})
        boards[kind] = rows
    board = {"as_of": 1_623_000_000_000, "visibility": "live", "types": boards}
    return {**VIEWS, "campaign": campaign(unit_types=kinds), "entries": {"entries": entries}, "board": board}


def ours(data: Path) -> Starlette:
    """Return a gateway that has taken in the invented views."""
    views, town = Views(), Town()
    views.take_all({name: {"cut": {"moderation": 1}, "data": each} for name, each in invented_views().items()})
    return create_app(
        Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo"}),
        Ports(town, town, views),
        folded_logs=FOLDED_LOGS,
    )


def bare(body: bytes) -> Starlette:
    """Return an application that answers `body` on the leaderboard's path."""

    async def board(_: Request) -> Response:
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route(BOARD, board), Route(READY, ready)])


def main(which: str, port: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = ours(Path(folder)) if which == "ours" else bare(sys.stdin.buffer.read())
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
