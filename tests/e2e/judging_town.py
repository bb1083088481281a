"""A campaign while judging runs: submission, moderation and scoring in memory behind a gateway, for browsers.

Promises: the services are the real ones, over one ledger in memory. What the two missing services would have written,
the numbers of the shortlist and the entries to judge, the town states.
"""

from pathlib import Path
from typing import Any

from gateway.backends.ports import ServiceAway
from services.ranking.events import CohortFixed
from services.scoring import declaration
from services.scoring.domain import ScoringDecider
from services.scoring.service import ScoringService
from shared.commit import Head, form
from shared.stamps import stamp
from shared.writer import LogWriter
from tests.e2e.desk_town import CITIES, HOUR, STAFF, DeskTown
from tests.unit.gateway import town as gateway_town
from tests.unit.submission import hosted

JUDGES = {"ju": ["judge"], "ki": ["judge"], "lo": ["judge"]}
MARKS = {"content": 88, "form": 75, "quality": 80}


class JudgingServices(hosted.Town):
    """Submission, moderation and scoring, called as the gateway calls them."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        service = ScoringService()
        writer: LogWriter[Any] = LogWriter("scoring", ScoringDecider(), stamp=stamp)
        service.log = hosted.MemoryLog(writer, self.ledger, data, self.vault, "https://like.example.cn")  # type: ignore[assignment]
        self._services["scoring"] = service
        self.is_away = False  # whether no call of a gateway arrives

    def forward(self, service: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
        if self.is_away:
            raise ServiceAway
        return super().forward(service, method, call)


class JudgingTown(DeskTown):
    """A campaign in the middle of judging. Every judge reads every entry; with `independent` all have declared it."""

    judges = JUDGES
    staff = STAFF | JUDGES
    services = frozenset({"submission", "moderation", "scoring"})
    make_services = JudgingServices

    def __init__(self, data: Path, count: int = 6, *, independent: bool = True, assigned: bool = True) -> None:
        super().__init__(data, count)
        for entry in self.entries:
            self.town.ok("approve", "mo", "moderator", entry=entry, version=1)
        self.town.ledger.insert(
            form(
                Head("ranking"), [CohortFixed({"vote.0": 1}, tuple(self.entries), self.now)], commands=[], stamp=stamp()
            )
        )
        self.now = int(self.town.ok("campaign", wall=self.now)["windows"]["judging"]["start"]) + HOUR
        for judge in self.judges:
            appointed = {"judge": judge, "name": f"专家{judge}", "employer": "省社科院", "city": "石家庄"}
            self.scoring("appoint_judge", "olga", "organiser", **appointed, conflicts=[])
            if independent:
                self.scoring("declare_independence", judge, words=declaration.WORDS)
        if assigned:
            self.scoring("assign", "olga", "organiser")

    def scoring(self, method: str, actor: str, role: str = "judge", **body: Any) -> dict[str, Any]:
        """Call scoring in somebody's name in the middle of judging, which must succeed."""
        return self.town.ok(f"scoring.{method}", actor, role, at=body.pop("at", self.now), **body)

    def sheet(self, judge: str = "ju") -> dict[str, Any]:
        return self.scoring("my_assignments", judge)

    def filled(self, entry: str, judge: str = "ju") -> dict[str, Any]:
        return self.scoring("filled_in", judge, entry=entry)

    def marks_given(self) -> list[tuple[str, str, str]]:
        """Return the type, the judge and the entry of each event of a mark that counts, in their order."""
        marks = ("ScoreGiven", "ScoreRevised")
        return [
            (type(event).__name__, event.judge, event.entry)
            for commit in self.town.ledger.read("scoring", 0)
            for event in commit.events()
            if type(event).__name__ in marks
        ]

    def views(self, *, is_live: bool = False) -> dict[str, Any]:
        shown = super().views(is_live=is_live)
        rows = {
            entry: gateway_town.entry_row(
                f"A{k:03}",
                "state",
                self.version(k - 1).title,
                unit=f"{CITIES[(k - 1) % 4]}第{k}机床厂工会",
                pictures=self.pictures,
            )
            for k, entry in enumerate(self.entries, start=1)
        }
        return {
            **shown,
            "entries": {"entries": rows},
            "campaign": {**shown["campaign"], "clock": self.now, "cohort_fixed": True},
        }


class PanelTown(JudgingTown):
    """Judging with two judges more than an entry needs, and third readings; nothing is assigned unless asked for."""

    judges = JUDGES | {"mu": ["judge"], "no": ["judge"]}
    staff = STAFF | judges

    def __init__(self, data: Path, count: int = 6, **how: Any) -> None:
        super().__init__(data, count, **how)
        kinds = {"state": "国有", "private": "非公", "other": "其它"}
        rows = [
            f"{each.unit},{each.unit_name},grassroots,{kinds[each.type]},{each.city},第{k}机床厂,"
            for k, each in enumerate((self.version(k) for k in range(count)), start=1)
        ]
        self.town.import_roll("代码,名称,级别,类型,城市,用人单位,访问码\n" + "\n".join(rows) + "\n")

    def campaign_text(self) -> str:
        text = super().campaign_text()
        assert "min_marks = 3\n" in text
        return text.replace("min_marks = 3\n", "min_marks = 3\nthird_reading = 15\n")

    def mark(self, judge: str, entry: str, *, at: int = 0, **points: int) -> None:
        """Let a judge give a mark."""
        self.scoring("give_score", judge, entry=entry, marks={**MARKS, **points}, at=at or self.now)

    def assigned_to(self, judge: str) -> list[str]:
        """Return the entries that a judge is to mark or has marked, in the judge's own order."""
        return [each["entry"] for each in self.sheet(judge)["entries"]]
