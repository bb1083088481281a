"""The import order of ARCHITECTURE.md, read from the source and not from the modules that happen to be loaded."""

import ast
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import networkx
import pytest

from tests import house
from tests.files import ROOT

SERVICES = ("submission", "moderation", "voting", "scoring", "ranking")
PUBLISHED = {*(f"services.{each}.events" for each in SERVICES), "services.moderation.campaign"}
#: Modules of a service that decide or describe, and what of the kernel they may know.
PURE_KERNEL = {
    "shared.decider",
    "shared.events",
    "shared.canonical",
    "shared.values",
    "shared.decimals",
    "shared.names",
    "shared.national_calendar",
    "shared.short_text",
    "shared.text_rule",
    "shared.subtitles",
    "shared.web_links",
    "shared.zones",
    "shared.reference_numbers",
}
SHELLS = {"service", "writer", "projector", "rebuild", "queries", "schemas", "projection", "orders", "views"}
FRAMEWORKS = {"nameko", "eventlet", "kombu", "pymongo", "starlette", "aio_pika", "uvicorn", "prometheus_client"}
DOMAINS = [f"services/{each}/domain.py" for each in SERVICES]
#: What every service keeps pure, wherever it has it.
PURE_ROOMS = ("state.py", "decisions", "calculation", "assignment")
#: Libraries of values and of arithmetic: they open nothing and wait for nothing.
PURE_LIBRARIES = {"immutables", "chinese_calendar", "lunar_python", "networkx", "numpy", "zxcvbn.frequency_lists"}
#: The same of the standard library: no clock, no randomness, no file, no socket, no thread. `csv` and `io` parse text.
PURE_STANDARD = {
    "collections",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "bisect",
    "heapq",
    "functools",
    "hashlib",
    "hmac",
    "io",
    "itertools",
    "math",
    "re",
    "typing",
    "unicodedata",
    "urllib.parse",
    "zoneinfo",
}
#: Functions of the pure standard library that read the clock of the machine or open a file.
IMPURE_CALLS = {"now", "utcnow", "today", "open"}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def ours(path: Path) -> set[str]:
    return {
        each
        for each in house.imports_of(path)
        if each.split(".")[0] in ("shared", "services", "gateway", "deploy", "tests")
    }


def reached(path: Path) -> list[Path]:
    """Return a file and the modules of the services that it imports, directly or through others."""
    found, left = {path}, [path]
    while left:
        for each in house.imports_of(left.pop()):
            module = ROOT.joinpath(*each.split(".")).with_suffix(".py")
            if each.startswith("services.") and module not in found and module.exists():
                found.add(module)
                left.append(module)
    return sorted(found)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def against(rule: Callable[[Path], Iterable[str]], paths: Iterable[Path]) -> dict[str, list[str]]:
    """Return the files that break a rule, each with what breaks it; `rule` returns the faults of one file."""
    found = {named(path): sorted(rule(path)) for path in paths}
    return {path: faults for path, faults in found.items() if faults}


def test_kernel_imports_nothing_of_ours_but_itself():
    def foreign(path: Path) -> set[str]:
        return {each for each in ours(path) if each.split(".")[0] != "shared"}

    assert against(foreign, sources("shared")) == {}


def test_gateway_talks_by_message_only():
    def foreign(path: Path) -> set[str]:
        return {each for each in ours(path) if each.split(".")[0] not in ("gateway", "shared")}

    assert against(foreign, sources("gateway")) == {}


def test_service_knows_others_by_their_published_language_only():
    def foreign(path: Path) -> set[str]:
        own = path.relative_to(ROOT).parts[1]
        others = {
            each
            for each in ours(path)
            if each.startswith("services.") and not each.startswith(f"services.{own}") and each.count(".") >= 2
        }
        return {each for each in others if not any(each == p or each.startswith(f"{p}.") for p in PUBLISHED)}

    assert against(foreign, sources("services")) == {}


def test_service_imports_neither_gateway_nor_deploy_nor_tests():
    def foreign(path: Path) -> set[str]:
        return {each for each in ours(path) if each.split(".")[0] in ("gateway", "deploy", "tests")}

    assert against(foreign, sources("services")) == {}


@pytest.mark.parametrize("path", [ROOT / each for each in DOMAINS], ids=named)
def test_domain_knows_events_and_the_shape_of_a_decision(path: Path):
    own = ".".join(path.relative_to(ROOT).parts[:2])
    known = {each for each in ours(path) if each.startswith("shared.")}

    assert set() == {each for each in known if not any(each == p or each.startswith(f"{p}.") for p in PURE_KERNEL)}
    assert set() == {each for each in ours(path) if each.rpartition(".")[2] in SHELLS and each.startswith(own)}


