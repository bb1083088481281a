"""A campaign with entries that wait for review: submission and moderation in memory behind a gateway, for browsers.

Promises: the services are the real ones, over one ledger in memory; only sessions and the list of staff are invented,
so that a test signs in by a cookie. Pictures exist as copies for the public.
"""

import hashlib
import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.backends.wechat_accounts import WeChatAccounts
from gateway.read_models.cache import Views
from gateway.routing.route import UNIT
from services.submission.events import EntrySubmitted, File
from shared.commit import Head, form
from shared.media.copies import RECIPE
from shared.settings import Settings
from shared.stamps import stamp
from tests.e2e.staff_sign_in import signed_in
from tests.e2e.web_server import running_server
from tests.files import CAMPAIGN_FILE
from tests.unit.gateway import town as gateway_town
from tests.unit.gateway.ownership import ForwardingTown
from tests.unit.submission import hosted

HOUR = 3_600_000
STAFF = {"mo": ["moderator"], "wei": ["moderator"], "olga": ["organiser"], "ada": ["auditor"]}
TITLES = ("把家安在车间里", "夜班食堂的灯", "司机之家", "一封家书", "技能夜校十年", "港口上的读书角")
CITIES = ("石家庄", "唐山", "保定", "邯郸")
TYPES = ("state", "private", "other")
TEXT = (
    "我们厂的职工之家建在车间旁边，推门就是机器的声音。\n"
    "十年来，工会把二百平方米的旧仓库改成了读书角、理发室和托管班，夜班的工友下班就能喝上热汤。\n"
    "去年，职工之家被评为市级模范，全国第一家把托管班开到夜里十点的也是我们。"
)


