"""Problems of a campaign file, each with a line, a stable code, and a text in Chinese and English.

Promises: an error means that the campaign must not open; a warning means that the organiser should know.
Does not promise: any order of the problems. `lines` sorts them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.moderation.campaign_file.line_numbers import Path

ERROR, WARNING = "error", "warning"
#: What the windows are called in Chinese; in English their keys are words.
PHASE_ZH = {"submission": "报送", "likes": "点赞", "judging": "评审", "exhibition": "展播"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem at one line of a campaign file. `level` is ERROR or WARNING, and `code` is stable.

    `path` names the key that it is about, such as `windows.likes.end`; empty for the whole file.
    """

    line: int
    level: str
    code: str
    zh: str
    en: str
    path: str = ""


class Report:
    """Collects the problems of a campaign file, and the paths (keys from the root) at which errors were found."""

    def __init__(self, lines: Mapping[Path, int]) -> None:
        self._lines = lines
        self._broken: list[Path] = []
        self.problems: list[Problem] = []

    def error(self, path: Path, code: str, zh: str, en: str) -> None:
        """Add an error at a path. The path is broken from then on."""
        self._broken.append(path)
        self.problems.append(Problem(self.line(path), ERROR, code, zh, en, _dotted(path)))

    def warning(self, path: Path, code: str, zh: str, en: str) -> None:
        """Add a warning at a path. The path does not become broken."""
        self.problems.append(Problem(self.line(path), WARNING, code, zh, en, _dotted(path)))

    def either(self, *, level: str, path: Path, code: str, words: tuple[str, str]) -> None:
        """Add an error or a warning at a path, as `level` says. `words` are its Chinese and English texts."""
        (self.error if level == ERROR else self.warning)(path, code, *words)

    def line(self, path: Path) -> int:
        """Return the line of a path, or the line of the nearest enclosing table that appears in the file."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def broken(self, *path: str | int) -> bool:
        """Return whether there is an error at a path, below it, or at an enclosing table: its value is not usable."""
        return any(each[: len(path)] == path or self._around(each, path) for each in self._broken)

    def lost(self, path: Path) -> bool:
        """Return whether there is an error at the path or at an enclosing table, so that a missing key in it need not
        be reported.
        """
        return any(each == path or self._around(each, path) for each in self._broken)

    @staticmethod
    def _around(table: Path, path: Path) -> bool:
        return len(table) < len(path) and path[: len(table)] == table


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def lines(problems: Iterable[Problem], path: str) -> list[str]:
    """Return the problems as text, one line for each: `<path>:<line>: <level>[<code>]: <zh> / <en>`, in file order."""
    ordered = sorted(problems, key=lambda each: (each.line, each.level, each.code, each.en))
    return [f"{path}:{each.line}: {each.level}[{each.code}]: {each.zh} / {each.en}" for each in ordered]
