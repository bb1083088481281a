"""The tables of folders, services and processes in ARCHITECTURE.md say what the code says."""

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


def test_every_folder_of_code_stands_in_the_table_of_folders():
    tops = ("shared", "services", "gateway", "deploy", "tests")
    folders = {path.parent.relative_to(ROOT) for top in tops for path in (ROOT / top).rglob("*.py")}

    written = {name for names, _ in rows("folder", "what it is") for name in re.findall(r"`([\w/]+)/`", names)}

    mirrors = ROOT.joinpath("tests", "unit").relative_to(ROOT)
    tables_of_their_own = {"gateway", "deploy", "services", "tests"}
    assert {str(each) for each in folders if mirrors not in each.parents} - written - tables_of_their_own == set()


def test_every_module_of_the_kernel_stands_in_its_table():
    written = {name for names, _ in rows("module", "what it holds") for name in re.findall(r"`(\w+)`", names)}

    assert {path.stem for path in (ROOT / "shared").glob("*.py")} - {"__init__"} | {"testing"} == written
