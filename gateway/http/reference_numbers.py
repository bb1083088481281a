"""Numbers that people are given to ask by, as they type and read them: 16 letters and digits from 2 to 7."""

import re

from gateway.http.problems import Problem
from shared.reference_numbers import PATTERN

_NUMBER = re.compile(PATTERN)
_BETWEEN = re.compile(r"[\s-]+")
_LOOK_ALIKE = str.maketrans("018", "OIB")  # digits that no number has, for letters that look like them


def plain(number: str, *, unknown: str, field: str) -> str:
    """A number as people type it. Raises Problem `unknown` for what cannot be one."""
    found = _BETWEEN.sub("", number).upper().translate(_LOOK_ALIKE)
    if not _NUMBER.fullmatch(found):
        raise Problem(unknown, field=field)
    return found


def grouped(number: str) -> str:
    """A number as people read it."""
    return "-".join(number[at : at + 4] for at in range(0, len(number), 4))
