"""The addresses of a picture in its widths, as `srcset` names them."""

from shared.media.picture_sizes import WIDTHS


def srcset(sha256: str, ending: str, width: int = 0) -> str:
    """Return the addresses of a picture with this ending, `webp` or `jpg`, each with how wide it is.

    `width` is the picture's own, 0 if unknown. A picture is not made larger, so what is wider than it is left out, but
    for the first, which holds the picture in its own width.
    """
    widths = [each for each in WIDTHS if not width or each < width]
    if len(widths) < len(WIDTHS):
        widths.append(WIDTHS[len(widths)])
    return ", ".join(f"/media/{sha256}/{each}.{ending} {min(each, width or each)}w" for each in widths)
