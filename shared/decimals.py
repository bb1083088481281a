"""Points as people read them, with two decimals."""


def two_decimals(hundredths: int) -> str:
    """Return hundredths as a decimal with two digits after the point: -320 gives "-3.20"."""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{rest:02}"
