"""A fresh system without a campaign, for browsers: every service and the vote writers over one ledger in memory.

Promises: submission, moderation, scoring, ranking and voting are the real ones, and so are sessions, passwords and the
list of staff; ranking folds the public views from the same ledger after every call that wrote something. WeChat is the
simulator, over sockets. `tick` does what the clock's process does, and `send_letters` what its sender does.
Does not promise the engines: queues, streams and the database are not there.
"""

import asyncio
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx

from deploy.clock.loop import COMMANDS
from deploy.messages.file_channel import FileChannel
from deploy.messages.sender import Sender
from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.backends.ports import Answer, Call, LikeAnswer
from gateway.backends.wechat_accounts import WeChatAccounts
from gateway.backends.wechat_tokens import ServiceTokens
from gateway.read_models.cache import Views
from gateway.wechat import account
from gateway.wechat.calls import Caller
from gateway.wechat.client import WeChat
from services.ranking.domain import RankingDecider
from services.ranking.read_model.projection import RankingProjection
from services.ranking.service import RankingService
from services.ranking.views.public_views import views
from services.scoring.domain import ScoringDecider
from services.scoring.service import ScoringService
from services.voting import orders as wire
from services.voting.doubles import LikesOfPersons
from services.voting.handoffs import Handoffs
from services.voting.links import PersonDecider
from services.voting.service import VotingService
from services.voting.tokens import TokenSource
from services.voting.voter_likes import VoterLikes, log_of
from services.voting.wechat_tokens import WeChatTokens, accounts_of
from services.voting.writer import VoteWriter
from shared.ledger import read_commits
from shared.projection import Projector
from shared.session_store import EndedSessions
from shared.settings import Settings
from shared.stamps import stamp, wall_ms
from shared.writer import LogWriter
from tests.e2e.web_server import running_server
from tests.memory_documents import MemoryDatabase
from tests.unit.ranking.memory_database import MemoryDatabase as TableDatabase
from tests.unit.ranking.memory_database import store_table
from tests.unit.submission import hosted
from tests.unit.voting import batches
from tests.unit.voting.token_stores import MemoryTokenStore
from tests.wechat_sim.accounts import invent_accounts, to_toml
from tests.wechat_sim.app import app as simulator_app
from tests.wechat_sim.world import World

LOGS = ("moderation", "submission", "scoring", "ranking", "vote.cases")
CAMPAIGN = "town"


class TownPorts:
    """The ports of the gateway: calls to the services of a town, and orders to its vote writers."""

    def __init__(self, town: "CampaignTown") -> None:
        self._town, self._ids = town, itertools.count()

    async def call(self, service: str, method: str, call: Call) -> Answer:
        """Return the answer of a service."""
        return await asyncio.to_thread(self._town.forward, service, method, call)

    async def order(self, voter: str, entry: str, action: str, **more: Any) -> LikeAnswer:
        """Return the answer of a vote writer to a voter's order."""
        row = {"id": f"o{next(self._ids)}", "voter": voter, "entry": entry, "do": action, "at": more["at"],
               "door": more["door"], "held": more.get("held"), "signals": "c1.x",
               "receipt": more.get("receipt")}  # fmt: skip
        return await asyncio.to_thread(self._town.decide, voter, row)

    async def ticket(self, text: str) -> LikeAnswer | None:  # noqa: ARG002 -- the protocol's signature
        """Return nothing: no order of this town stays unanswered."""
        return None


