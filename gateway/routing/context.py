"""State that all routes of one gateway process share. Only `app.py` makes it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.admission.letters import Letters
from gateway.admission.look_ups import LookUps
from gateway.admission.rate_limits import RateLimits
from gateway.admission.sent_ballots import SentBallots
from gateway.admission.sign_in_codes import SignInCodes
from gateway.admission.sign_in_limits import SignInLimits
from gateway.admission.turnstile import Turnstile
from gateway.backends.media_store import Store
from gateway.backends.ports import FoldedLogs, LikeOrders, Services
from gateway.backends.process_metrics import ProcessMetrics
from gateway.backends.public_copies import PreparedCopies
from gateway.backends.session_watch import SessionWatch
from gateway.backends.staff_roster import Roster
from gateway.backends.step_up import StepUp
from gateway.backends.wechat_accounts import WeChatAccounts
from gateway.certificates.print_queue import Printer
from gateway.http.idempotency import CommandIds
from gateway.http.known_devices import KnownDevices
from gateway.http.limits import ConcurrencyLimit
from gateway.http.position_tokens import PositionTokens
from gateway.http.response_cache import CachedResponse, ResponseCache
from gateway.http.sessions import Sessions
from gateway.http.single_flight import SingleFlight
from gateway.load.shedding import Shedding
from gateway.read_models.cache import Views
from gateway.read_models.read_fast_path import RecordedResponses
from shared.keys import Keys
from shared.security_log import SecurityLog
from shared.settings import Settings
from shared.stamps import wall_ms


@dataclass(slots=True)
class AppContext:
    """State that all handlers of one gateway process share: connections, caches and limits.

    `services`, `likes` and `views` are the process's ports, `deploy` passes `folded_logs`, and all other parts are
    created for this process alone.
    """

    settings: Settings
    keys: Keys
    services: Services
    likes: LikeOrders
    views: Views
    folded_logs: FoldedLogs
    sessions: Sessions
    command_ids: CommandIds
    known_devices: KnownDevices
    store: Store
    copies: PreparedCopies
    roster: Roster
    session_watch: SessionWatch
    step_up: StepUp
    turnstile: Turnstile
    rate_limits: RateLimits
    position_tokens: PositionTokens
    letters: Letters
    security_log: SecurityLog
    wechat: WeChatAccounts | None = None  # the WeChat accounts, if any are configured
    response_cache: ResponseCache = field(default_factory=ResponseCache)
    entry_pages: ResponseCache = field(default_factory=lambda: ResponseCache(1_024))  # of all entries, in some states
    explanations: ResponseCache = field(default_factory=lambda: ResponseCache(1_024))  # each costs ranking a second
    sign_in_codes: SignInCodes = field(default_factory=SignInCodes)
    look_ups: LookUps = field(default_factory=LookUps)  # what anybody may have the services asked
    explanation_calls: SingleFlight[CachedResponse] = field(default_factory=lambda: SingleFlight(at_once=32))
    unranked: dict[str, tuple[str, str]] = field(default_factory=dict)  # entry to the result and view without it
    sent_ballots: SentBallots = field(default_factory=SentBallots)
    explaining: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))  # ranking is one process
    process_metrics: ProcessMetrics = field(default_factory=ProcessMetrics)  # for the page of operations
    printer: Printer = field(default_factory=Printer)
    recorded_responses: RecordedResponses = field(default_factory=RecordedResponses)
    shedding: Shedding = field(default_factory=Shedding)
    sign_in_limits: SignInLimits = field(default_factory=SignInLimits)
    uploads: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(64, each=8))
    # Files that no view names cost a call to submission each, also those that nobody has uploaded.
    link_previews: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(16, each=2))
    file_lookups: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(64, each=32))
    # Each archive of a media pack has pictures prepared, in child processes.
    desk_counts: dict[tuple[str, str], tuple[float, int | None]] = field(default_factory=dict)  # of the desks' side bar
    packs: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(2, each=1))
    upload_limit: tuple[int, int] | None = None  # bytes, and the wall time at which it was read
    wall: Callable[[], int] = wall_ms
