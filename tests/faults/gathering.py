"""Reads the evidence of a town when all is quiet: asks voters, tickets, receipts and pages; reads the ledger, the
table, logs and metrics.

Promises: nothing is changed but by `my likes` and tickets, whose answers go into the history. Receipts and tickets are
a sample, drawn by the town's seed, of those that were not asked yet; all else is complete.
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx

from deploy.local.stack import Stack
from deploy.run import log_names
from services.ranking.read_model.projection import RankingProjection
from services.ranking.rebuild import SOURCES, rebuild_and_compare
from shared.projection import ProjectionStore
from tests.faults.evidence import Evidence, Page
from tests.faults.history import LikeSeen, ListSeen, TicketSeen
from tests.faults.load import API, CROWDS, VOTERS, Town
from tests.integration.places import PARTITIONS, Place
from tests.integration.processes import calling

RECEIPTS, TICKETS = 60, 30  # of each, at most, asked at the gateway each time


def gathered(town: Town, stack: Stack, behind: Mapping[str, int]) -> Evidence:
    """`behind`: what did not come to its end, though it was waited for."""
    place = town.place
    rng = random.Random(f"{town.seed} {len(town.history.seen)}")
    with town.client() as client:
        if not town.live:
            _ask_voters(town, client)
        _ask_tickets(town, client, rng)
        receipts = _asked_receipts(town, client, rng)
    return Evidence(
        seen=list(town.history.seen),
        logs={log: place.commits(log) for log in log_names(PARTITIONS)},
        receipt_key=place.keys.receipt,
        receipts=receipts,
        table=_table(place),
        rebuilt={source: rebuild_and_compare(place.settings, source=source).difference for source in SOURCES},
        pages=list(_pages(town)),
        behind=behind,
        said=dict(_said(stack, place.settings.data)),
        personal=frozenset(town.personal),
    )


def heads(place: Place) -> dict[str, int]:
    """The end of each log that has begun."""
    return {log: n for log in log_names(PARTITIONS) if (n := place.ledger.head(log))}


def _ask_voters(town: Town, client: httpx.Client) -> None:
    tokens = town.tokens(client, [f"crowd-{c}-{k}" for c in range(CROWDS) for k in range(VOTERS)])
    for voter, token in tokens.items():
        headers = {"Authorization": f"Bearer {token}", "Campaign-Time": str(next(town.moment))}
        shown = client.get(f"{API}/me/likes", headers=headers)
        shown.raise_for_status()
        town.history.note(ListSeen(voter, tuple(sorted(each["entry"] for each in shown.json()["likes"]))))


def _ask_tickets(town: Town, client: httpx.Client, rng: random.Random) -> None:
    known = {each.ticket for each in town.history.of(TicketSeen)}
    fresh = [each for each in town.history.of(LikeSeen) if each.ticket and each.ticket not in known]
    for order in rng.sample(fresh, min(TICKETS, len(fresh))):
        answers = tuple(_ticket(client, order.ticket) for _ in range(2))
        town.history.note(TicketSeen(order.voter, order.entry, order.ticket, answers))


def _ticket(client: httpx.Client, ticket: str) -> tuple[str, str]:
    told = client.get(f"{API}/likes/tickets/{ticket}").json()
    return told.get("code") or told["status"], told.get("receipt", "")


def _asked_receipts(town: Town, client: httpx.Client, rng: random.Random) -> dict[str, Mapping[str, Any] | None]:
    known = sorted({each.receipt for each in town.history.of(LikeSeen) if each.receipt})
    answers = {}
    for receipt in rng.sample(known, min(RECEIPTS, len(known))):
        told = client.get(f"{API}/receipts/{receipt}")
        answers[receipt] = told.json() if told.is_success else None
    return answers


def _table(place: Place) -> Any:
    kept = ProjectionStore(place.database).load(RankingProjection())
    return kept.cut, kept.canonical()


def _pages(town: Town) -> Iterator[Page]:
    ends = heads(town.place)
    at_least = ",".join(f"{log}:{n}" for log, n in ends.items())
    with town.client() as client, calling(town.place) as caller:
        told = caller.call("ranking", "views", roles=("voter",), at_least={"ranking": ends.get("ranking", 0)})
        for path, view in (("/campaign", "campaign"), ("/leaderboard", "board")):
            said = told["ok"]["views"][view]["data"]
            shown = client.get(f"{API}{path}", params={"at_least": at_least}).json()
            yield Page(path, {name: shown.get(name) for name in said}, said)


def _said(stack: Stack, data: Path) -> Iterator[tuple[str, str]]:
    """The logs of every process, those of stand-ins too, and what is scraped from those that run."""
    for log in (*sorted(stack.logs.glob("*.log*")), *sorted(data.glob("*.log"))):
        yield log.name, log.read_text(errors="replace")
    for row in (row for row in stack.rows() if row.pid):
        with urlopen(f"http://127.0.0.1:{row.metrics_port}/metrics", timeout=5) as page:
            yield f"metrics of {row.name}", page.read().decode()
