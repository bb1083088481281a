"""Hash and verify passwords of staff and cadres with argon2id, a few at a time, and refuse those easily guessed.

Promises: verifying takes as long for an unknown name as for a wrong password; however many sign in at once, at most
`STRANGERS + KNOWN` passwords are worked on at a time, in real threads, so that the service goes on answering; people on
a device that signed in before wait only for each other.
Slow on purpose: one password takes some 20 ms of one core and 19 MiB.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Semaphore
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from eventlet import tpool
from eventlet.patcher import is_monkey_patched
from zxcvbn import zxcvbn

# OWASP's second recommended setting for argon2id: 19 MiB of memory, two passes.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("nobody's password")
STRANGERS, KNOWN = 2, 1  # passwords at a time
WAITING = 24  # that may wait for each
LEAST_CHARS, MOST_CHARS = 10, 128
RATED_CHARS = 64  # zxcvbn takes longer the longer a password is, and one that is strong so far needs no more
LEAST_SCORE = 3  # of zxcvbn's 0 to 4: more than 10^8 guesses
# What Chinese people put into passwords, beside what zxcvbn's own lists of English and of leaked passwords know.
_CHINESE = (
    "woaini", "aini", "5201314", "1314520", "1314", "520", "mima", "wodemima", "nihao", "zhongguo", "gonghui",
    "zonggonghui", "zhigong", "baijia", "guanliyuan", "wangyang", "zhangwei", "liwei", "qwer1234", "a123456",
)  # fmt: skip
T = TypeVar("T")


class TooMany(Exception):
    """More people sign in at once than may wait."""


class Lane:
    """A bounded number of passwords at a time, and a bounded number that wait."""

    def __init__(self, at_once: int, *, waiting: int = WAITING) -> None:
        self._slots, self._places = Semaphore(at_once), Semaphore(at_once + waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn. Raise TooMany at once if too many wait already."""
        if not self._places.acquire(blocking=False):
            raise TooMany
        try:
            with self._slots:
                yield
        finally:
            self._places.release()


_STRANGERS, _KNOWN = Lane(STRANGERS), Lane(KNOWN)


def verify_in_turn(stored: bytes | None, password: str, *, known: bool) -> bool:
    """Return what `verify_password` does, in a thread and when it is one's turn. Raise TooMany.

    `known` says that the device has signed in before under this name.
    """
    return _in_turn(_KNOWN if known else _STRANGERS, lambda: verify_password(stored, password))


def hash_in_turn(password: str) -> bytes:
    """Return what `hash_password` does, in a thread and when it is one's turn. Raise TooMany."""
    return _in_turn(_KNOWN, lambda: hash_password(password))


def _in_turn(lane: Lane, work: Callable[[], T]) -> T:
    """Do the work in a real thread where a service's green threads would wait for it, and at once anywhere else.

    eventlet's pool of threads answers only the thread that used it first, so a program with threads of its own, such
    as a tool or a test, must not use it.
    """
    with lane.turn():
        if not is_monkey_patched("thread"):
            return work()
        result: T = tpool.execute(work)
    return result


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


def weakness(password: str, about: Iterable[str] = ()) -> str | None:
    """Return why a password may not be set: `short`, `blank` or `common`; or None if it is sound.

    `about` are words that a guesser would try first, such as names. The library zxcvbn compares with lists of common
    passwords, names and words, and with dates, keyboard patterns and repetitions.
    """
    if len(password) < LEAST_CHARS:
        return "short"
    visible = "".join(each for each in password if unicodedata.category(each)[0] not in "ZC")
    if len(visible) < LEAST_CHARS // 2:
        return "blank"
    rated = zxcvbn(password[:RATED_CHARS], user_inputs=[*_CHINESE, *filter(None, about)], max_length=RATED_CHARS)
    return "common" if rated["score"] < LEAST_SCORE else None
