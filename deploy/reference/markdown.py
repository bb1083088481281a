"""Markdown of the reference pages: headings, tables, and types as a reader needs them."""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

HEAD = "# {}\n\nMade from the code by `make reference`; change the code, not this page.\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table; characters that would break it or read as HTML are escaped."""
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    parts = text.replace("|", "\\|").replace("\n", " ").split("`")  # every second part is code
    return "`".join(part if i % 2 else part.replace("<", "&lt;") for i, part in enumerate(parts))


def kind_of(hint: Any) -> str:
    """Return a type annotation in words for a reader: `str or None`, and not a Python expression."""
    text = hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint)
    text = re.sub(r"\b[a-z_]\w*\.(?:\w+\.)*", "", text).replace("NoneType", "None")
    text = re.sub(r"^Optional\[(.+)\]$", r"\1 | None", text)
    text = re.sub(r"tuple\[(\w+), \.\.\.\]", r"list of \1", text).replace(" | ", " or ")
    return code(text)


def code(text: Any) -> str:
    """Return a value as code in Markdown; None and an empty text become an empty text."""
    return f"`{text}`" if text not in (None, "") else ""


def flowing(text: str) -> str:
    """Return a docstring without indentation and with each paragraph on one line."""
    return "\n\n".join(" ".join(each.split()) for each in inspect.cleandoc(text).split("\n\n"))
