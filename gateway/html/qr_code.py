"""An address as a QR code, for pages that lead a phone somewhere."""

import io
from typing import Any

import segno


def qr_svg(address: str, *, border: int = 2, **how: Any) -> str:
    """Return an address as a QR code in SVG, which fills the width that the page gives it.

    `border` is in modules of the code. `how` are further options of segno's SVG writer; with `scale` the size is fixed.
    """
    drawn = io.BytesIO()
    size = {} if "scale" in how else {"omitsize": True}
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=border, xmldecl=False, svgns=True, **size, **how
    )
    return drawn.getvalue().decode()
