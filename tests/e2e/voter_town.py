"""A gateway on a real socket in front of real vote writers over a ledger in memory, with a phone's way through WeChat.

Promises: every like is decided, stored and answered by voting's own code; the likes of all days are read from the same
ledger. WeChat's authorisation page is a page beside the gateway that sends the browser back with a code, as the silent
one does. Does not promise the queues of the broker (`test_wechat_doors.py` has them).
"""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.backends.wechat_accounts import WeChatAccounts
from gateway.read_models.cache import Views
from services.moderation import campaign as rules
from services.moderation import events as desk
from services.voting import orders as wire
from services.voting import queries
from services.voting.voter_likes import VoterLikes, log_of
from services.voting.writer import VoteWriter
from shared.commit import Head, form
from shared.media.copies import RECIPE
from shared.settings import Settings
from shared.stamps import stamp
from shared.testing.memory_ledger import MemoryLedger
from tests.e2e.web_server import running_server
from tests.unit.gateway.town import CLOCK, DAY, ENTRIES, PICTURE, VIEWS, Town, board, campaign, entry_row
from tests.unit.gateway.voters.office import ACCOUNTS, Phones, identity
from tests.unit.voting import batches
from tests.unit.voting.stories import campaign as voting_campaign

PARTITIONS = 2
SHOWN = {
    **{entry: row for entry, row in ENTRIES.items() if row["number"]},
    **{f"m{k}-1": entry_row(f"A01{k}", "state", f"班组好做法之{k}", pictures=[PICTURE]) for k in range(1, 7)},
}


@dataclass
class VoterTown(Town):
    """Vote writers, their ledger, and a clock that the test moves. Other services answer as in the gateway's tests."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    now: int = CLOCK
    writer: VoteWriter | None = None
    key: bytes = b""
    url: str = ""
    app: Any = None
    phones: Phones = field(default_factory=Phones)
    away: bool = False
    lost: set[str] = field(default_factory=set)  # entries whose orders reach no writer

    def __post_init__(self) -> None:
        self.ids, self._ticks = itertools.count(), itertools.count()
        self.answers["voting", "likes_of_voter"] = self._likes_of_voter

    def wall(self) -> int:
        """Return the campaign's time: a millisecond later at each look, so that no two orders are at the same one."""
        return self.now + next(self._ticks)

    async def order(self, voter: str, entry: str, action: str, **more: Any) -> dict[str, Any]:
        if self.away or entry in self.lost:
            return {"status": "away"}
        row = {"id": f"o{next(self.ids)}", "voter": voter, "entry": entry, "do": action, "at": more["at"],
               "door": more["door"], "held": more.get("held"), "signals": "c1.x",
               "receipt": more.get("receipt")}  # fmt: skip
        await asyncio.sleep(0)
        assert self.writer is not None
        partition = int(log_of(voter, PARTITIONS).removeprefix("vote."))
        (answer,) = self.writer.decide(partition, wire.read_batch(batches.batch([row])))
        return answer

    def _likes_of_voter(self, call: dict[str, Any]) -> dict[str, Any]:
        likes = VoterLikes(self.ledger).of(call["body"]["voter"], PARTITIONS)
        return {"ok": {"likes": queries.own_likes(likes, lambda _address: None, self.key)}}

    def log(self, voter: str) -> str:
        """Return the name of a voter's log."""
        return log_of(voter, PARTITIONS)

    def move_to(self, at: int) -> None:
        """Move the clock to an instant, in ms since the epoch."""
        self.now = at


def opened_town(data: Path, *, open_url: str = "https://open.weixin.qq.com", has_wechat: bool = True) -> VoterTown:
    """Return the town of a campaign in like week with some entries, with its gateway, which is not served yet."""
    town = VoterTown()
    picture = data / "media" / "demo" / "public" / RECIPE / PICTURE[:2] / f"{PICTURE}.jpeg"
    picture.parent.mkdir(parents=True)
    Image.new("RGB", (640, 420), (166, 27, 27)).save(picture, "JPEG")
    settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo", "BAIJIA_WECHAT_OPEN": open_url})
    views = Views(wall=town.wall)
    shown = campaign(rehearsal=False, likes={**campaign()["likes"], "partitions": PARTITIONS})
    parts = {**VIEWS, "campaign": shown, "entries": {"entries": SHOWN}, "board": board({"u1-1": 7})}
    views.load({name: {"cut": {"moderation": 1}, "data": each} for name, each in parts.items()})
    accounts = WeChatAccounts(ACCOUNTS, town.phones, town.phones) if has_wechat else None
    town.app = create_app(settings, Ports(town, town, views, accounts), folded_logs=FOLDED_LOGS)
    town.key = town.app.state.app_context.keys.receipt
    town.writer = VoteWriter("demo", town.ledger, receipt_key=town.key)
    town.ledger.insert(form(Head("moderation"), _opened(shown), commands=[], stamp=stamp()))
    return town


@contextmanager
def voter_town(data: Path, *, has_wechat: bool = True) -> Iterator[VoterTown]:
    """Serve the town's gateway; yield the town."""
    codes = itertools.count()

    async def authorise(request: Request) -> Response:
        """Send the browser back with a code, as the silent authorisation does. The cookie `who` is the person."""
        code = f"c{next(codes)}"
        town.phones.codes[code] = identity(request.cookies.get("who", "o-ann"))
        query = request.query_params
        return RedirectResponse(f"{query['redirect_uri']}?code={code}&state={query['state']}", status_code=302)

    with running_server(Starlette(routes=[Route("/connect/oauth2/authorize", authorise)])) as open_url:
        town = opened_town(data, open_url=open_url, has_wechat=has_wechat)
        with running_server(town.app) as town.url:
            context = town.app.state.app_context
            context.settings = replace(context.settings, public_url=town.url)
            yield town


def _opened(shown: dict[str, Any]) -> tuple[object, ...]:
    window = shown["windows"]["likes"]
    read = voting_campaign().with_window("likes", rules.Window(window["start"], window["end"]))
    read = replace(read, likes=replace(read.likes, partitions=PARTITIONS))
    listed = tuple(desk.Listed(entry, row["number"], row["type"]) for entry, row in SHOWN.items())
    opened = desk.CampaignOpened(rules.to_data(read), rehearsal=False, now=CLOCK - DAY, by="o")
    return opened, desk.ShortlistConfirmed(listed, by="o", at=CLOCK - DAY)
