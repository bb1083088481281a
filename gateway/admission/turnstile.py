"""The way of a like order through admission: its ticket, the session's pace, then what the sources of it cost.

Promises: nothing waits here, so that nobody comes between a check and what follows from it. Refused are a ticket that
does not hold and a session that is too fast; whoever is asked for work and sends `none`, or a solution that does not
hold, is let in as pending. So an address alone never refuses. An unlike pays nothing but the session's pace.

Each gateway holds 1/N of every rate; of bursts at least one. What it costs an ordinary like: DECISIONS, "Admission".
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.admission.buckets import Buckets, Ladder
from gateway.admission.challenges import Challenges
from gateway.admission.devices import Devices
from gateway.admission.risk import Facts, Verdict, assess
from gateway.admission.settings import Admission
from gateway.admission.surge import HOUR_S, Breaker
from gateway.admission.tickets import LikeTickets
from gateway.http.client_signals import device_mark, family, source
from gateway.http.problems import Problem
from gateway.http.sessions import LIFE_MS, Session
from shared import metrics
from shared.keys import Keys
from shared.stamps import wall_ms

PENDING = "pace"  # why a like is held
UNSOLVED = "none"  # what a client says that cannot solve a challenge, or does not want to
SITE_CHARS = 16  # what a browser says is shorter
_MINUTE_S = 60
_COUNTED = {verdict: metrics.ADMISSION.labels(verdict.value) for verdict in Verdict}
_FREE = _COUNTED[Verdict.NONE]
_TOO_FAST = metrics.ADMISSION.labels("too-fast")
_DECLINED = metrics.CHALLENGES.labels("declined")


@dataclass(frozen=True, slots=True)
class Presented:
    """What comes with an order. Empty where there is nothing: no address is known of a like by text message."""

    ticket: str = ""
    solution: str = ""
    client: str = ""  # the address
    agent: bytes = b""
    site: str = ""  # Sec-Fetch-Site
    device: str = ""


@dataclass(slots=True)
class Passed:
    """An order that was let in: what `LikeOrders.order` is told of it."""

    held: str | None = None
    # Where it comes from, hashed, and what was made of that. A like is stored with them a million times, so what is
    # ordinary is left out: no `risk` is none, no `device` is no cookie, and the door is a field of the like itself.
    signals: dict[str, str] = field(default_factory=dict)
    ticket: bytes = b""
    solution: str = ""  # what the work was shown by, where it was asked for and done


class Turnstile:
    """One gateway's. `gateways` is N."""

    def __init__(
        self,
        keys: Keys,
        rules: Admission,
        *,
        gateways: int = 1,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], int] = wall_ms,
    ) -> None:
        self.rules, self._key, self._now, self._wall = rules, keys.campaign, now, wall
        self.tickets = LikeTickets(keys.session, life_s=rules.ticket_life_s, wall=wall)
        self.challenges = Challenges(
            keys.session, tries=rules.challenge_tries, step=rules.step, life_s=rules.challenge_life_s
        )
        self._sessions = Buckets(rules.session_per_s / gateways, math.ceil(rules.session_burst / gateways))
        self._addresses = self._ladder(rules.address_per_min / gateways)
        self._networks = self._ladder(rules.network_per_min / gateways)
        self._devices = Devices(rules.device_voters_per_day, step=rules.step)
        self._breaker = Breaker(times=rules.breaker_times, floor=rules.breaker_floor_per_s / gateways)

    def _ladder(self, per_min: float) -> Ladder:
        return Ladder(per_min / _MINUTE_S, per_min, step=self.rules.step, most=50_000)

    def let_in(self, session: Session, entry: str, action: str, shown: Presented) -> Passed:
        """Let an order of a page or a program in. Raises Problem. `give_back` its ticket where nothing was ordered."""
        ticket = self.tickets.check(shown.ticket, session.sub, entry)
        passed = self.weigh(session, action, shown)
        self.tickets.claim(ticket)
        passed.ticket = ticket
        return passed

    def weigh(self, session: Session, action: str, shown: Presented) -> Passed:
        """The same without a ticket, for orders that no page sent. Raises Problem."""
        now = self._now()
        wait_s = self._sessions.take(session.sub, now)
        if wait_s:
            _TOO_FAST.inc()
            raise too_fast(wait_s)
        place, device = source(self._key, shown.client), device_mark(self._key, shown.device)
        agent = family(shown.agent)
        signals = {"net": place.network, "addr": place.address, "ua": agent}
        if device:
            signals["device"] = device
        if shown.site:
            signals["site"] = shown.site[:SITE_CHARS]
        if action != "like":
            return Passed(None, signals)
        at_address, in_network = self._addresses.level(place.address, now), self._networks.level(place.network, now)
        on_device = self._devices.level(device, session.sub, self._wall()) if device else 0
        surge = self._breaker.is_open(now)
        worked = ""
        if at_address or in_network or on_device or surge:
            young = session.expires - LIFE_MS["voter"] > self._wall() - HOUR_S * 1000
            facts = Facts(at_address, in_network, on_device, surge, young, session.door, agent, shown.site)
            verdict = assess(facts)
            held = self._paid(verdict, session.sub, shown)
            _COUNTED[Verdict.HOLD if held else verdict].inc()
            if verdict is not Verdict.NONE:
                signals["risk"] = verdict.value
                worked = "" if held else shown.solution
        else:
            held = None
            _FREE.inc()
        self._breaker.count(now)
        self._addresses.take(place.address, at_address, now)
        self._networks.take(place.network, in_network, now)
        return Passed(held, signals, solution=worked)

    def _paid(self, verdict: Verdict, sub: str, shown: Presented) -> str | None:
        """None where the work was done, else why the like is held. Raises the Problem that asks for the work."""
        if verdict is Verdict.NONE:
            return None
        if verdict is Verdict.HOLD:
            return PENDING
        hard = verdict is Verdict.CHALLENGE8
        if not shown.solution:
            raise self._asked(sub, hard=hard)
        strength = self._strength(shown.solution, sub)
        if strength == 1 and hard:
            raise self._asked(sub, hard=True)
        return None if strength else PENDING

    def _strength(self, solution: str, sub: str) -> int:
        if solution != UNSOLVED:
            return self.challenges.solved(solution, sub)
        _DECLINED.inc()
        return 0

    def _asked(self, sub: str, *, hard: bool) -> Problem:
        return Problem("challenge-needed", facts={"challenge": self.challenges.issue(sub, hard=hard)})

    def give_back(self, passed: Passed) -> None:
        """Nothing was ordered: the ticket may be used again, and so may the work."""
        self.tickets.give_back(passed.ticket)
        if passed.solution:
            self.challenges.give_back(passed.solution)


def too_fast(wait_s: float) -> Problem:
    """The one refusal for pace, of a session by its own orders."""
    return Problem("too-fast", retry_s=math.ceil(wait_s))
