"""A gateway on a real socket in front of the real submission and moderation services, over a ledger in memory.

Promises: everything that a unit or moderator sends is decided by the services' own code, and what a page shows of it is
what they answer; the public views are folded by ranking from the same ledger. Files are stored in a folder and read by
the limited child processes of the product.
Does not promise the engines: queues, streams and the database are not there (`test_unit_journey.py` has them).
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.backends.ports import Answer, Call
from gateway.read_models.cache import Views
from services.ranking.read_model.projection import RankingProjection
from services.ranking.views.public_views import views
from shared.ledger import read_commits
from shared.projection import Projector
from shared.settings import Settings
from tests.e2e.web_server import running_server
from tests.files import CAMPAIGN_FILE
from tests.unit.gateway.town import Town as OtherServices
from tests.unit.submission import hosted
from tests.unit.submission.conftest import ROLL

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2021, 5, 26, 18, 30, tzinfo=ZONE)  # two days and some hours before the submission window ends
CODES = {"U1": "k3mwp82q", "U2": "v7tnx45r"}
HOSTED = frozenset({"submission", "moderation"})


@dataclass(slots=True)
class HostedGateway:
    """The services, the views, and the URL of the gateway in front of them."""

    town: hosted.Town
    cache: Views
    app: Any = None
    url: str = ""
    others: OtherServices = field(default_factory=OtherServices)

    async def call(self, service: str, method: str, call: Call) -> Answer:
        """Hand a call to the service that it names; those that are not hosted answer as in the gateway's tests."""
        if service not in HOSTED:
            return await self.others.call(service, method, call)
        return await asyncio.to_thread(self.town.forward, service, method, call)

    def show(self) -> None:
        """Let the gateway see the public views as of now."""
        projector = Projector(RankingProjection())
        for log in hosted.LOGS:
            for commit in read_commits(self.town.ledger, log):
                projector.take_in(commit)
        cut = {log: self.town.ledger.head(log) for log in hosted.LOGS}
        clock = projector.table.clock
        data = views(projector.table, cut, None, now=clock)
        self.cache.load({name: {"version": 1, "cut": cut, "data": each} for name, each in data.items()})

    def set_clock(self, at: datetime) -> None:
        """Move the campaign's clock."""
        self.town.ok("move_clock", "olga", "organiser", now=int(at.timestamp() * 1000))
        self.show()

    def store(self, unit: str, name: str, data: bytes) -> str:
        """Store an uploaded file as the gateway does, have it inspected, and return its SHA-256."""
        return self.town.store(unit, name, data)

    def moderate(self, method: str, **body: Any) -> None:
        """Have a moderator decide, and show what the public sees then."""
        self.town.ok(method, "mo", "moderator", **body)
        self.show()


@contextmanager
def hosted_gateway(data: Path, *, at: datetime = MORNING) -> Iterator[HostedGateway]:
    """Serve a rehearsal with a roll of three units, inside its submission window; yield it."""
    town = hosted.Town(data)
    town.open(CAMPAIGN_FILE.read_text())
    town.import_roll(ROLL)
    cache = Views()
    gateway = HostedGateway(town, cache)
    gateway.set_clock(at)
    settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "town"})
    gateway.app = create_app(settings, Ports(gateway, gateway.others, cache), folded_logs=FOLDED_LOGS)
    with running_server(gateway.app) as url:
        gateway.url = url
        yield gateway
