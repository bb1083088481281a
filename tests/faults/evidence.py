"""Everything that a verdict is based on, as plain values: what clients saw, what is stored and what is displayed.

`evidence_reader.py` collects it; this module is pure. A field that is None was not collected, and the invariants that
need it give no verdict.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.moderation.campaign import Campaign, Window, from_data
from services.moderation.events import CampaignOpened, ShortlistConfirmed, WindowMoved
from services.voting.events import LikeCast, LikeRetracted
from services.voting.receipts import address_of
from shared.commit import Commit, RecordedEvent
from shared.cut import Cut
from tests.faults.history import LikeSeen, Seen

OrderKey = tuple[str, str, str, int]  # action, voter, entry, time: two orders with equal values are the same order


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the gateway after every log was read to its end, beside the view that ranking publishes for it."""

    path: str
    shown: Any
    published: Any


@dataclass(frozen=True, slots=True)
class Evidence:
    """All evidence of one run. `seen` is in the order in which the clients noted it."""

    seen: Sequence[Seen]
    logs: Mapping[str, Sequence[Commit]]
    receipt_key: bytes
    receipts: Mapping[str, Mapping[str, Any] | None] | None = None  # the gateway's answers to a sample of receipts
    table: tuple[Cut, bytes] | None = None  # the cut and canonical bytes of the stored projection
    rebuilt: Mapping[str, str | None] | None = None  # source → first difference, None if equal
    pages: Sequence[Page] | None = None
    # what had not reached the end of its log after the wait, and by how many commits
    behind: Mapping[str, int] | None = None
    output: Mapping[str, str] | None = None  # logs and metrics, by process
    personal: frozenset[str] = frozenset()  # strings that must not occur in `output`

    def of(self, kind: type[Any]) -> list[Any]:
        """Return what was seen of one kind, in order."""
        return [each for each in self.seen if isinstance(each, kind)]

    def recorded(self, log: str) -> list[RecordedEvent]:
        """Return the events of a log with their addresses."""
        return [each for commit in self.logs.get(log, ()) for each in commit.recorded()]

    @property
    def vote_logs(self) -> list[str]:
        """The names of the partitions' logs."""
        return [log for log in self.logs if log.startswith("vote.") and log != "vote.cases"]


@dataclass(frozen=True, slots=True)
class Case:
    """The evidence together with the likes that are read from the ledger; built once for all invariants."""

    evidence: Evidence
    live: bool
    campaign: Campaign
    windows: list[Window]  # likes windows, in the order in which they were in force
    types: dict[str, str]
    logs: dict[str, list[RecordedEvent]]
    stored: Counter[OrderKey]
    casts: dict[str, LikeCast]  # by address

    @staticmethod
    def of(evidence: Evidence) -> "Case":
        """Read the campaign, its windows and all stored likes from the evidence."""
        desk = [each.event for each in evidence.recorded("moderation")]
        opened = next(each for each in desk if isinstance(each, CampaignOpened))
        campaign = from_data(opened.campaign)
        moves = [each for each in desk if isinstance(each, WindowMoved) and each.window == "likes"]
        lists = [each for each in desk if isinstance(each, ShortlistConfirmed)]
        logs = {log: evidence.recorded(log) for log in evidence.vote_logs}
        everything = [each for log in logs.values() for each in log]
        live = not opened.rehearsal
        return Case(
            evidence=evidence,
            live=live,
            campaign=campaign,
            windows=[campaign.window("likes"), *(Window(each.start, each.end) for each in moves)],
            types={listed.entry: listed.type for each in lists for listed in each.entries},
            logs=logs,
            stored=Counter(filter(None, (order_key(each.event, live=live) for each in everything))),
            casts={each.address: each.event for each in everything if isinstance(each.event, LikeCast)},
        )

    def like_of_receipt(self, receipt: str) -> LikeCast | None:
        """Return the like that a receipt names, or None if the ledger has no such like."""
        return self.casts.get(address_of(self.evidence.receipt_key, receipt) or "")


def order_key(event: Any, *, live: bool) -> OrderKey | None:
    """Return the order that an event comes from, or None if the event is neither a like nor an unlike."""
    match event:
        case LikeCast():
            return "like", event.voter, event.entry, 0 if live else event.at
        case LikeRetracted():
            return "unlike", event.voter, event.entry, 0 if live else event.at
        case _:
            return None


def attempts(evidence: Evidence) -> dict[OrderKey, list[LikeSeen]]:
    """Return, for each order, every time it was sent, in sequence."""
    found: dict[OrderKey, list[LikeSeen]] = defaultdict(list)
    for each in evidence.of(LikeSeen):
        found[each.do, each.voter, each.entry, each.at].append(each)
    return found
