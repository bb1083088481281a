"""A fresh system without a campaign: submission, moderation and ranking in memory behind a gateway, for browsers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.read_models.cache import Views
from services.ranking.domain import RankingDecider
from services.ranking.service import RankingService
from shared.settings import Settings
from shared.stamps import stamp, wall_ms
from shared.writer import LogWriter
from tests.e2e.web_server import running_server
from tests.unit.gateway import town as gateway_town
from tests.unit.gateway.ownership import ForwardingTown
from tests.unit.ranking.memory_database import MemoryDatabase as TableDatabase
from tests.unit.submission import hosted

SERVICES = {"submission", "moderation", "ranking"}


class SetupTown(hosted.Town):
    """The services. `secret` issues the operator's one-time link."""

    def __init__(self, data: Path, *, public_url: str = "") -> None:
        super().__init__(data / "services", public_url=public_url)
        ranking: Any = RankingService()
        writer: LogWriter[Any] = LogWriter("ranking", RankingDecider(), stamp=stamp)
        ranking.log = hosted.MemoryLog(writer, self.ledger, data / "services", self.vault, public_url)
        ranking.log.database = TableDatabase()
        self._services["ranking"] = ranking
        self.folder = data

    def secret(self) -> str:
        return str(self.ok("issue_setup_secret", "operator", "operator")["secret"])

    @contextmanager
    def gateway(self) -> Iterator[tuple[str, Any]]:
        """Serve a gateway; yields its address and application. Once a campaign is open, `publish` shows it there."""
        port = ForwardingTown(SERVICES, self.forward, accounts=True)
        self.port, self.views = port, Views(wall=wall_ms)
        self.views.load({})  # as the projector answers before a campaign is open
        settings = Settings.read({"BAIJIA_DATA": str(self.folder), "BAIJIA_CAMPAIGN": "town"})
        app = create_app(settings, Ports(port, port, self.views), folded_logs=FOLDED_LOGS)
        with running_server(app) as address:
            yield address, app

    def publish(self) -> None:
        """Let the gateway see the campaign that is open, as the projector's views would."""
        shown = self.ok("campaign", wall=None)
        campaign = gateway_town.campaign(
            clock=shown["now"],
            rehearsal=True,
            windows=shown["windows"],
            unit_types=shown["unit_types"],
            themes=shown["themes"],
        )
        self.port.staff = {"olga": ["organiser"], "otto": ["organiser"]}
        views = {**gateway_town.VIEWS, "campaign": campaign, "entries": {"entries": {}}, "board": {}}
        self.views.load({name: {"cut": {"moderation": 1}, "data": each} for name, each in views.items()})
