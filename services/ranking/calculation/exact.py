"""Irrational values, rounded to 12 significant digits before anything compares them.

Promises: the same digits on every machine, because the specification of the decimal module requires correctly rounded
logarithms and square roots, and they are computed with far more digits than are used.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

DIGITS = 12
_RESULT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
_WORKING = Context(prec=60, rounding=ROUND_HALF_EVEN)


def to_significant_digits(value: Fraction) -> Fraction:
    """Return the value rounded to 12 significant digits, half to even."""
    return Fraction(_RESULT.divide(Decimal(value.numerator), Decimal(value.denominator)))


def square_root(value: Fraction) -> Fraction:
    """Return the square root of a value that is not negative, to 60 significant digits."""
    return Fraction(_WORKING.sqrt(_WORKING.divide(Decimal(value.numerator), Decimal(value.denominator))))


def log1p(count: int) -> Fraction:
    """Return ln(1 + count), to 60 significant digits."""
    return Fraction(_WORKING.ln(Decimal(1 + count)))
