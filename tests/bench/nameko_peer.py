"""The usual nameko way to take a like, as a fair reference: HTTP entrypoint, RPC to a service, insert, event.

    nameko run --config tests/bench/nameko_peer.yaml tests.bench.nameko_peer:HttpEndpoint one process
    nameko run --config tests/bench/nameko_peer.yaml tests.bench.nameko_peer:Votes        another

It does not have to care for limits, windows, like tickets and the order of events. It must check the same session,
allow one like for a voter, an entry and a day by a unique key, and insert it on disk before it answers.
"""

from typing import Any, ClassVar

from nameko.events import EventDispatcher
from nameko.extensions import DependencyProvider
from nameko.rpc import RpcProxy, rpc
from nameko.web.handlers import http
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError

from gateway.http.problems import Problem
from gateway.http.sessions import Sessions
from shared.keys import Keys
from shared.mongo_ledger import connect
from shared.settings import Settings

COLLECTION = "peer_likes"
DAY = "2021-06-07"


class Likes(DependencyProvider):
    """Provides the collection of likes to the service."""

    def setup(self) -> None:
        settings = Settings.read()
        database = connect(settings.mongo_uri)[settings.database]
        self.likes = database.get_collection(COLLECTION, write_concern=WriteConcern(w="majority", j=True))

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ARG002 -- nameko's signature
        return self.likes


class SessionReader(DependencyProvider):
    """Provides the session reader to the HTTP entrypoint."""

    def setup(self) -> None:
        settings = Settings.read()
        self.sessions = Sessions(Keys.of(settings.data, settings.campaign).session, settings.campaign)

    def get_dependency(self, worker_ctx: Any) -> Sessions:  # noqa: ARG002 -- nameko's signature
        return self.sessions


class Votes:
    """The service that stores likes."""

    name = "peer_votes"
    likes = Likes()
    dispatch = EventDispatcher()

    @rpc
    def like(self, voter: str, entry: str) -> str:
        like = {"_id": f"{voter}/{entry}/{DAY}", "voter": voter, "entry": entry, "day": DAY}
        try:
            self.likes.insert_one(like)
        except DuplicateKeyError:
            return "already"
        self.dispatch("liked", like)
        return "counted"


class HttpEndpoint:
    """The HTTP entrypoint that authenticates a voter and calls the service."""

    name = "peer_door"
    votes = RpcProxy("peer_votes")
    sessions = SessionReader()
    _headers: ClassVar[dict[str, str]] = {"Content-Type": "application/json"}

    @http("GET", "/ready")
    def ready(self, request: Any) -> str:  # noqa: ARG002 -- nameko's signature
        return "{}"

    @http("POST", "/api/v1/entries/<string:entry>/like")
    def like(self, request: Any, entry: str) -> Any:
        try:
            session = self.sessions.read(request.headers["Authorization"].removeprefix("Bearer "))
        except (KeyError, Problem):
            return 401, self._headers, "{}"
        answer = self.votes.like(session.sub, entry)
        return 200, self._headers, f'{{"status": "{answer}"}}'
