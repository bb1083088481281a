"""Proof-of-work challenges by altcha, which cost a phone some tenths of a second in the background.

Promises: a solution counts once, before it expires, for the session that got the challenge; its difficulty is signed by
us. A challenge costs us 50 µs to make and 70 µs to check. Does not promise that another gateway knows a used solution:
used there, it saves its session one challenge, and each gateway limits the session's rate.
"""

import hmac
import secrets
import time
from typing import Any

import altcha

from gateway.admission.replay_guard import ReplayGuard
from shared import metrics

ALGORITHM, ROUNDS = "SHA-256", 1
TEXT_MAX_CHARS = 2_000
USED_MOST = 100_000  # solutions, at 160 bytes each
#: The errors of `altcha.Payload.from_base64` for texts that are not payloads.
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


class Challenges:
    """Issue proof-of-work challenges to voters, and check the solutions that their browsers send.

    `tries` is the greatest number of attempts that an easy challenge can take; a hard one takes up to `step` times as
    many.
    """

    def __init__(self, key: bytes, *, tries: int, step: int, life_s: int) -> None:
        self._key = hmac.digest(key, b"challenge", "sha256")
        self._tries, self._life_s = (tries, tries * step), life_s
        self._used = ReplayGuard(life_s=life_s, now_s=time.time, most=USED_MOST)

    def issue(self, sub: str, *, hard: bool = False) -> dict[str, Any]:
        """Return a new signed challenge in altcha's format, which only this voter (`sub` of the session) can use."""
        metrics.CHALLENGES.labels("issued").inc()
        most = self._tries[hard]
        challenge = altcha.create_challenge(
            ALGORITHM,
            ROUNDS,
            counter=secrets.randbelow(most),
            expires_at=int(time.time()) + self._life_s,
            data={"for": self._owner(sub), "hard": hard, "tries": most},
            hmac_secret=self._key,
        )
        return challenge.to_dict()

    def check(self, text: str, sub: str) -> int:
        """Check a solution and use it up.

        Return 1 for an easy challenge solved, 2 for a hard one, 0 if the solution is refused. It is refused if it is
        malformed, wrong, expired, used before, or of another voter's challenge.
        """
        strength = self._strength(text, sub)
        metrics.CHALLENGES.labels("solved" if strength else "failed").inc()
        return strength

    def release(self, text: str) -> None:
        """Allow an accepted solution to be used again, because the order that it came with was not sent."""
        self._used.discard(altcha.Payload.from_base64(text).challenge.parameters.nonce)

    def _strength(self, text: str, sub: str) -> int:
        if len(text) > TEXT_MAX_CHARS:
            return 0
        try:
            payload = altcha.Payload.from_base64(text)
            if not altcha.verify_solution(payload, self._key).verified:
                return 0
        except _MALFORMED:
            return 0
        parameters = payload.challenge.parameters
        assert parameters.data is not None  # we signed it
        if parameters.data["for"] != self._owner(sub) or parameters.nonce in self._used:
            return 0
        self._used.add(parameters.nonce)
        return 2 if parameters.data["hard"] else 1

    def _owner(self, sub: str) -> str:
        return hmac.digest(self._key, sub.encode(), "sha256").hex()[:16]