class CampaignTown(hosted.Town):
    """The services. `secret` issues the operator's one-time link; `url` is the gateway's while it runs."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._writers_lock = threading.Lock()
        keys = data / "keys" / f"{CAMPAIGN}.json"  # the gateway has the keys of the services
        keys.parent.mkdir(parents=True, exist_ok=True)
        keys.write_text(json.dumps({name: value.hex() for name, value in asdict(hosted.KEYS).items()}))
        for name, log, service, decider in (
            ("scoring", "scoring", ScoringService(), ScoringDecider()),
            ("ranking", "ranking", RankingService(), RankingDecider()),
            ("voting", "vote.cases", VotingService(), PersonDecider()),
        ):
            writer: LogWriter[Any] = LogWriter(log, decider, stamp=stamp)  # type: ignore[arg-type]
            service.log = hosted.MemoryLog(writer, self.ledger, data, self.vault, "")  # type: ignore[attr-defined]
            self._services[name] = service
        self._services["ranking"].log.database = TableDatabase()
        self.writer = VoteWriter(CAMPAIGN, self.ledger, receipt_key=hosted.KEYS.receipt)
        self.cache = Views()
        self.cache.load({})  # as the projector answers before a campaign is open
        self.url, self.app, self.world = "", None, World(invent_accounts(seed=7))

    def secret(self) -> str:
        """Return the one-time secret that begins a set-up."""
        return str(self.ok("issue_setup_secret", "operator", "operator")["secret"])

    # Calls

    def forward(self, service: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
        """Hand a call of a gateway to a service, which reads everything that was written before."""
        logs = self._heads()
        written = {log: logs.get(log, 0) for log in FOLDED_LOGS.services[service].names if log in logs}
        answer: dict[str, Any] = getattr(self._services[service], method)({**call, "at_least": written, "seen": {}})
        if logs != self._heads():
            self.show()
        return answer

    def call_service(
        self, service: str, method: str, actor: str = "clock", role: str = "operator", /, **body: Any
    ) -> Answer:
        """Call a service in somebody's name, by default the clock's, and return its whole answer."""
        call = {"id": f"t{next(self._ids)}", "actor": actor, "roles": [role], "at": 0,
                "deadline": wall_ms() + 60_000, "body": body}  # fmt: skip
        return self.forward(service, method, call)

    def decide(self, voter: str, row: dict[str, Any]) -> LikeAnswer:
        """Decide a voter's order as a vote writer does that gets it from its queue, and return the answer."""
        with self._writers_lock:
            for log in ("moderation", "submission"):
                self.writer.follow(log)
            partition = int(log_of(voter, self.partitions).removeprefix("vote."))
            (answer,) = self.writer.decide(partition, wire.read_batch(batches.batch([row])))
        self.show()
        return dict(answer)

    # What other processes do

    @property
    def partitions(self) -> int:
        """The number of vote partitions; 0 before a campaign is open."""
        campaign = self.state_of("moderation").campaign
        return 0 if campaign is None else int(campaign.likes.partitions)

    @property
    def now(self) -> int:
        """The campaign's time, in ms."""
        return int(self.ok("campaign")["now"])

    def _heads(self) -> dict[str, int]:
        logs = [*LOGS, *(f"vote.{p}" for p in range(self.partitions_opened))]
        return {log: self.ledger.head(log) for log in logs}

    @property
    def partitions_opened(self) -> int:
        """The number of vote partitions, without reading anything new."""
        campaign = self._services["moderation"].log.state.campaign
        return 0 if campaign is None else int(campaign.likes.partitions)

    def show(self) -> None:
        """Let the gateway see the public views as of now, as the projector does."""
        if not self.partitions:
            return
        logs = self._heads()
        projector = Projector(RankingProjection())
        for log in logs:
            for commit in read_commits(self.ledger, log):
                projector.take_in(commit)
        store_table(self._services["ranking"].log)
        data = views(projector.table, logs, None, now=projector.table.clock)
        self.cache.load({name: {"version": 1, "cut": logs, "data": each} for name, each in data.items()})

    def move_to(self, at: int) -> None:
        """Move the rehearsal's clock, and do what is due then."""
        self.ok("move_clock", "olga", "organiser", now=at)
        self.tick()

    def start_of(self, window: str) -> int:
        """Return when a window begins as it stands now, in ms."""
        return int(self.ok("campaign")["windows"][window]["start"])

    def end_of(self, window: str) -> int:
        """Return when a window ends as it stands now, in ms."""
        return int(self.ok("campaign")["windows"][window]["end"])

    def tick(self) -> None:
        """Do what the clock's process and the vote writers do every few seconds."""
        with self._writers_lock:
            now = self.now
            self.writer.close_expired_polls(self.partitions, lambda _: now)
        for service, command in COMMANDS:
            self.call_service(service, command)
        self.show()
        if self.app is not None:
            self.app.state.app_context.desk_counts.clear()

    def send_letters(self) -> list[str]:
        """Send the letters that are approved as files, and return the names of the files."""
        folder = self.data / "mails"
        sender = Sender(
            lambda method, body: self.call_service("moderation", method, **body),
            {"email": FileChannel(folder, sender="office@example.cn")},
            campaign=CAMPAIGN,
        )
        sender.step()
        return sorted(each.name for each in folder.iterdir()) if folder.exists() else []

    # The gateway

    @contextmanager
    def running(self) -> Iterator["CampaignTown"]:
        """Serve the gateway and the simulator of WeChat; yields the town."""
        with ExitStack() as stack:
            wechat_url = stack.enter_context(running_server(simulator_app(self.world)))
            secrets = self.data / "wechat.toml"
            secrets.write_text(to_toml(self.world.accounts))
            database = MemoryDatabase()

            def access(name: str, stale: str) -> str:
                return tokens.token(f"{name}/access", stale=stale).token

            fetch = WeChatTokens(wechat_url, accounts_of(secrets), access=access)
            tokens = TokenSource(MemoryTokenStore(), fetch, me="one")
            self._services["voting"].stores = SimpleNamespace(
                handoffs=Handoffs(database), ended_sessions=EndedSessions(database),  # type: ignore[arg-type]
                persons=LikesOfPersons(self.ledger), voter_likes=VoterLikes(self.ledger), tokens=tokens,
            )  # fmt: skip
            settings = Settings.read(
                {"BAIJIA_DATA": str(self.data), "BAIJIA_CAMPAIGN": CAMPAIGN, "BAIJIA_WECHAT_OPEN": wechat_url}
            )
            accounts = account.read(secrets)
            # Without connections that stay open: nothing in the gateway's thread would close them at the end.
            limits = httpx.Limits(max_keepalive_connections=0)
            http = httpx.AsyncClient(base_url=wechat_url, timeout=None, limits=limits, trust_env=False)
            ports = TownPorts(self)
            gateway_tokens = ServiceTokens(ports, accounts)
            wechat = WeChatAccounts(accounts, WeChat(Caller(http), gateway_tokens), gateway_tokens)
            self.app = create_app(settings, Ports(ports, ports, self.cache, wechat), folded_logs=FOLDED_LOGS)
            self.url = stack.enter_context(running_server(self.app))
            context = self.app.state.app_context
            context.settings = replace(context.settings, public_url=self.url)
            for service in self._services.values():
                service.log.settings = replace(service.log.settings, public_url=self.url)
            yield self
