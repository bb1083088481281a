"""Reference numbers of complaints, objections and certificates as people type and read them.

A number has 16 letters or digits from 2 to 7 (`shared/reference_numbers.py`).
"""

import re

from gateway.http.problems import Problem
from shared.reference_numbers import PATTERN

_NUMBER = re.compile(PATTERN)
_BETWEEN = re.compile(r"[\s-]+")
_LOOK_ALIKE = str.maketrans("018", "OIB")  # digits that no number contains, and the letters that they look like


def parse_number(number: str, *, unknown: str, field: str) -> str:
    """Return the reference number in a text as people type it, without its spaces and dashes, in upper case.

    Raise Problem with the code `unknown` for `field` if the text cannot be a reference number.
    """
    normalized = _BETWEEN.sub("", number).upper().translate(_LOOK_ALIKE)
    if not _NUMBER.fullmatch(normalized):
        raise Problem(unknown, field=field)
    return normalized


def parse_subject(subject: str) -> str:
    """Return the subject of a forgetting with its reference number, if it has one, as `parse_number` returns it.

    Raise Problem for a complaint, an objection or a question whose number cannot be a reference number.
    """
    kind, _, name = subject.partition(".")
    if kind not in ("complaint", "objection", "question"):
        return subject
    return f"{kind}.{parse_number(name, unknown='subject-unknown', field='subject')}"


def format_number(number: str) -> str:
    """Return a reference number in groups of four with dashes, as people read it."""
    return "-".join(number[at : at + 4] for at in range(0, len(number), 4))
