"""A whole campaign behind a gateway for browsers: four services over one ledger in memory.

Promises: submission, moderation, scoring and ranking are the real ones: their own code decides each call, and ranking
folds the public views from the same ledger after every call that wrote something. Only hand-ins and the closing of the
polls are written as events, since nobody uploads files or likes here; sessions are invented, so that a test signs in by
a cookie. The campaign is the tests' second one: three judges, no likes, eight seats.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.read_models.cache import Views
from services.moderation.campaign_file.check import check
from services.ranking.domain import RankingDecider
from services.ranking.read_model.projection import RankingProjection
from services.ranking.service import RankingService
from services.ranking.views.public_views import views
from services.scoring.domain import ScoringDecider
from services.scoring.service import ScoringService
from services.submission.events import EntrySubmitted
from services.voting.events import PollClosed
from shared.commit import Head, form
from shared.ledger import read_commits
from shared.projection import Projector
from shared.settings import Settings
from shared.stamps import stamp, wall_ms
from shared.writer import LogWriter
from tests.e2e.staff_sign_in import signed_in
from tests.e2e.web_server import running_server
from tests.files import ROOT
from tests.unit.gateway.ownership import ForwardingTown
from tests.unit.gateway.town import Answer
from tests.unit.ranking.memory_database import MemoryDatabase as TableDatabase
from tests.unit.ranking.memory_database import store_table
from tests.unit.submission import hosted

FILE = ROOT / "tests" / "campaigns" / "second.toml"
LOGS = ("moderation", "submission", "scoring", "ranking", "vote.0", "vote.cases")
STAFF = {
    "olga": ["organiser"],
    "otto": ["organiser"],
    "mo": ["moderator"],
    "ada": ["auditor"],
    "ann": ["judge"],
    "bo": ["judge"],
    "cai": ["judge"],
}
JUDGES = ("ann", "bo", "cai")
HOSTED = {"submission", "moderation", "scoring", "ranking"}
UNITS = (*(("制造", k) for k in range(1, 7)), *(("交通", k) for k in range(7, 10)), ("科研", 10))
CODES = {"制造": "manufacture", "交通": "transport", "科研": "research"}
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class WholeTown:
    """The services with a campaign that has come as far as the last of `hand_in`, `shortlist` … that was called."""

    def __init__(self, data: Path) -> None:
        self.data, self._ids = data, itertools.count()
        self.town = hosted.Town(data / "services")
        self.ledger = self.town.ledger
        self.services: dict[str, Any] = {}
        for name, service, decider in (
            ("scoring", ScoringService(), ScoringDecider()),
            ("ranking", RankingService(), RankingDecider()),
        ):
            writer: LogWriter[Any] = LogWriter(name, decider, stamp=stamp)
            log = hosted.MemoryLog(writer, self.ledger, data, self.town.vault, "https://like.example.cn")
            service.log = log  # type: ignore[attr-defined]
            self.services[name] = service
        self.services["ranking"].log.database = TableDatabase()
        campaign, problems = check(FILE.read_text())
        assert campaign is not None, problems
        self.campaign = campaign
        self.entries = [f"U{k:02}-1" for _, k in UNITS]
        self.town.open(FILE.read_text(), now=campaign.window("submission").start - DAY)
        for staff in ("mo", "ada", *JUDGES):
            self.town.appoint(staff, staff.title(), *STAFF[staff])
        rows = [f"U{k:02},{kind}第{k}厂工会,workshop,{kind},城市{k},第{k}厂," for kind, k in UNITS]
        self.town.import_roll("代码,名称,级别,类型,城市,用人单位,访问码\n" + "\n".join(rows) + "\n")

    # Calls

    def forward(self, service: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
        """Hand a call of a gateway to a service, which reads everything that was written before."""
        if service in hosted.LOGS:
            return self.town.forward(service, method, call)
        written = {log: self.ledger.head(log) for log in FOLDED_LOGS.services[service].names if log in LOGS}
        if service == "ranking":
            store_table(self.services["ranking"].log)
        answer: dict[str, Any] = getattr(self.services[service], method)({**call, "at_least": written, "seen": {}})
        return answer

    def ok(
        self, service: str, method: str, actor: str = "olga", role: str = "organiser", /, *, at: int = 0, **body: Any
    ) -> dict[str, Any]:
        """Call a service in somebody's name at a campaign time, now by default, and return what it answers."""
        call = {
            "id": f"w{next(self._ids)}.d",
            "actor": actor,
            "roles": [role],
            "at": at or self.now,
            "deadline": wall_ms() + 60_000,
            "body": body,
        }
        answer = self.forward(service, method, call)
        assert "ok" in answer, (method, answer)
        found: dict[str, Any] = answer["ok"]
        return found

    def append(self, log: str, *events: object) -> None:
        """Write a commit into a log, behind what its service wrote."""
        head = Head(log)
        for commit in read_commits(self.ledger, log):
            head = head.after(commit.document)
        self.ledger.insert(form(head, list(events), commands=[], stamp=stamp()))

    @property
    def now(self) -> int:
        """The campaign's time."""
        return int(self.town.ok("campaign")["now"])

    def set_clock(self, at: int) -> None:
        """Move the rehearsal's clock."""
        self.town.ok("move_clock", "olga", "organiser", now=at)

    def start_of(self, window: str) -> int:
        """Return when a window begins as it stands now, in ms."""
        return int(self.town.ok("campaign")["windows"][window]["start"])

    # How far the campaign has come

    def hand_in(self) -> None:
        """Let every unit hand in an entry inside the window, none of which is decided."""
        start = self.start_of("submission")
        self.set_clock(start + DAY)
        self.append("submission", *[self._entry(kind, k, start + k * MINUTE) for kind, k in UNITS])

    def _entry(self, kind: str, k: int, at: int) -> EntrySubmitted:
        return EntrySubmitted(
            entry=f"U{k:02}-1", version=1, unit=f"U{k:02}", type=CODES[kind], title=f"创新工作室第{k}号成果",
            profile="一家老厂。", text="我们把废热变成了热水。", themes=("process",), h5=None, files=(),
            late_pass=None, at=at, unit_name=f"{kind}第{k}厂工会", city=f"城市{k}",
        )  # fmt: skip

    def approve(self) -> None:
        """Approve every entry, lock the rules, and stand in the hour before like week."""
        for entry in self.entries:
            self.ok("moderation", "approve", "mo", "moderator", entry=entry, version=1)
        self.set_clock(self.start_of("likes") - HOUR)
        self.ok("moderation", "lock_rules", rule_hash=self.town.ok("campaign")["rule_hash"])

    def shortlist(self) -> None:
        """Confirm the shortlist as the rule proposes it."""
        proposed = self.ok("moderation", "propose_shortlist")["entries"]
        self.ok("moderation", "confirm_shortlist", entries=[each["entry"] for each in proposed])

    def close_polls(self) -> None:
        """Close the polls and fix the entries to be judged, when judging has begun."""
        self.set_clock(self.start_of("judging") + HOUR)
        self.append("vote.0", PollClosed(0, self.now))
        self.ok("ranking", "fix_cohort")

    def assign(self) -> None:
        """Appoint the judges and assign the entries."""
        for judge in JUDGES:
            self.ok("scoring", "appoint_judge", judge=judge, name=judge.title(), employer="研究院", city="外地")
        self.ok("scoring", "assign")

    def judge(self, *judges: str) -> None:
        """Let these judges, or all, mark everything."""
        for j, judge in enumerate(JUDGES):
            if judge in (judges or JUDGES):
                words = self.ok("scoring", "my_assignments", judge, "judge")["independence"]["words"]
                self.ok("scoring", "declare_independence", judge, "judge", words=words)
            for entry in self.entries if judge in (judges or JUDGES) else ():
                k = self.entries.index(entry)
                marks = {"impact": 60 + 3 * k + j, "novelty": 70 + j * (k % 3), "spread": 65 + k}
                self.ok("scoring", "give_score", judge, "judge", entry=entry, marks=marks)

    def until_judged(self) -> "WholeTown":
        """Play until every mark is given and judging is over."""
        self.hand_in()
        self.approve()
        self.shortlist()
        self.close_polls()
        self.assign()
        self.judge()
        self.set_clock(self.start_of("exhibition") + HOUR)
        return self

    def publish(self) -> str:
        """Propose, sign and publish the result; return the number of the proposal."""
        proposed = self.ok("ranking", "propose_result")
        for by in ("olga", "otto"):
            self.ok("ranking", "sign_result", by, proposal=proposed["proposal"], digest=proposed["digest"])
        self.ok("ranking", "publish_result", proposal=proposed["proposal"])
        return str(proposed["proposal"])

    # The gateway

    def views(self) -> dict[str, Any]:
        """Return all public views of the ledger as it is now."""
        projector = Projector(RankingProjection())
        for log in LOGS:
            for commit in read_commits(self.ledger, log):
                projector.take_in(commit)
        cut = {log: self.ledger.head(log) for log in LOGS}
        data = views(projector.table, cut, None, now=projector.table.clock)
        return {name: {"version": 1, "cut": cut, "data": each} for name, each in data.items()}

    @contextmanager
    def gateway(self) -> Iterator["WholeDesk"]:
        """Serve a gateway over these services; yields what a browser needs."""
        cache = Views()

        def reply(service: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
            before = {log: self.ledger.head(log) for log in LOGS}
            answer = self.forward(service, method, call)
            if before != {log: self.ledger.head(log) for log in LOGS}:
                cache.load(self.views())
            return answer

        port = RealStaff(HOSTED, reply)
        cache.load(self.views())
        settings = Settings.read({"BAIJIA_DATA": str(self.data), "BAIJIA_CAMPAIGN": "town"})
        app = create_app(settings, Ports(port, port, cache), folded_logs=FOLDED_LOGS)
        with running_server(app) as address:
            yield WholeDesk(address, app, self, cache)


class RealStaff(ForwardingTown):
    """Services that answer who holds which office themselves; only sessions are invented."""

    def __init__(self, services: set[str], reply: Callable[[str, str, dict[str, Any]], Answer]) -> None:
        super().__init__(services, reply)
        self._invented = {"use_session"}


class WholeDesk:
    """A running gateway, and cookies for the members of its staff."""

    def __init__(self, address: str, app: Any, town: WholeTown, cache: Views) -> None:
        self.address, self.town, self._cache = address, town, cache
        self._app = app.state.app_context

    def show(self) -> None:
        """Let the gateway see what was done behind its back."""
        self._cache.load(self.town.views())
        self._app.desk_counts.clear()

    def sign_in(self, browser: Browser, staff: str = "olga", **how: Any) -> BrowserContext:
        """Return a browser context in which this person is signed in; Chinese unless `how` says otherwise.

        Pages ask for no password again, as in the minutes after it was given.
        """
        return signed_in(browser, self.address, self._app, staff, STAFF[staff], **how)
