"""Like totals as the public sees them: when the embargo hides them, and what they are under the setting `daily`.

Daily totals are as of the newest publishing time, without later likes.

They are folded from the vote logs, and from moderation's for likes that a change set voided, up to the cut of that
instant (`as_of.py`), and stored beside the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.moderation.campaign import TOTALS, Campaign, from_data, instant
from services.moderation.events import LikesExcluded
from services.ranking.read_model.as_of import newest_cut
from services.ranking.read_model.like_counts import Likes
from services.ranking.read_model.projection import count, count_run
from services.ranking.read_model.table import Table
from services.voting import events as votes
from shared.commit import Run
from shared.ledger import Ledger
from shared.projection import ProjectionStore, Projector, advance

LIVE, DAILY, AFTER_END = TOTALS


@dataclass(frozen=True, slots=True)
class Daily:
    """The like totals of one publishing time: valid likes by entry, as of `as_of` (campaign time, ms)."""

    as_of: int
    likes: Mapping[str, int]


def newest_publishing_time(campaign: Campaign, now: int) -> int | None:
    """Return the last daily publishing time at or before `now`, in ms since the epoch, or None before the first
    publishing time of like week.
    """
    zone = ZoneInfo(campaign.zone)
    moment = datetime.fromtimestamp(now / 1000, zone)
    today = datetime.combine(moment.date(), time.fromisoformat(campaign.likes.totals_at), zone)
    newest = instant(today if today <= moment else today - timedelta(days=1))
    return newest if newest > campaign.window("likes").start else None


def hides_likes(table: Table, now: int) -> bool:
    """Return whether the embargo hides likes and places from the public at `now` (campaign time, ms).

    It does from the close of likes, by the clock or by the first partition that closes, until a result is published.
    """
    begins = hidden_from(table)
    return begins is not None and (bool(table.closed) or now >= begins)


def hidden_from(table: Table) -> int | None:
    """Return the instant (campaign time, ms) from which on the embargo hides likes and places.

    Return None if the rules have no embargo, and once a result is published.
    """
    if table.campaign is None or table.published is not None:
        return None
    campaign = from_data(table.campaign)
    return campaign.window("likes").end if campaign.likes.embargo else None


def public_instant(table: Table, now: int) -> int | None:
    """Return the instant (campaign time, ms) as of which the public may see like totals at `now`.

    Return None if totals are not published daily, if no partition takes likes any more, before the first publishing
    time, and while the embargo hides likes.
    """
    if table.campaign is None or table.all_closed or hides_likes(table, now):
        return None
    campaign = from_data(table.campaign)
    return newest_publishing_time(campaign, now) if campaign.likes.totals == DAILY else None


class LikesProjection:
    """Projection that folds likes alone to counts, for the daily totals, without likes that a change set voided."""

    name = "ranking-daily"
    version = 2

    def initial(self) -> Likes:
        return Likes()

    def apply(self, table: Likes, event: Any, address: str) -> None:
        if type(event).__module__ == votes.__name__:
            count(table, event, address)
        elif isinstance(event, LikesExcluded):
            table.exclude(event.entry, event.likes)

    def apply_run(self, table: Likes, run: Run, commit: str) -> bool:
        return count_run(table, run, commit)

    def dump(self, table: Likes) -> Any:
        return table.dump()

    def load(self, data: Any) -> Likes:
        return Likes.load(data)


class DailyTotals:
    """Computes the daily like totals. Once a day it reads the likes since the last publishing time from the ledger."""

    def __init__(self, ledger: Ledger, store: ProjectionStore) -> None:
        self._ledger, self._store = ledger, store
        self._projector: Projector[Likes] | None = None
        self._daily: Daily | None = None

    def at(self, moment: int | None) -> Daily | None:
        """Return the totals as of `moment` (campaign time, ms), or None if it is None or no recorded cut is that old.

        Raises Unreachable, FollowerStopped.
        """
        if moment is None:
            return None
        if self._daily is not None and self._daily.as_of == moment:
            return self._daily
        taken = newest_cut(self._ledger, at=moment)
        if taken is None:
            return None
        if self._projector is None:
            self._projector = self._store.load(LikesProjection())
        needed = {log: n for log, n in taken.cut.items() if log.startswith("vote.") or log == "moderation"}
        if not all(self._projector.cut[log] <= n for log, n in needed.items()):
            self._projector = Projector(LikesProjection())  # the stored one is of a later instant
        advance(self._projector, self._ledger, needed)
        self._store.keep(self._projector)
        self._daily = Daily(moment, self._projector.table.valid())
        return self._daily
