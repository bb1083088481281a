"""Public views as plain data, which gateways cache and serve.

Promises: likes are published only through `Totals`, which enforces the embargo, so a number that is not public yet
appears in no view, nor does any order reveal it. Every view passes the table of `embargo.py`, field by field. An entry
that is disqualified, withdrawn or taken down appears in no view but a published result, and there without its title and
unit.
Does not promise freshness: a view is as new as the table that it was made from.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from services.moderation import campaign as rules
from services.ranking.calculation.final_ranking import format_score
from services.ranking.read_model.daily_totals import DAILY, LIVE, Daily, hidden_from, hides_likes
from services.ranking.read_model.ranking_input import lot_root
from services.ranking.read_model.table import (
    Entry,
    Named,
    Notice,
    Table,
    Version,
    Winner,
)
from services.ranking.views import embargo
from shared.places import with_places

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Totals:
    """The like totals that are public, by entry, as of `as_of` (campaign time, ms).

    If none are public, `counts` is None and `as_of` 0. `visibility` is the campaign's setting (`likes.totals`).
    `embargoed` says that they are hidden until the result is published.
    """

    visibility: str
    as_of: int
    counts: Mapping[str, int] | None
    embargoed: bool = False

    def of(self, entry: str) -> int | None:
        """Return an entry's public number of likes, or None under embargo."""
        return None if self.counts is None else self.counts.get(entry, 0)


def public_totals(table: Table, campaign: rules.Campaign, daily: Daily | None, *, now: int = 0) -> Totals:
    """Return the like totals that the campaign's settings make public at `now` (campaign time, ms).

    From the close of likes to publication these are none, unless the rules have no embargo. Otherwise, once no
    partition takes likes any more, they are all valid likes. `daily` are the totals of the last publishing time, if
    there are any.
    """
    visibility = campaign.likes.totals
    if hides_likes(table, now):
        return Totals(visibility, 0, None, embargoed=True)
    if table.all_closed or visibility == LIVE:
        return Totals(visibility, table.likes.latest, table.likes.valid())
    if visibility == DAILY and daily is not None:
        return Totals(visibility, daily.as_of, daily.likes)
    return Totals(visibility, 0, None)


def views(table: Table, cut: Mapping[str, int], daily: Daily | None, *, now: int = 0) -> dict[str, View]:
    """Return all public views by name (`campaign`, `entries`, `board`, `result` …), with closed fields left out.

    Return no views before the campaign opens. `cut` is the cut of the table, `daily` the daily like totals, `now` the
    campaign time in ms: without it the embargo on likes begins when the first partition closes, seconds later.
    """
    if table.campaign is None:
        return {}
    campaign = rules.from_data(table.campaign)
    totals = public_totals(table, campaign, daily, now=now)
    all_views = {
        "campaign": _campaign(table, campaign, moderation=cut.get("moderation", 0)),
        "page_theme": {**(table.theme or {}), "organiser": (table.theme or {}).get("organiser", campaign.organiser)},
        "entries": {"entries": _entries(table), "hidden": _hidden(table)},
        "board": _board(table, campaign, totals),
        "result": _result(table),
        "popularity": _popularity(table, campaign),
        "exhibition": _exhibition(table),
    }
    stages = open_stages(table, totals)
    return {name: embargo.open_fields(embargo.VIEWS[name], view, stages) for name, view in all_views.items()}


def open_stages(table: Table, totals: Totals) -> frozenset[str]:
    """Return the stages of the embargo (`embargo.STAGES`) that are open."""
    has_come = {
        embargo.ALWAYS: True,
        embargo.TOTALS: totals.counts is not None,
        embargo.PUBLISHED: table.published is not None,
        embargo.FINAL: table.is_final,
    }
    return frozenset(stage for stage, come in has_come.items() if come)


