"""Admission of like orders: check the like ticket, the session's rate, and the price of the order's source.

Promises: nothing here awaits, so that no other request can come between a check and its effect. Only an invalid ticket
and a session beyond its rate are refused; an order that answers a challenge with `none` or a wrong solution is admitted
as pending. So no order is refused for its address alone. An unlike is only subject to the session's rate.

Each gateway applies 1/N of every rate, and of bursts at least one. DECISIONS, "Admission", has the cost for an ordinary
like.
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
from gateway.admission.surge import HOUR_S, SurgeBreaker
from gateway.admission.tickets import LikeTickets
from gateway.http.client_signals import Source, device_mark, family, source
from gateway.http.problems import Problem
from gateway.http.sessions import LIFE_MS, Session
from shared import metrics
from shared.keys import Keys
from shared.stamps import wall_ms
from shared.zones import DEFAULT

PENDING = "pace"  # the reason why a like is held
UNSOLVED = "none"  # sent as the solution by a client that cannot or will not solve a challenge
SITE_CHARS = 16  # longer than any value of a browser
_MINUTE_S = 60
_COUNTED = {verdict: metrics.ADMISSION.labels(verdict.value) for verdict in Verdict}
_FREE = _COUNTED[Verdict.NONE]
_TOO_FAST = metrics.ADMISSION.labels("too-fast")
_DECLINED = metrics.CHALLENGES.labels("declined")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a client sends with a like order, by which admission judges it.

    Fields may be empty: a like by text message has no known address.
    """

    ticket: str = ""
    solution: str = ""
    client: str = ""  # the IP address
    agent: bytes = b""
    site: str = ""  # Sec-Fetch-Site
    device: str = ""


@dataclass(slots=True)
class AdmittedOrder:
    """The outcome of admission: what is stored with the order, and what `Turnstile.release` needs.

    `held` is the reason why a like is accepted as pending, None if it counts at once.
    """

    held: str | None = None
    # Hashes of the source, and the verdict. They are stored with each of a million likes, so ordinary values are left
    # out: without `risk` the like was free, without `device` there was no cookie; the door is a field of the like.
    signals: dict[str, str] = field(default_factory=dict)
    ticket: bytes = b""
    solution: str = ""  # of the challenge, if one was demanded and solved


