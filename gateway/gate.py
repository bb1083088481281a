"""What all routes of one gateway process share. Made in `app.py`, and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.admission.asking import Asking
from gateway.admission.turnstile import Turnstile
from gateway.certificates.printing import Printer
from gateway.doors.wechat import Doors
from gateway.limits import Attempts, Turns
from gateway.media import Store
from gateway.memo import Memo
from gateway.ports import FoldedLogs, LikeOrders, Services
from gateway.read_lane import Quick
from gateway.roster import Roster
from gateway.sessions import Sessions
from gateway.shedding import Shedding
from gateway.views import Views
from shared.keys import Keys
from shared.settings import Settings
from shared.stamps import wall_ms


@dataclass(slots=True)
class Gate:
    """What the handlers of one gateway process share.

    `services`, `likes` and `views` are the ports, `folded` comes from `deploy`, and the rest is this process's own.
    """

    settings: Settings
    keys: Keys
    services: Services
    likes: LikeOrders
    views: Views
    folded: FoldedLogs
    sessions: Sessions
    store: Store
    roster: Roster
    turnstile: Turnstile
    asking: Asking
    doors: Doors | None = None  # WeChat's
    memo: Memo = field(default_factory=Memo)
    explanations: Memo = field(default_factory=lambda: Memo(1_024))  # each takes ranking a second
    printer: Printer = field(default_factory=Printer)
    quick: Quick = field(default_factory=Quick)
    shedding: Shedding = field(default_factory=Shedding)
    guesses: Attempts = field(default_factory=lambda: Attempts(8))  # by name and address
    guesses_of_all: Attempts = field(default_factory=lambda: Attempts(100))  # by name, from anywhere
    uploads: Turns = field(default_factory=lambda: Turns(64, each=8))
    packs: Turns = field(default_factory=lambda: Turns(2, each=1))  # each decodes pictures in a thread
    upload_limit: tuple[int, int] | None = None  # bytes, and the wall time when it was read
    wall: Callable[[], int] = wall_ms
