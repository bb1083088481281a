"""All that a verdict rests on, as values: what clients saw, what is stored, what is shown.

`gathering.py` reads it; this is pure.
What is None was not asked, and the invariants that need it give no verdict.
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

Change = tuple[str, str, str, int]  # do, voter, entry, at: what makes an order the same one


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the gateway at the end of every log, and what ranking says."""

    path: str
    shown: Any
    said: Any


@dataclass(frozen=True, slots=True)
class Evidence:
    seen: Sequence[Seen]
    logs: Mapping[str, Sequence[Commit]]
    receipt_key: bytes
    receipts: Mapping[str, Mapping[str, Any] | None] | None = None  # what the gateway answered to some of them
    table: tuple[Cut, bytes] | None = None  # the stored one, canonical
    rebuilt: Mapping[str, str | None] | None = None  # source -> the first difference
    pages: Sequence[Page] | None = None
    behind: Mapping[str, int] | None = None  # what had not come to its end, and by how much, once all was waited for
    said: Mapping[str, str] | None = None  # logs and metrics, by process
    personal: frozenset[str] = frozenset()  # what must stand in none of them

    def of(self, kind: type[Any]) -> list[Any]:
        return [each for each in self.seen if isinstance(each, kind)]

    def recorded(self, log: str) -> list[RecordedEvent]:
        return [each for commit in self.logs.get(log, ()) for each in commit.recorded()]

    @property
    def vote_logs(self) -> list[str]:
        return [log for log in self.logs if log.startswith("vote.") and log != "vote.cases"]


@dataclass(frozen=True, slots=True)
class Case:
    """The evidence, with what the ledger says of likes."""

    evidence: Evidence
    live: bool
    campaign: Campaign
    windows: list[Window]  # of likes, in the order in which they were in force
    types: dict[str, str]
    logs: dict[str, list[RecordedEvent]]
    stored: Counter[Change]
    casts: dict[str, LikeCast]  # by address

    @staticmethod
    def of(evidence: Evidence) -> "Case":
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
            stored=Counter(filter(None, (change_of(each.event, live=live) for each in everything))),
            casts={each.address: each.event for each in everything if isinstance(each.event, LikeCast)},
        )

    def of_receipt(self, receipt: str) -> LikeCast | None:
        return self.casts.get(address_of(self.evidence.receipt_key, receipt) or "")


def change_of(event: Any, *, live: bool) -> Change | None:
    """What order an event comes from."""
    match event:
        case LikeCast():
            return "like", event.voter, event.entry, 0 if live else event.at
        case LikeRetracted():
            return "unlike", event.voter, event.entry, 0 if live else event.at
        case _:
            return None


def attempts(evidence: Evidence) -> dict[Change, list[LikeSeen]]:
    """The sendings of each order."""
    found: dict[Change, list[LikeSeen]] = defaultdict(list)
    for each in evidence.of(LikeSeen):
        found[each.do, each.voter, each.entry, each.at].append(each)
    return found
