"""Risk of a like, as a pure function of what is known about its source.

Promises: outside a surge a source within its rates pays nothing, whoever it is; the price rises with each step beyond
the rates, and by one more for a client that looks odd; likes are held only at the last step. A person without an
identity, such as the reader of a snapshot page, has no session and is not assessed. Does not promise to find bots:
paying a price does not prove a person, and detectors judge later by the signals that are stored with each like.
"""

from dataclasses import dataclass
from enum import StrEnum

WECHAT_DOORS = frozenset({"wechat", "mini"})  # doors inside WeChat: its browser, and the mini-program
AUTOMATED = frozenset({"HeadlessChrome", "curl", "python"})
OUR_OWN = frozenset({"", "same-origin", "none"})


class Verdict(StrEnum):
    """Price of a like: nothing, an easy challenge, a hard challenge, or acceptance as pending until staff decide."""

    NONE = "none"
    CHALLENGE = "challenge"
    CHALLENGE8 = "challenge8"  # the hard challenge: `step` times the work
    HOLD = "hold"


LADDER = (Verdict.NONE, Verdict.CHALLENGE, Verdict.CHALLENGE8, Verdict.HOLD)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about the source of a like.

    The levels of address, network and device are 0 within the rate, and 1, 2 or 3 beyond each further step.
    """

    address: int = 0
    network: int = 0
    device: int = 0
    surge: bool = False  # the whole campaign gets likes far faster than in the hour before
    young: bool = False  # the session is younger than that hour
    door: str = "web"
    agent: str = "other"  # the browser family
    site: str = ""  # Sec-Fetch-Site


def assess(facts: Facts) -> Verdict:
    """Return the price of a like from its source's highest level, the surge, and how unusual the client is."""
    level = max(facts.address, facts.network, facts.device)
    if facts.surge and facts.young:
        level = max(level, 1)
    if level and is_odd(facts):
        level += 1
    return LADDER[min(level, len(LADDER) - 1)]


def is_odd(facts: Facts) -> bool:
    """Return whether the client looks unlike a voter's browser.

    It does if it came by WeChat but is not WeChat's browser, if it is a known robot, or if another site sent the
    request. This alone costs nothing, because an honest phone may send any headers.
    """
    outside_wechat = facts.door in WECHAT_DOORS and facts.agent != "MicroMessenger"
    return outside_wechat or facts.agent in AUTOMATED or facts.site not in OUR_OWN
