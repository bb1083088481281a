"""What is wrong with a campaign file: problems with a line, a stable code, and words in Chinese and English.

Promises: an error means that the campaign may not open; a warning means that the organiser should know.
Does not promise: an order. `lines` sorts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.moderation.campaign_file.line_numbers import Path

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    level: str
    code: str
    zh: str
    en: str


class Report:
    """The problems found so far, and at which paths of the file."""

    def __init__(self, lines: Mapping[Path, int]) -> None:
        self._lines = lines
        self._broken: list[Path] = []
        self.problems: list[Problem] = []

    def error(self, path: Path, code: str, zh: str, en: str) -> None:
        self._broken.append(path)
        self.problems.append(Problem(self.line(path), ERROR, code, zh, en))

    def warning(self, path: Path, code: str, zh: str, en: str) -> None:
        self.problems.append(Problem(self.line(path), WARNING, code, zh, en))

    def either(self, *, level: str, path: Path, code: str, words: tuple[str, str]) -> None:
        """An error or a warning, as `level` says."""
        (self.error if level == ERROR else self.warning)(path, code, *words)

    def line(self, path: Path) -> int:
        """The line of the path, or of the nearest table around it that stands in the text."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def broken(self, *path: str | int) -> bool:
        """Has an error been found at the path, inside it, or at a table around it?"""
        return any(each[: len(path)] == path or self._around(each, path) for each in self._broken)

    def lost(self, path: Path) -> bool:
        """Has a table around the path, or the path itself, been reported? Then what it lacks is no news."""
        return any(each == path or self._around(each, path) for each in self._broken)

    @staticmethod
    def _around(table: Path, path: Path) -> bool:
        return len(table) < len(path) and path[: len(table)] == table


def lines(problems: Iterable[Problem], path: str) -> list[str]:
    """One line of text a problem, in the order of the file."""
    ordered = sorted(problems, key=lambda each: (each.line, each.level, each.code, each.en))
    return [f"{path}:{each.line}: {each.level}[{each.code}]: {each.zh} / {each.en}" for each in ordered]
