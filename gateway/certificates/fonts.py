"""Find the installed fonts that have Chinese characters.

Promises: fonts are found by the family names in their files, once per process. Without a suitable font a Problem is
raised, rather than a document full of boxes printed. `deploy/setup` installs one.
"""

from functools import cache

import typst

from gateway.http.problems import Problem

# In order of preference: serif fonts suit certificates best, but any of these will do.
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
    """Return the fonts of the machine for typst, found once per process. The first call takes a second or two."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)


def chinese(families: list[str] | None = None) -> list[str]:
    """Return those of CHINESE that are among `families`, by default the installed ones, the preferred first.

    Raise Problem `fonts-missing` if there is none.
    """
    have = set(installed().families() if families is None else families)
    available = [each for each in CHINESE if each in have]
    if not available:
        raise Problem("fonts-missing", facts={"fonts": list(CHINESE[:3])})
    return available