class DeskTown:
    """The services with a campaign, and the gateway's data folder. `entries` are ids, in the order of the queue.

    A subclass may have other members of `staff`, and more services behind its gateway.
    """

    staff = STAFF
    services = frozenset({"submission", "moderation"})
    make_services = hosted.Town

    def __init__(self, data: Path, count: int = 12) -> None:
        self.data = data
        self.requests: list[str] = []  # method and path of each that reached the gateway
        keys = data / "keys" / "demo.json"  # those of the services, so that the gateway reads their proofs
        keys.parent.mkdir(parents=True, exist_ok=True)
        keys.write_text(json.dumps({name: value.hex() for name, value in asdict(hosted.KEYS).items()}))
        self.town = self.make_services(data / "services")
        self.now = int(self.town.open(self.campaign_text())["now"])
        for staff, roles in self.staff.items():
            if staff != "olga":
                self.town.appoint(staff, staff.title(), *roles)
        self.entries = [f"U{k:03}-1" for k in range(1, count + 1)]
        self.pictures = [self._picture(k) for k in range(4)]
        self._head = Head("submission")
        for first in range(0, count, 200):
            self._append([self.version(k) for k in range(first, min(count, first + 200))])

    def campaign_text(self) -> str:
        """Return the campaign file. A subclass may have another."""
        return CAMPAIGN_FILE.read_text()

    def version(self, k: int, *, version: int = 1, **changes: Any) -> EntrySubmitted:
        """Return a version of the k-th entry, from 0."""
        entry = self.entries[k]
        values: dict[str, Any] = {
            "entry": entry,
            "version": version,
            "unit": entry.partition("-")[0],
            "type": TYPES[k % 3],
            "title": f"{TITLES[k % 6]}（{k + 1}）",
            "profile": "一家有三千名职工的老厂，工会成立于 1952 年。",
            "text": TEXT,
            "themes": ("home",),
            "h5": None,
            "files": tuple(self._file(each, k) for each in self.pictures),
            "late_pass": None,
            "at": self.now + k * 60_000 + version * HOUR,
            "unit_name": f"{CITIES[k % 4]}第{k + 1}机床厂工会",
            "city": CITIES[k % 4],
        }
        return EntrySubmitted(**{**values, **changes})

    def hand_in_again(self, k: int, **changes: Any) -> None:
        """Write the next version of the k-th entry."""
        held = self.town.ok("desk", "mo", "moderator", entry=self.entries[k])
        self._append([self.version(k, version=held["version"] + 1, **changes)])

    def _append(self, events: list[Any]) -> None:
        document = form(self._head, events, commands=[], stamp=stamp())
        self.town.ledger.insert(document)
        self._head = self._head.after(document)

    def _file(self, sha256: str, k: int) -> File:
        return File(sha256=sha256, kind="picture", container="png", name=f"车间{k + 1}.png", bytes=1_000, width=1_200,
                    height=800, duration_ms=0)  # fmt: skip

    def _picture(self, k: int) -> str:
        """Write a picture as its copy for the public, and return the hash that names it."""
        image = Image.new("RGB", (1_200, 800), (60 + 45 * k, 90, 160 - 30 * k))
        pen = ImageDraw.Draw(image)
        for i in range(8):
            pen.rectangle(
                (80 + i * 130, 520 - (i * 37 + k * 61) % 300, 170 + i * 130, 720), fill=(230, 200, 150 - 9 * i)
            )
        page = io.BytesIO()
        image.save(page, "JPEG", quality=80)
        sha256 = hashlib.sha256(page.getvalue()).hexdigest()
        path = self.data / "media" / "demo" / "public" / RECIPE / sha256[:2] / f"{sha256}.jpeg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.getvalue())
        return sha256

    def views(self, *, is_live: bool = False) -> dict[str, Any]:
        """Return the views of a gateway in the submission phase of this campaign; its clock runs if it `is_live`."""
        shown = self.town.ok("campaign", wall=self.now)
        campaign = gateway_town.campaign(
            clock=None if is_live else shown["now"],
            rehearsal=not is_live,
            windows=shown["windows"],
            unit_types=shown["unit_types"],
            themes=shown["themes"],
        )
        return {**gateway_town.VIEWS, "campaign": campaign, "entries": {"entries": {}}, "board": {}}

    @contextmanager
    def gateway(
        self, *, is_live: bool = False, wechat: WeChatAccounts | None = None, more: Mapping[str, str] | None = None
    ) -> Iterator["Desk"]:
        """Serve a gateway over these services; yields what a browser needs. With `is_live` its clock runs.

        `wechat` are its accounts at WeChat, and `more` are further settings.
        """
        port = ForwardingTown(set(self.services), self.town.forward)
        port.staff = dict(self.staff)
        started = time.monotonic()
        views = Views(wall=lambda: self.now + int(1_000 * (time.monotonic() - started)))
        shown = self.views(is_live=is_live)
        views.load({name: {"cut": {"moderation": 1}, "data": each} for name, each in shown.items()})
        settings = Settings.read({"BAIJIA_DATA": str(self.data), "BAIJIA_CAMPAIGN": "demo", **(more or {})})
        app = create_app(settings, Ports(port, port, views, wechat), folded_logs=FOLDED_LOGS)
        self.port = port

        async def counting(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                self.requests.append(f"{scope['method']} {scope['path']}")
            await app(scope, receive, send)

        with running_server(counting) as address:
            yield Desk(address, app, self)


class Desk:
    """A running gateway, and cookies for the members of its staff."""

    def __init__(self, address: str, app: Any, town: DeskTown) -> None:
        self.address, self.town = address, town
        self._app = app.state.app_context

    def sign_in(self, browser: Browser, staff: str = "mo", *, is_proved: bool = True, **how: Any) -> BrowserContext:
        """Return a browser context in which this person is signed in; Chinese unless `how` says otherwise.

        Pages ask for no password again, as in the minutes after it was given, unless `is_proved` is false.
        """
        roles = self.town.staff[staff]
        return signed_in(browser, self.address, self._app, staff, roles, is_proved=is_proved, **how)

    def sign_in_unit(self, browser: Browser, unit: str, **how: Any) -> BrowserContext:
        """Return a browser context in which a cadre of this unit is signed in."""
        return signed_in(browser, self.address, self._app, unit, [UNIT], **how)