@pytest.mark.parametrize("path", [ROOT / each for each in DOMAINS], ids=named)
def test_domain_knows_no_framework(path: Path):
    assert set() == {each for each in house.imports_of(path) if each.split(".")[0] in FRAMEWORKS}


@pytest.mark.parametrize("path", [ROOT / f"services/{each}/events.py" for each in SERVICES], ids=named)
def test_published_language_knows_the_events_of_the_kernel_only(path: Path):
    assert set() == {each for each in ours(path) if not each.startswith("shared.events") and each != "shared"}


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_the_files_that_a_stranger_looks_for(service: str):
    wanted = {"README.md", "events.py", "state.py", "domain.py", "schemas.py", "queries.py", "service.py"}

    assert set() == wanted - {path.name for path in (ROOT / "services" / service).iterdir()}


@pytest.mark.parametrize("place", house.ORDER)
def test_folder_order_is_import_order(place: str):
    rooms = house.rooms_of(place, house.checkout())

    assert sorted(house.ORDER[place]) == sorted(rooms)
    assert house.back_running(rooms, house.ORDER[place]) == []


def test_order_names_each_room_once_so_that_two_of_a_name_are_seen():
    assert [place for place, rooms in house.ORDER.items() if len(rooms) != len(set(rooms))] == []


def test_no_module_imports_itself_by_a_circle():
    graph = networkx.DiGraph()
    modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in house.checkout()}
    for module, path in modules.items():
        graph.add_edges_from(
            (module, each) for each in house.imports_of(ROOT / path) if each in modules and each != module
        )

    assert [sorted(each) for each in networkx.strongly_connected_components(graph) if len(each) > 1] == []


def pure_sources() -> list[Path]:
    places = [ROOT / "services" / service / room for service in SERVICES for room in PURE_ROOMS]
    return sorted(path for place in places for path in ([place] if place.is_file() else place.rglob("*.py")))


def test_state_and_rules_know_neither_a_framework_nor_an_engine():
    def foreign(path: Path) -> set[str]:
        libraries = {each.split(".")[0] for each in house.imports_of(path)} - sys.stdlib_module_names
        kernel = {each for each in ours(path) if each.startswith("shared.")}
        impure = {each for each in kernel if not any(each == p or each.startswith(f"{p}.") for p in PURE_KERNEL)}
        shells = {each for each in ours(path) if set(each.split(".")[2:3]) & SHELLS}
        return (libraries - PURE_LIBRARIES - {"services", "shared"}) | impure | shells

    assert against(foreign, pure_sources()) == {}


def test_state_and_rules_reach_no_clock_no_file_and_no_engine():
    allowed = PURE_LIBRARIES | PURE_STANDARD | {"services", "shared"}

    def foreign(path: Path) -> set[str]:
        modules = {each for part in reached(path) for each in house.imports_of(part)}
        return {each for each in modules if not any(each == p or each.startswith(f"{p}.") for p in allowed)}

    assert against(foreign, [*pure_sources(), *(ROOT / each for each in DOMAINS)]) == {}


def test_state_and_rules_take_time_as_an_argument():
    def impure(path: Path) -> set[str]:
        calls = [node.func for node in ast.walk(house.checkout()[named(path)]) if isinstance(node, ast.Call)]
        names = {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in calls}
        return names & IMPURE_CALLS

    assert against(impure, [*pure_sources(), *(ROOT / each for each in DOMAINS)]) == {}


def test_file_that_breaks_a_rule_is_named_with_its_fault():
    paths = [ROOT / "shared" / "ledger.py", ROOT / "shared" / "cut.py"]

    assert against(lambda path: {"nameko"} & {path.stem.replace("ledger", "nameko")}, paths) == {
        "shared/ledger.py": ["nameko"]
    }


@pytest.mark.parametrize("top", ["shared", "services", "gateway", "deploy", "tests"])
def test_imports_are_absolute(top: str):
    relative = re.compile(r"^\s*from \.", re.MULTILINE)

    assert [named(path) for path in sources(top) if relative.search(path.read_text(encoding="utf-8"))] == []


def test_back_running_import_is_found():
    sources = {
        "gateway/http/problems.py": ast.parse("from gateway.routing import route"),
        "gateway/routing/route.py": ast.parse("from gateway.http.problems import Problem"),
    }
    rooms = house.rooms_of("gateway", sources)

    assert house.back_running(rooms, ("http", "routing")) == [("http", "routing")]
    assert house.Plan(rooms=2, floors=2, imports=2, back=1) == house.plan(rooms, ("http", "routing"))


def test_houses_without_a_circle_are_stacked_so_that_nothing_runs_back_up():
    rooms = {"app": frozenset({"routes", "http"}), "routes": frozenset({"http"}), "http": frozenset()}

    assert house.stacked(rooms) == ("http", "routes", "app")
