"""The tables of services and processes in ARCHITECTURE.md say what the code says."""

import re
from collections.abc import Iterator

from deploy.topology.folded_logs import FOLDED_LOGS
from deploy.topology.processes import TABLE
from tests.files import ROOT

TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PARTITIONS = "`vote.0` … `vote.P-1`"


def rows(*header: str) -> list[list[str]]:
    """The cells of the one table whose header begins with these words."""
    found = [table for table in tables() if table[0][: len(header)] == list(header)]
    assert len(found) == 1, f"ARCHITECTURE.md has {len(found)} tables of {header}"
    return found[0][2:]


def tables() -> Iterator[list[list[str]]]:
    for lines in re.findall(r"(?:^\|.*\n)+", TEXT, re.MULTILINE):
        yield [[cell.strip() for cell in line.strip("|").split("|")] for line in lines.splitlines()]


def test_services_stand_with_their_log_and_what_they_follow():
    services = {name: (f"`{logs.own}`", ", ".join(logs.followed)) for name, logs in FOLDED_LOGS.services.items()}
    writers = {"vote-writer": (PARTITIONS, ", ".join(FOLDED_LOGS.followed_by_writers))}

    written = {name: (log, follows) for name, log, follows, _ in rows("service", "log", "follows")}

    assert services | writers == written


def test_processes_stand_with_their_count_and_the_word_that_scales_them():
    expected = {each.name: (each.count, each.scaled_as) for each in TABLE}

    written = {}
    for names, count, _ in rows("process", "count"):
        number, scaled = re.match(r"\d+", count), re.search(r"make scale (\w+)=", count)
        assert number is not None, f"{names}: {count} is no count"
        for name in names.split(", "):
            written[name] = (int(number[0]), scaled[1] if scaled else None)

    assert expected == written