def _campaign(table: Table, campaign: rules.Campaign, *, moderation: int) -> View:
    windows = {name: campaign.window(name) for name in rules.PHASES}
    return {
        "id": campaign.id,
        "title_zh": campaign.title_zh,
        "title_en": campaign.title_en,
        "zone": campaign.zone,
        "rehearsal": table.rehearsal,
        "clock": table.clock if table.rehearsal else None,
        "windows": {name: {"start": window.start, "end": window.end} for name, window in windows.items()},
        "outages": [
            {"start": each.start, "end": each.end, "minutes": each.extension_ms // 60_000, "reason": each.reason}
            for each in table.outages
        ],
        "unit_types": [
            {"code": each.code, "zh": each.zh, "en": each.en, "quota": each.quota} for each in campaign.unit_types
        ],
        "themes": [{"code": each.code, "zh": each.zh, "en": each.en} for each in campaign.themes],
        "likes": {
            "per_day": campaign.likes.per_day,
            "per_type": campaign.likes.per_type,
            "partitions": campaign.likes.partitions,
            "order_time_limit_ms": campaign.likes.order_time_limit_s * 1000,
        },
        "entry": {
            "text_max_chars": campaign.entry.text_max_chars,
            "pictures_min": campaign.entry.pictures_min,
            "pictures_max": campaign.entry.pictures_max,
            "video_max_s": campaign.entry.video_max_s,
        },
        "popularity_list": campaign.popularity_list,
        "rules_hash": table.rule_hash,
        "polls_closed": list(table.polls_closed),
        "cohort_fixed": table.cohort is not None,
        "moderation": moderation,
    }


def _public(table: Table) -> list[tuple[str, Entry, Version]]:
    """Return the entries that may be seen, with the version that was approved."""
    public = ((entry, facts, facts.judged_version) for entry, facts in sorted(table.entries.items()) if facts.is_public)
    return [(entry, facts, version) for entry, facts, version in public if version is not None]


def _entries(table: Table) -> View:
    """Return the view of all public entries.

    `judged` says that the entry is in the cohort, and so in the ranking; if the cohort is the best by likes, it reveals
    likes.
    """
    cohort = frozenset(table.cohort or ())
    return {
        entry: {
            "number": facts.number,
            "type": facts.type,
            **asdict(facts.names(version)),
            "state": "approved" if facts.number is None else "shortlisted",
            "frozen": facts.frozen,
            "judged": entry in cohort,
            "themes": version.themes,
            "pictures": version.pictures,
            "video": version.video,
            "version": version.version,
            "at": facts.changed_at,
        }
        for entry, facts, version in _public(table)
    }


def _hidden(table: Table) -> View:
    """Return the entries that the public saw and may not see any more: why, the poster number, and the files."""
    return {
        entry: {
            "number": facts.number,
            "why": facts.reason_hidden,
            "files": [*version.pictures, *([version.video] if version.video else [])],
        }
        for entry, facts in sorted(table.entries.items())
        if facts.reason_hidden and (version := facts.judged_version) is not None
    }


def _listed(table: Table, totals: Totals) -> list[View]:
    """Return the shortlisted entries that may be seen, with their public likes."""
    return [
        {
            "entry": entry,
            "number": facts.number,
            "type": facts.type,
            **asdict(facts.names(version)),
            "likes": totals.of(entry),
        }
        for entry, facts, version in _public(table)
        if facts.number is not None
    ]


def _board(table: Table, campaign: rules.Campaign, totals: Totals) -> View:
    types: dict[str, list[View]] = {each.code: [] for each in campaign.unit_types}
    for row in _listed(table, totals):
        types[row["type"]].append(row)
    return {
        "as_of": totals.as_of,
        "visibility": totals.visibility,
        "embargoed": totals.embargoed,
        "hidden_from": hidden_from(table),
        "types": {code: with_places(rows, score="likes", then="number") for code, rows in types.items()},
    }


def _popularity(table: Table, campaign: rules.Campaign) -> View:
    """Return all entries by valid likes, from the publication of the result on, if the rules want such a list."""
    if not campaign.popularity_list or table.published is None:
        return {}
    totals = Totals(LIVE, table.likes.latest, table.likes.valid())
    return {"as_of": totals.as_of, "entries": with_places(_listed(table, totals), score="likes", then="number")}


def _result(table: Table) -> View:
    result = table.published
    if result is None:
        return {}
    return {
        "proposal": result.proposal,
        "digest": result.digest,
        "published": True,
        "is_final": table.is_final,
        "notice": asdict(table.notice or Notice(0, 0, "none")),
        "lot": _lot(table),
        "outdated": not all(_stands(table, each) for each in result.winners),
        "winners": [_winner(table, each) for each in result.winners],
    }


def _lot(table: Table) -> View:
    """Return the seed and root of the lot, in hex, once revealed: with these and an entry's id anybody can repeat the
    draw.
    """
    return {} if table.seed is None else {"seed": table.seed, "root": lot_root(table).hex()}


def _stands(table: Table, winner: Winner) -> bool:
    return table.entries.get(winner.entry, Entry()).is_competing


def _winner(table: Table, winner: Winner) -> View:
    facts = table.entries.get(winner.entry, Entry())
    version = facts.judged_version if facts.is_public else None
    named = Named("", "", "") if version is None else facts.names(version)
    published = named if table.published is None else table.published.names.get(winner.entry, named)
    is_renamed = version is not None and published.unit != named.unit
    return {
        "entry": winner.entry,
        "number": facts.number,
        "title": named.title,
        "unit": named.unit,
        "published_unit": published.unit if is_renamed else None,
        "type": winner.type,
        "place": winner.place,
        "overall": winner.overall,
        "final": format_score(Fraction(winner.final)),
        "disqualified": facts.disqualified,
    }


def _exhibition(table: Table) -> View:
    """Return the view of the exhibition; times are campaign time in ms.

    `at` is when it was opened; `changed` is when one of its entries last came, went or changed, or a result was
    published or became final.
    """
    exhibition = table.exhibition
    if exhibition is None:
        return {"open": False, "provisional": False, "at": 0, "final_at": 0, "changed": 0, "entries": []}
    exhibits = [(entry, table.entries.get(entry, Entry())) for entry in exhibition.entries]
    published_at = 0 if table.notice is None else table.notice.since
    return {
        "open": True,
        "provisional": not table.is_final,
        "at": exhibition.at,
        "final_at": table.final_at if table.is_final else 0,
        "changed": max([exhibition.at, published_at, table.final_at, *(facts.changed_at for _, facts in exhibits)]),
        "entries": [entry for entry, facts in exhibits if facts.is_public],
    }
