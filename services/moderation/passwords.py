"""Staff passwords: argon2id hashes, and the one question whether a password is the one.

Promises: an unknown name costs as much time as a wrong password. Slow on purpose, some 20 ms of one core and 19 MiB:
callers under eventlet ask from a real thread.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second choice for argon2id: 19 MiB, two passes.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("nobody's password")


def hashed(password: str) -> bytes:
    """What is kept of a password, before it is sealed."""
    return _HASHER.hash(password).encode()


def matches(kept: bytes | None, password: str) -> bool:
    """Whether the password is the one; None, which nobody's is, takes its time too."""
    try:
        return _HASHER.verify(kept.decode() if kept is not None else _NOBODY, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
