"""Find the installed fonts that certificates are set in.

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
#: Fonts that an organiser may install for names that no font of CHINESE can set: rare characters, other scripts.
RARE = (
    "Plangothic P1",
    "Plangothic P2",
    "HanaMinA",
    "HanaMinB",
    "BabelStone Han",
    "SimSun-ExtB",
    "SimSun-ExtG",
    "Noto Naskh Arabic",
    "Noto Serif Tibetan",
    "Noto Sans Tibetan",
    "Noto Sans Mongolian",
    "Noto Sans Yi",
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


def candidates() -> list[str]:
    """Return the installed families that a name may be set in, the preferred first. Raise Problem as `chinese` does."""
    have = set(installed().families())
    return [*chinese(), *(each for each in RARE if each in have)]
