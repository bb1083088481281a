"""Find the line of each key and each list element in a TOML text.

Promises: for a text that `tomllib` accepts, a line for every path in the parsed data.
Does not promise: anything for a text that `tomllib` refuses. `tomllib` reports no positions, so this module walks the
text itself.
"""

import re
import tomllib

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r"[ \t]*(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')[ \t]*")
_SCALAR = re.compile(
    r'"""(?:[^\\]|\\.)*?"""+' r"|'''.*?'''+" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'" r"|[^,\]}#\n]+",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Path, int]:
    """Return the line number, from 1, of each key and list element, by its path in the parsed data.

    A table has the line of its first header or key. For a text that `tomllib` refuses, it may raise ValueError or
    return wrong lines.
    """
    walk = _Walk(text)
    walk.document()
    return walk.lines


class _Walk:
    """A walk through the text that records the line of each path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {(): 1}
        self.lists: dict[Path, int] = {}  # arrays of tables: the index of the current element

    def document(self) -> None:
        table: Path = ()
        while self.skip():
            if self.take("[["):
                table = self.header(self.key(), is_list=True)
                self.expect("]]")
            elif self.take("["):
                table = self.header(self.key(), is_list=False)
                self.expect("]")
            else:
                self.pair(table)

    def header(self, key: Path, *, is_list: bool) -> Path:
        path: Path = ()
        for depth, part in enumerate(key, start=1):
            path += (part,)
            self.mark(path)
            if is_list and depth == len(key):
                self.lists[path] = self.lists.get(path, -1) + 1
            if path in self.lists:
                path += (self.lists[path],)
                self.mark(path)
        return path

    def pair(self, table: Path) -> None:
        path = table
        for part in self.key():
            path += (part,)
            self.mark(path)
        self.expect("=")
        self.value(path)

    def value(self, path: Path) -> None:
        self.skip()
        if self.take("["):
            index = 0
            while self.skip() and not self.take("]"):
                self.mark((*path, index))
                self.value((*path, index))
                self.skip()
                self.take(",")
                index += 1
        elif self.take("{"):
            while self.skip() and not self.take("}"):
                self.pair(path)
                self.skip()
                self.take(",")
        else:
            self.match(_SCALAR)

    def key(self) -> Path:
        parts: list[str] = []
        while not parts or self.take("."):
            part = self.match(_KEY_PART)[0].strip(" \t")
            parts.extend(tomllib.loads(f"{part} = 0"))
        return tuple(parts)

    def mark(self, path: Path) -> None:
        self.lines.setdefault(path, self.text.count("\n", 0, self.at) + 1)

    def skip(self) -> bool:
        """Skip blanks, line ends and comments. Return whether any text is left."""
        self.match(_BLANK)
        return self.at < len(self.text)

    def take(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise ValueError(f"{sign!r} expected at {self.at}")

    def match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"{pattern.pattern!r} expected at {self.at}")
        self.at = found.end()
        return found
