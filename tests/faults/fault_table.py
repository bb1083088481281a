"""The table of faults × invariants, as `make faults` prints it and as it is stored in `build/faults.json`.

A row is a fault under load with the judge's verdict after it. A control is a defect on purpose, and its row must
show it. Cells: ok, BROKEN, caught (broken, in a control), – (no evidence).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.faults.judge import INVARIANTS, Verdict, lines

MAX_LINES = 20  # violations that are stored for a row


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a fault or control, the test that added it, and the verdict."""

    name: str
    test: str  # id of the test that added it
    control: bool
    verdict: Verdict

    def cells(self) -> dict[str, str]:
        """Return the text of each cell, by invariant."""
        bad = "caught" if self.control else "BROKEN"
        return {name: "–" if found is None else bad if found else "ok" for name, found in self.verdict.items()}


@dataclass(slots=True)
class FaultTable:
    """All rows of one run, and its seed."""

    seed: int
    rows: list[Row] = field(default_factory=list)

    def text_lines(self, silent: list[str]) -> Iterator[str]:
        """Yield the lines of the table. `silent` are the tests that failed before they reached a verdict."""
        wide = max(len(row.name) for row in self.rows) if self.rows else 0
        yield " ".join(["fault".ljust(wide), *INVARIANTS])
        for control in (False, True):
            if control:
                yield "controls (defects on purpose)"
            for row in (row for row in self.rows if row.control == control):
                cells = row.cells()
                yield " ".join([row.name.ljust(wide), *(cells[name].ljust(len(name)) for name in INVARIANTS)]).rstrip()
        for name, (question, _, _) in INVARIANTS.items():
            yield f"  {name:<9} {question}"
        for test in silent:
            yield f"no verdict: {test}"

    def data(self, silent: list[str], took_s: float) -> dict[str, Any]:
        """Return the table as JSON data."""
        return {
            "seed": self.seed,
            "took_s": round(took_s, 1),
            "invariants": {name: question for name, (question, _, _) in INVARIANTS.items()},
            "rows": [
                {
                    "fault": row.name,
                    "test": row.test,
                    "control": row.control,
                    "cells": row.cells(),
                    "broken": lines(row.verdict)[:MAX_LINES],
                }
                for row in self.rows
            ],
            "no_verdict": silent,
        }


@dataclass(frozen=True, slots=True)
class RowWriter:
    """The fault table as one test adds to it."""

    table: FaultTable
    test: str

    def add_fault(self, name: str, verdict: Verdict) -> list[str]:
        """Add a row for a fault; return the violations, which a passing test expects to be none."""
        self.table.rows.append(Row(name, self.test, False, verdict))
        return lines(verdict)

    def add_control(self, name: str, verdict: Verdict) -> set[str]:
        """Add a row for a control; return the names of the invariants that are violated."""
        self.table.rows.append(Row(name, self.test, True, verdict))
        return {name for name, found in verdict.items() if found}
