"""Hash and verify staff passwords with argon2id.

Promises: verifying takes as long for an unknown name as for a wrong password.
Slow on purpose: one call takes some 20 ms of one core and 19 MiB, so callers that run under eventlet call these
functions in a real thread.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second recommended setting for argon2id: 19 MiB of memory, two passes.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("nobody's password")


def hash_password(password: str) -> bytes:
    """Return the argon2id hash of a password. It is sealed (encrypted) before it is stored."""
    return _HASHER.hash(password).encode()


def verify_password(stored: bytes | None, password: str) -> bool:
    """Return whether the password matches a hash from `hash_password`. With None, for an unknown name, the check takes
    as long and returns False.
    """
    try:
        return _HASHER.verify(stored.decode() if stored is not None else _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
