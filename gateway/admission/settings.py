"""Settings of admission, from the campaign file's `[admission]` table or these defaults.

They are operational and not part of the locked rule set, since they decide what a like costs and never whether it
counts. All are for the whole campaign; each gateway applies its share (`turnstile.py`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Admission:
    """Limits and prices by which one campaign admits likes. The field names are the keys of the `[admission]` table."""

    ticket_life_s: int = 600  # how long a like ticket is good
    tickets_at_once: int = 20  # as many as a voter may like in a day
    session_per_s: int = 1  # likes of one session; the one rate that refuses, with 429
    session_burst: int = 5  # likes of one session at once
    device_voters_per_day: int = 3  # voters of one browser, before its likes cost work
    address_per_min: int = 60  # likes of one address, before they cost work
    network_per_min: int = 300  # likes of one network, a /24 or a /48
    step: int = 8  # factor between the rates of two levels, and between the work of an easy and a hard challenge
    challenge_tries: int = 50_000  # most tries for an easy challenge; half of it on average
    challenge_life_s: int = 300  # how long a challenge may be solved
    breaker_times: int = 5  # a surge: likes a second beyond so many times the 99th percentile of the hour before
    breaker_floor_per_s: int = 100  # the least percentile that is assumed, for quiet hours
