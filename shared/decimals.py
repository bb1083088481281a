"""Points as people read them, with two decimals."""


def two_decimals(hundredths: int) -> str:
    """Write hundredths as a decimal: -320 is "-3.20"."""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{rest:02}"
