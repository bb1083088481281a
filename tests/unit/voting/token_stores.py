"""A token store in memory, WeChat's clock, and WeChat's answers to token requests, for tests."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.voting.tokens import Fetched, StoredToken, TokenUnavailable


@dataclass
class MemoryTokenStore:
    kept: dict[str, StoredToken] = field(default_factory=dict)

    def load(self, name: str) -> StoredToken:
        return self.kept.get(name, StoredToken())

    def swap(self, name: str, fresh: StoredToken, *, fence: int) -> bool:
        if self.load(name).fence != fence:
            return False
        self.kept[name] = fresh
        return True


@dataclass
class Clock:
    """A clock whose `sleep` lets time pass; `meanwhile` is what other processes do in that time."""

    ms: int = 1_000_000_000_000
    meanwhile: Callable[[], None] = lambda: None

    def now(self) -> int:
        return self.ms

    def sleep(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)
        self.meanwhile()


@dataclass
class Mint:
    """Answers t1, t2 …; fails while `broken` is set."""

    asked: list[tuple[str, bool]] = field(default_factory=list)
    broken: bool = False
    lasts_s: int = 7200
    meanwhile: Callable[[], None] = lambda: None

    def __call__(self, name: str, force: bool) -> Fetched:
        self.asked.append((name, force))
        self.meanwhile()
        if self.broken:
            raise TokenUnavailable(name)
        return Fetched(f"t{len(self.asked)}", self.lasts_s)
