"""The results of the benchmarks: a table for people, and `build/bench.json` for comparison with the next run."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.paired import Pair
from tests.files import ROOT

JSON_FILE = ROOT / "build" / "bench.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    `ratio` and `reference` are None where there is nothing to compare with, `at_least` where no bar is set.
    """

    name: str
    ours: float
    reference: float | None
    reference_name: str | None
    ratio: float | None
    at_least: float | None
    unit: str

    @property
    def missed(self) -> bool:
        """Whether the ratio is below the bar."""
        return self.at_least is not None and (self.ratio is None or self.ratio < self.at_least)


class Report:
    """The rows of a run, in the order in which they were measured."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def compare(self, name: str, pair: Pair, *, reference: str, unit: str, at_least: float | None = None) -> None:
        """Add a comparison with a reference; fail the calling test if the ratio misses the bar."""
        row = Row(name, round(pair.ours), round(pair.reference), reference, round(pair.ratio, 3), at_least, unit)
        self.rows.append(row)
        assert not row.missed, f"{name}: {row.ratio} of {reference}, which misses the bar of {at_least}"

    def state(self, name: str, ours: float, *, unit: str) -> None:
        """Add a figure that is compared with nothing."""
        self.rows.append(Row(name, round(ours, 1), None, None, None, None, unit))

    def reach(self, name: str, ours: float, *, limit: float, unit: str) -> None:
        """Add a rate that must reach a limit; fail the calling test if it does not."""
        self._limited(Row(name, round(ours), limit, "minimum", round(ours / limit, 3), 1, unit))

    def within(self, name: str, ours: float, *, limit: float, unit: str) -> None:
        """Add a figure that must stay below a limit; fail the calling test if it does not. The ratio is limit /
        figure.
        """
        self._limited(Row(name, round(ours, 1), limit, "maximum", round(limit / ours, 3), 1, unit))

    def _limited(self, row: Row) -> None:
        self.rows.append(row)
        assert not row.missed, f"{row.name}: {row.ours} {row.unit}, the {row.reference_name} is {row.reference}"

    def lines(self) -> list[str]:
        """Return the lines of the table."""
        cells = [("benchmark", "ours", "reference", "", "ratio", "at least", "unit"), *map(_cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        left = {0, 3, 6}
        return [
            "  ".join(
                cell.ljust(width) if i in left else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in cells
        ]

    def write(self, path: Path = JSON_FILE) -> None:
        """Write the rows of this run as JSON. A run of some benchmarks only replaces the results of a full run."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(row) for row in self.rows], indent=1) + "\n")


def machine() -> str:
    """Describe the machine and its load, for the last line of the table."""
    info = Path("/proc/cpuinfo")
    named = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    model = named[0].partition(":")[2].strip() if named else platform.machine()
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}, load {load}"


def _cells(row: Row) -> tuple[str, ...]:
    verdict = "" if row.at_least is None else f"{row.at_least:g}{' MISSED' if row.missed else ''}"
    return (
        row.name,
        f"{row.ours:,g}" if row.ours < 1000 else f"{row.ours:,.0f}",
        "" if row.reference is None else f"{row.reference:,.0f}",
        row.reference_name or "",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        verdict,
        row.unit,
    )
