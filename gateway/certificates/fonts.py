"""Fonts with Chinese characters, as this machine has them.

Promises: found by what the font files say of themselves, once a process; without one there is a Problem and not a
paper full of boxes. `deploy/setup` installs one.
"""

from functools import cache

import typst

from gateway.http.problems import Problem

# A serif first, as certificates are printed; any of them will do.
CHINESE = (
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Noto Serif SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Zen Hei",
)


@cache
def installed() -> typst.Fonts:
    """All fonts of the system. It takes a second or two."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)


def chinese(families: list[str] | None = None) -> list[str]:
    """The families to print with, the best first. Raises Problem where none has Chinese characters."""
    have = set(installed().families() if families is None else families)
    found = [each for each in CHINESE if each in have]
    if not found:
        raise Problem("fonts-missing", facts={"fonts": list(CHINESE[:3])})
    return found
