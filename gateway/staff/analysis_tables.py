"""The ranking's answers as rows of a table, the difference of two tables, and curves of likes as SVG. Pure.

Promises: every score is ranking's own, rounded to two decimals for people only; nothing is computed that decides.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from shared.decimals import two_decimals

Row = dict[str, Any]
WIDTH, HEIGHT, EDGE = 640, 220, 40


def two_places(fraction: str | None) -> str:
    """Return an exact number, as text of a fraction, with two decimals; a dash for none."""
    if fraction is None:
        return "–"
    exact = 100 * Fraction(fraction)
    whole = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return two_decimals(-whole if exact < 0 else whole)


def table_rows(answer: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a ranking, or of the table by likes alone, by type and place."""
    if answer.get("table"):
        rows = [
            {
                "entry": each["entry"],
                "type": each["type"],
                "place": str(each["place"]),
                "overall": each["overall"],
                "likes": each["likes"],
                "like_points": two_places(each["like_points"]),
                "expert": two_places(each["expert"]),
                "final": two_places(each["final"]),
                "winner": each["winner"],
                "seat": each["seat"],
            }
            for each in answer["table"]["rows"]
        ]
        return sorted(rows, key=lambda row: (row["type"], int(row["place"]), row["entry"]))
    empty = {"overall": None, "expert": None, "final": None, "winner": False, "seat": None}
    return [
        {
            "entry": each["entry"],
            "type": each["type"],
            "place": two_places(each["rank"]).removesuffix(".00"),
            "likes": each["likes"],
            "like_points": two_places(each["like_points"]),
            **empty,
        }
        for each in answer.get("likes", ())
    ]


def table_difference(first: Sequence[Row], second: Sequence[Row]) -> list[Row]:
    """Return the entries whose row differs between two tables, in the order of the second; `before` or `after` is None
    where an entry was or is not in the table.
    """
    before = {row["entry"]: row for row in first}
    after = {row["entry"]: row for row in second}
    changed = [
        {"entry": entry, "before": before.get(entry), "after": row}
        for entry, row in after.items()
        if before.get(entry) != row
    ]
    lost = [{"entry": entry, "before": row, "after": None} for entry, row in before.items() if entry not in after]
    return changed + lost


def position_text(cut: Mapping[str, int]) -> str:
    """Return a cut as text that `parse_position` reads: `moderation:8,vote.0:4`."""
    return ",".join(f"{log}:{n}" for log, n in sorted(cut.items()))


def parse_position(text: str) -> dict[str, int] | None:
    """Return the cut that a text names, or None if it is no such text."""
    found = {}
    for part in text.replace(" ", "").split(","):
        log, _, n = part.rpartition(":")
        if not log or not (n.isascii() and n.isdecimal()) or len(n) > 12:
            return None
        found[log] = int(n)
    return found


def position_sliders(cut: Mapping[str, int], heads: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return a slider for each log over the numbers of its commits, at its place in a cut: `log`, `at`, `last`."""
    return [{"log": log, "at": cut.get(log, 0), "last": last} for log, last in sorted(heads.items())]


def like_curve(days: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a template draws as a curve of an entry's likes by day: points of both lines, labels and the scale.

    `valid` are the likes that count, `usual` the likes of the median of its type.
    """
    most = max((max(day["valid"], day["usual"] or 0) for day in days), default=0) or 1
    step = (WIDTH - 2 * EDGE) / max(1, len(days) - 1)
    xs = [round(EDGE + i * step, 1) for i in range(len(days))]

    def line(name: str) -> str:
        heights = (HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (day[name] or 0) / most for day in days)
        return " ".join(f"{x},{y:.1f}" for x, y in zip(xs, heights, strict=True))

    labels = [{"x": x, "day": day["day"][5:]} for x, day in zip(xs, days, strict=True)]
    return {"width": WIDTH, "height": HEIGHT, "edge": EDGE, "most": most, "valid": line("valid"),
            "usual": line("usual"), "labels": labels}  # fmt: skip
