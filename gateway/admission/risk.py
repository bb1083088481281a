"""What a like costs, from what is known of where it comes from. Pure: all that it needs is in `Facts`.

Promises: what is slow is free, whoever sends it; a price rises by one step at a time; only sources beyond the last step
are held. Who has no identity, such as the person of a snapshot page, has no session and never comes here. Does not
promise that a bot is found: a price is no proof of a person, and detectors judge later, from the signals that are
stored with each like.
"""

from dataclasses import dataclass
from enum import StrEnum

WECHAT_DOORS = frozenset({"wechat", "mini"})  # whose sessions live in WeChat: its browser, and the mini-program
AUTOMATED = frozenset({"HeadlessChrome", "curl", "python"})
OUR_OWN = frozenset({"", "same-origin", "none"})


class Verdict(StrEnum):
    NONE = "none"
    CHALLENGE = "challenge"
    CHALLENGE8 = "challenge8"  # the dearer one: `step` times the work
    HOLD = "hold"


LADDER = (Verdict.NONE, Verdict.CHALLENGE, Verdict.CHALLENGE8, Verdict.HOLD)


@dataclass(frozen=True, slots=True)
class Facts:
    """Levels are 0 within the pace, and 1, 2, 3 as it is passed by a step each."""

    address: int = 0
    network: int = 0
    device: int = 0
    surge: bool = False  # likes of the whole campaign come far faster than in the hour before
    young: bool = False  # the session is younger than that hour
    door: str = "web"
    agent: str = "other"  # the family
    site: str = ""  # Sec-Fetch-Site


def assess(facts: Facts) -> Verdict:
    """The verdict."""
    level = max(facts.address, facts.network, facts.device)
    if facts.surge and facts.young:
        level = max(level, 1)
    if level and odd(facts):
        level += 1
    return LADDER[min(level, len(LADDER) - 1)]


def odd(facts: Facts) -> bool:
    """Unlike a voter's browser. Nothing by itself: an honest phone may say anything of itself."""
    outside_wechat = facts.door in WECHAT_DOORS and facts.agent != "MicroMessenger"
    return outside_wechat or facts.agent in AUTOMATED or facts.site not in OUR_OWN
