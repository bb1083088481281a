"""The table of faults × invariants, as `make faults` prints it and as `build/faults.json`.

A row is a fault under load and what the judge said after it; a control is something broken on purpose, whose row must
say so. Cells: ok, BROKEN, caught (broken, in a control), – (not asked).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.faults.judge import INVARIANTS, Verdict, lines

KEPT_LINES = 20  # of what is broken in a row


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    test: str  # which one it came from
    control: bool
    verdict: Verdict

    def cells(self) -> dict[str, str]:
        bad = "caught" if self.control else "BROKEN"
        return {name: "–" if found is None else bad if found else "ok" for name, found in self.verdict.items()}


@dataclass(slots=True)
class FaultTable:
    seed: int
    rows: list[Row] = field(default_factory=list)

    def printed(self, silent: list[str]) -> Iterator[str]:
        """Its lines. `silent`: the tests that failed before they came to a verdict."""
        wide = max(len(row.name) for row in self.rows) if self.rows else 0
        yield " ".join(["fault".ljust(wide), *INVARIANTS])
        for control in (False, True):
            if control:
                yield "controls: broken on purpose"
            for row in (row for row in self.rows if row.control == control):
                cells = row.cells()
                yield " ".join([row.name.ljust(wide), *(cells[name].ljust(len(name)) for name in INVARIANTS)]).rstrip()
        for name, (question, _, _) in INVARIANTS.items():
            yield f"  {name:<9} {question}"
        for test in silent:
            yield f"no verdict: {test}"

    def data(self, silent: list[str], took_s: float) -> dict[str, Any]:
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
                    "broken": lines(row.verdict)[:KEPT_LINES],
                }
                for row in self.rows
            ],
            "no_verdict": silent,
        }


@dataclass(frozen=True, slots=True)
class Rows:
    """The table as one test writes in it."""

    table: FaultTable
    test: str

    def fault(self, name: str, verdict: Verdict) -> list[str]:
        """A row; what is broken."""
        self.table.rows.append(Row(name, self.test, False, verdict))
        return lines(verdict)

    def control(self, name: str, verdict: Verdict) -> set[str]:
        """A row of something broken on purpose; the invariants that are red."""
        self.table.rows.append(Row(name, self.test, True, verdict))
        return {name for name, found in verdict.items() if found}
