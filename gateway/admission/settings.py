"""The numbers of admission: what the campaign file's `[admission]` table says, or these defaults.

They are operational: no part of the locked rule set, since they decide what a like costs and never whether it counts.
All are for the whole campaign; each gateway holds its share (`turnstile.py`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Admission:
    """The names are the keys of the table."""

    ticket_life_s: int = 600  # how long a like ticket is good
    tickets_at_once: int = 20  # as many as a voter may like in a day
    session_per_s: int = 1  # likes of one session; the one rate that refuses, with 429
    session_burst: int = 5  # likes of one session at once
    device_voters_per_day: int = 3  # voters of one browser, before its likes cost work
    address_per_min: int = 60  # likes of one address, before they cost work
    network_per_min: int = 300  # likes of one network, a /24 or a /48
    step: int = 8  # how much faster a source may be for each step, and how much dearer the second challenge is
    challenge_tries: int = 50_000  # at most, for the first challenge; half of it on average
    challenge_life_s: int = 300  # how long a challenge may be solved
    breaker_times: int = 5  # likes a second beyond so many times the 99th percentile of the hour before are a surge
    breaker_floor_per_s: int = 100  # in a quiet hour, as if there had been so many likes a second
