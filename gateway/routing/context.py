"""What all routes of one gateway process share. Made in `app.py`, and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.admission.rate_limits import Asking
from gateway.admission.turnstile import Turnstile
from gateway.backends.media_store import Store
from gateway.backends.ports import FoldedLogs, LikeOrders, Services
from gateway.backends.staff_roster import Roster
from gateway.backends.wechat_accounts import Doors
from gateway.certificates.print_queue import Printer
from gateway.http.limits import Attempts, Turns
from gateway.http.response_cache import ResponseCache
from gateway.http.sessions import Sessions
from gateway.load.shedding import Shedding
from gateway.read_models.cache import Views
from gateway.read_models.read_fast_path import Quick
from shared.keys import Keys
from shared.settings import Settings
from shared.stamps import wall_ms


@dataclass(slots=True)
class AppContext:
    """What the handlers of one gateway process share.

    `services`, `likes` and `views` are the ports, `deploy` passes `folded_logs`, and the rest is this process's own.
    """

    settings: Settings
    keys: Keys
    services: Services
    likes: LikeOrders
    views: Views
    folded_logs: FoldedLogs
    sessions: Sessions
    store: Store
    roster: Roster
    turnstile: Turnstile
    asking: Asking
    doors: Doors | None = None  # WeChat's
    memo: ResponseCache = field(default_factory=ResponseCache)
    explanations: ResponseCache = field(default_factory=lambda: ResponseCache(1_024))  # each takes ranking a second
    printer: Printer = field(default_factory=Printer)
    quick: Quick = field(default_factory=Quick)
    shedding: Shedding = field(default_factory=Shedding)
    guesses: Attempts = field(default_factory=lambda: Attempts(8))  # by name and address
    guesses_of_all: Attempts = field(default_factory=lambda: Attempts(100))  # by name, from anywhere
    uploads: Turns = field(default_factory=lambda: Turns(64, each=8))
    packs: Turns = field(default_factory=lambda: Turns(2, each=1))  # each decodes pictures in a thread
    upload_limit: tuple[int, int] | None = None  # bytes, and the wall time when it was read
    wall: Callable[[], int] = wall_ms
