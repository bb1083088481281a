"""A campaign whose entries are liked and judged: moderation, ranking and voting in memory behind a gateway.

Promises: the services are the real ones, over one ledger in memory with the events of `stories.until_judged`, and the
views are ranking's; only sessions and the list of staff are invented. `at` is the campaign time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.read_models.cache import Views
from services.moderation.domain import ModerationDecider
from services.moderation.service import ModerationService
from services.ranking.domain import RankingDecider
from services.ranking.service import RankingService
from services.voting.followed_logs import OWN_LOG as CASES
from services.voting.links import PersonDecider
from services.voting.service import VotingService
from shared.commit import Head, form
from shared.settings import Settings
from shared.stamps import stamp, wall_ms
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.memory_vault import memory_vault
from shared.writer import LogWriter
from tests.e2e.staff_sign_in import signed_in
from tests.e2e.web_server import running_server
from tests.unit.gateway.ownership import ForwardingTown
from tests.unit.ranking import test_service
from tests.unit.ranking.memory_database import store_table
from tests.unit.ranking.stories import DAY, END, Story, until_judged
from tests.unit.submission import hosted

STAFF = {"o1": ["organiser"], "o2": ["organiser"], "ada": ["auditor"], "ops": ["operator"], "mo": ["moderator"],
         "j1": ["judge"]}  # fmt: skip
LOGS = ("moderation", "submission", "scoring", "ranking", "vote.cases", "vote.0", "vote.1")


class JudgedTown:
    """Moderation, ranking and voting's service over the events of a story."""

    def __init__(self, data: Path, story: Story | None = None, *, at: int = END + DAY) -> None:
        self.data, self.at, self.ledger, vault = data, at, MemoryLedger(), memory_vault()
        self._heads: dict[str, Head] = {}
        for log, batches in (story or until_judged()).items():
            for events in batches:
                self.append(log, *events)
        self.services: dict[str, Any] = {
            "moderation": ModerationService(), "ranking": RankingService(), "voting": VotingService(),
        }  # fmt: skip
        deciders = {"moderation": ModerationDecider(), "ranking": RankingDecider(), "voting": PersonDecider()}
        for name, decider in deciders.items():
            writer: LogWriter[Any] = LogWriter({"voting": CASES}.get(name, name), decider, stamp=stamp)
            log = hosted.MemoryLog(writer, self.ledger, data, vault, "https://like.example.cn")
            log.keys, log.database = test_service.KEYS, test_service.MemoryDatabase()
            self.services[name].log = log
        self._ids = iter(range(10**6))

    def append(self, log: str, *events: object) -> None:
        """Store a commit of a service that is not here."""
        head = self._heads.get(log, Head(log))
        document = form(head, events, commands=[], stamp=stamp())
        self.ledger.insert(document)
        self._heads[log] = head.after(document)

    def forward(self, service: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
        """Hand a call of a gateway to a service, which reads everything that was written before."""
        written = {log: self.ledger.head(log) for log in LOGS}
        self.services[service].log.group.catch_up(["moderation", "submission", "ranking"])
        if service == "ranking":
            store_table(self.services["ranking"].log)
        whole = {**call, "at": call["at"] or self.at, "at_least": written, "seen": {}}
        answer: dict[str, Any] = getattr(self.services[service], method)(whole)
        return answer

    def call(self, service: str, method: str, by: str = "o1", **body: Any) -> dict[str, Any]:
        """Return the answer of a service to a member of staff."""
        call = {"id": f"c{next(self._ids)}", "actor": by, "roles": STAFF[by], "at": self.at,
                "deadline": wall_ms() + 60_000, "body": body}  # fmt: skip
        return self.forward(service, method, call)

    def views(self) -> dict[str, Any]:
        """Return ranking's public views now."""
        found: dict[str, Any] = self.call("ranking", "views")["ok"]["views"]
        return found

    @contextmanager
    def gateway(self, *, targets: str = "") -> Iterator["Staff"]:
        """Serve a gateway over these services; yields what a browser needs. `targets` says where metrics are."""
        port = ForwardingTown(set(self.services), self.forward)
        port.staff = dict(STAFF)
        views = Views(wall=lambda: self.at)
        views.load(self.views())
        environment = {"BAIJIA_DATA": str(self.data), "BAIJIA_CAMPAIGN": "demo", "BAIJIA_METRICS_TARGETS": targets}
        settings = Settings.read(environment)
        app = create_app(settings, Ports(port, port, views), folded_logs=FOLDED_LOGS)
        with running_server(app) as address:
            yield Staff(address, app, self)


class Staff:
    """A running gateway, and cookies for the members of its staff."""

    def __init__(self, address: str, app: Any, town: JudgedTown) -> None:
        self.address, self.town, self._app = address, town, app.state.app_context

    def sign_in(self, browser: Browser, staff: str = "o1", **how: Any) -> BrowserContext:
        """Return a browser context in which this person is signed in, with a fresh proof of the password."""
        return signed_in(browser, self.address, self._app, staff, STAFF[staff], **how)
