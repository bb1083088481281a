"""Proofs that a member of staff has just shown again who they are, by password or by code.

Moderation issues a proof after it has verified the password or code, and the gateway reads it: both know the campaign's
session key. Promises: a proof holds for one session of one person and for `LIFE_MS`, and nobody without the key can
make one. Does not promise that a proof can be revoked; it ends with its session.
"""

import hashlib
from collections.abc import Callable

from itsdangerous import BadSignature, URLSafeSerializer

from shared.stamps import wall_ms

LIFE_MS = 5 * 60_000
MOST_CHARS = 500


class StepUpProofs:
    """Issue and verify the proofs of one campaign, signed with its session key."""

    def __init__(self, key: bytes, *, now: Callable[[], int] = wall_ms) -> None:
        self._signer = URLSafeSerializer(key, salt="step-up", signer_kwargs={"digest_method": hashlib.sha256})
        self._now = now

    def issue(self, session: str, staff: str) -> tuple[str, int]:
        """Return a proof for this session of this person, and until when it holds (wall time, ms)."""
        until = self._now() + LIFE_MS
        packed = self._signer.dumps([session, staff, until])
        return (packed if isinstance(packed, str) else packed.decode()), until

    def holds(self, proof: str, session: str, staff: str) -> bool:
        """Return whether this is a proof for this session of this person, and not too old."""
        if not session or len(proof) > MOST_CHARS:
            return False
        try:
            whose, who, until = self._signer.loads(proof)
        except (BadSignature, ValueError, TypeError):
            return False
        return bool((whose, who) == (session, staff) and self._now() < until)