class Turnstile:
    """Admit or refuse the like orders of one gateway.

    `gateways` is the number of gateways that share the rates; `zone` returns the campaign's time zone.
    """

    def __init__(
        self,
        keys: Keys,
        rules: Admission,
        *,
        gateways: int = 1,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], int] = wall_ms,
        zone: Callable[[], str] = lambda: DEFAULT,
    ) -> None:
        self.rules, self._key, self._now, self._wall, self._zone = rules, keys.campaign, now, wall, zone
        self.tickets = LikeTickets(keys.session, life_s=rules.ticket_life_s, wall=wall)
        self.challenges = Challenges(
            keys.session, tries=rules.challenge_tries, step=rules.step, life_s=rules.challenge_life_s
        )
        self._sessions = Buckets(rules.session_per_s / gateways, math.ceil(rules.session_burst / gateways))
        self._addresses = self._ladder(rules.address_per_min / gateways)
        self._networks = self._ladder(rules.network_per_min / gateways)
        self._devices = Devices(rules.device_voters_per_day, step=rules.step)
        self._breaker = SurgeBreaker(times=rules.breaker_times, floor=rules.breaker_floor_per_s / gateways)

    def _ladder(self, per_min: float) -> Ladder:
        return Ladder(per_min / _MINUTE_S, per_min, step=self.rules.step, most=50_000)

    def admit(self, session: Session, entry: str, action: str, evidence: Evidence) -> AdmittedOrder:
        """Admit an order that comes with a like ticket, and use the ticket up.

        Raise Problem if the ticket is refused, the session is too fast, or the like must first pay with a challenge. If
        the order is not sent in the end, the caller must `release` it.
        """
        ticket = self.tickets.check(evidence.ticket, session.sub, entry)
        order = self.admit_without_ticket(session, action, evidence)
        self.tickets.claim(ticket)
        order.ticket = ticket
        return order

    def admit_ballot(self, session: Session, count: int, evidence: Evidence) -> AdmittedOrder:
        """Admit `count` likes that come in one request with one like ticket for any entry, and use the ticket up.

        Raise Problem and is released as with `admit`.
        """
        ticket = self.tickets.check(evidence.ticket, session.sub, "")
        order = self.admit_without_ticket(session, "like", evidence, count=count)
        self.tickets.claim(ticket)
        order.ticket = ticket
        return order

    def admit_without_ticket(
        self, session: Session, action: str, evidence: Evidence, *, count: int = 1
    ) -> AdmittedOrder:
        """Admit an order that needs no like ticket, because it did not come from a page (a like by text message).

        `count` likes at once are charged to the address and network one by one, and pay with a hard challenge where one
        like pays with an easy one. Raise Problem if the session is too fast or the like must first pay.
        """
        now = self._now()
        wait_s = self._sessions.take(session.sub, now)
        if wait_s:
            _TOO_FAST.inc()
            raise too_fast(wait_s)
        place, device = source(self._key, evidence.client), device_mark(self._key, evidence.device)
        agent = family(evidence.agent)
        signals = {"net": place.network, "addr": place.address, "ua": agent}
        if device:
            signals["device"] = device
        if evidence.site:
            signals["site"] = evidence.site[:SITE_CHARS]
        if action != "like":
            return AdmittedOrder(None, signals)
        at_address, in_network = self._addresses.level(place.address, now), self._networks.level(place.network, now)
        on_device = self._devices.level(device, session.sub, self._wall(), self._zone()) if device else 0
        surge = self._breaker.is_open(now)
        solution = ""
        if at_address or in_network or on_device or surge:
            young = session.expires - LIFE_MS["voter"] > self._wall() - HOUR_S * 1000
            facts = Facts(at_address, in_network, on_device, surge, young, session.door, agent, evidence.site)
            verdict = assess(facts)
            if count > 1 and verdict is Verdict.CHALLENGE:
                verdict = Verdict.CHALLENGE8
            held = self._hold_reason(verdict, session.sub, evidence)
            _COUNTED[Verdict.HOLD if held else verdict].inc()
            if verdict is not Verdict.NONE:
                signals["risk"] = verdict.value
                solution = "" if held else evidence.solution
        else:
            held = None
            _FREE.inc()
        self._charge(place, at_address, in_network, now)
        if count > 1:
            for _ in range(count - 1):
                self._charge(place, at_address, in_network, now)
        return AdmittedOrder(held, signals, solution=solution)

    def _charge(self, place: Source, at_address: int, in_network: int, now: float) -> None:
        self._breaker.count(now)
        self._addresses.take(place.address, at_address, now)
        self._networks.take(place.network, in_network, now)

    def _hold_reason(self, verdict: Verdict, sub: str, evidence: Evidence) -> str | None:
        """Return None if the price is paid, else the reason why the like is held.

        Raise Problem to demand a challenge.
        """
        if verdict is Verdict.NONE:
            return None
        if verdict is Verdict.HOLD:
            return PENDING
        hard = verdict is Verdict.CHALLENGE8
        if not evidence.solution:
            raise self._challenge_problem(sub, hard=hard)
        strength = self._strength(evidence.solution, sub)
        if strength == 1 and hard:
            raise self._challenge_problem(sub, hard=True)
        return None if strength else PENDING

    def _strength(self, solution: str, sub: str) -> int:
        if solution != UNSOLVED:
            return self.challenges.check(solution, sub)
        _DECLINED.inc()
        return 0

    def _challenge_problem(self, sub: str, *, hard: bool) -> Problem:
        return Problem("challenge-needed", facts={"challenge": self.challenges.issue(sub, hard=hard)})

    def release(self, order: AdmittedOrder) -> None:
        """Allow the like ticket and the solution of an order to be used again, because the order was not sent."""
        self.tickets.release(order.ticket)
        if order.solution:
            self.challenges.release(order.solution)


def too_fast(wait_s: float) -> Problem:
    """Return the problem `too-fast` for a session that exceeds its own rate; it may try again in `wait_s` seconds."""
    return Problem("too-fast", retry_s=math.ceil(wait_s))
