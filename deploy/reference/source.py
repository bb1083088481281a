"""Comments beside the fields of dataclasses, read from the source as text.

It is text and no syntax tree, because Python 3.11.2 may fail to parse code while it collects garbage
(CPython issue 106905). Does not promise to find a comment behind a value that holds `#`.
"""

import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import Field, fields
from functools import cache
from typing import Any


def fields_with_comments(cls: type) -> Iterator[tuple[Field[Any], str]]:
    """Yield the fields of a dataclass, each with the comment on its line, or with an empty text if it has none."""
    found = _comments(cls.__module__, cls.__name__)
    yield from ((each, found.get(each.name, "")) for each in fields(cls))


@cache
def _comments(module: str, name: str) -> dict[str, str]:
    """Return the comments of a class by field. A class ends where a line begins at the margin."""
    text = inspect.getsource(importlib.import_module(module))
    (body,) = re.findall(rf"^class {name}\b.*?:\n((?:(?: .*)?\n)*)", text, re.MULTILINE)
    return dict(re.findall(r"^    (\w+): [^#\n]*# *(.+)$", body, re.MULTILINE))
