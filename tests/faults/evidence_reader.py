"""Collects the evidence of a run after all work has stopped: from voters, tickets, receipts and pages of the gateway,
and from the ledger, the stored projection, logs and metrics.

Promises: it changes nothing, except that it asks for `my likes` and sends tickets again, and notes those answers
in the history. Receipts and tickets are a sample of those not asked before, drawn by the seed; everything else is
complete.
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx

from deploy.local.stack import Stack
from deploy.run import log_names
from gateway.http.position_tokens import PositionTokens
from services.ranking.read_model.projection import RankingProjection
from services.ranking.rebuild import SOURCES, rebuild_and_compare
from shared.projection import ProjectionStore
from tests.faults.evidence import Evidence, Page
from tests.faults.history import LikeSeen, ListSeen, TicketSeen
from tests.faults.load import API, CROWDS, VOTERS, Workload
from tests.integration.processes import rpc_caller
from tests.integration.temporary_campaign import PARTITIONS, Place

RECEIPTS, TICKETS = 60, 30  # the most that are asked at the gateway, each time


def gather_evidence(workload: Workload, stack: Stack, behind: Mapping[str, int]) -> Evidence:
    """Collect all evidence. `behind` names what had not reached the end of its log after the wait, and by how much."""
    place = workload.place
    rng = random.Random(f"{workload.seed} {len(workload.history.seen)}")
    with workload.client() as client:
        if not workload.live:
            _ask_voters(workload, client)
        _ask_tickets(workload, client, rng)
        receipts = _ask_receipts(workload, client, rng)
    return Evidence(
        seen=list(workload.history.seen),
        logs={log: place.commits(log) for log in log_names(PARTITIONS)},
        receipt_key=place.keys.receipt,
        receipts=receipts,
        table=_table(place),
        rebuilt={source: rebuild_and_compare(place.settings, source=source).difference for source in SOURCES},
        pages=list(_pages(workload)),
        behind=behind,
        output=dict(_output(stack, place.settings.data)),
        personal=frozenset(workload.personal),
    )


def heads(place: Place) -> dict[str, int]:
    """Return the last commit number of each log that is not empty."""
    return {log: n for log in log_names(PARTITIONS) if (n := place.ledger.head(log))}


def _ask_voters(workload: Workload, client: httpx.Client) -> None:
    """Ask for the current likes of every voter of the crowds, and note them in the history."""
    tokens = workload.tokens(client, [f"crowd-{c}-{k}" for c in range(CROWDS) for k in range(VOTERS)])
    for voter, token in tokens.items():
        headers = {"Authorization": f"Bearer {token}", "Campaign-Time": str(next(workload.moment))}
        shown = client.get(f"{API}/me/likes", headers=headers)
        shown.raise_for_status()
        workload.history.note(ListSeen(voter, tuple(sorted(each["entry"] for each in shown.json()["likes"]))))


def _ask_tickets(workload: Workload, client: httpx.Client, rng: random.Random) -> None:
    """Ask twice about a random sample of the tickets that were not asked about before, and note the answers."""
    known = {each.ticket for each in workload.history.of(TicketSeen)}
    fresh = [each for each in workload.history.of(LikeSeen) if each.ticket and each.ticket not in known]
    for order in rng.sample(fresh, min(TICKETS, len(fresh))):
        answers = tuple(_ticket(client, order.ticket) for _ in range(2))
        workload.history.note(TicketSeen(order.voter, order.entry, order.ticket, answers))


def _ticket(client: httpx.Client, ticket: str) -> tuple[str, str]:
    """Return the status or code of a ticket, and its receipt ("" if none)."""
    told = client.get(f"{API}/likes/tickets/{ticket}").json()
    return told.get("code") or told["status"], told.get("receipt", "")


def _ask_receipts(workload: Workload, client: httpx.Client, rng: random.Random) -> dict[str, Mapping[str, Any] | None]:
    """Return the gateway's answers to a random sample of receipts; None for a receipt that the gateway refuses."""
    known = sorted({each.receipt for each in workload.history.of(LikeSeen) if each.receipt})
    answers = {}
    for receipt in rng.sample(known, min(RECEIPTS, len(known))):
        told = client.get(f"{API}/receipts/{receipt}")
        answers[receipt] = told.json() if told.is_success else None
    return answers


def _table(place: Place) -> Any:
    """Return the cut and the canonical bytes of the stored ranking projection."""
    kept = ProjectionStore(place.database).load(RankingProjection())
    return kept.cut, kept.canonical()


def _pages(workload: Workload) -> Iterator[Page]:
    """Yield the campaign page and the leaderboard, each with the view that ranking publishes for it."""
    ends = heads(workload.place)
    tokens = PositionTokens(workload.place.keys.session)
    at_least = ",".join(tokens.make(log, n) for log, n in ends.items())
    with workload.client() as client, rpc_caller(workload.place) as caller:
        told = caller.call("ranking", "views", roles=("voter",), at_least={"ranking": ends.get("ranking", 0)})
        for path, view in (("/campaign", "campaign"), ("/leaderboard", "board")):
            said = told["ok"]["views"][view]["data"]
            shown = client.get(f"{API}{path}", params={"at_least": at_least}).json()
            yield Page(path, {name: shown.get(name) for name in said}, said)


def _output(stack: Stack, data: Path) -> Iterator[tuple[str, str]]:
    """Yield the log files of every process, including the faulty ones, and the metrics of each process that runs."""
    for log in (*sorted(stack.logs.glob("*.log*")), *sorted(data.glob("*.log"))):
        yield log.name, log.read_text(errors="replace")
    for row in (row for row in stack.statuses() if row.pid):
        with urlopen(f"http://127.0.0.1:{row.metrics_port}/metrics", timeout=5) as page:
            yield f"metrics of {row.name}", page.read().decode()
