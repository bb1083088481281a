"""The import rules of ARCHITECTURE.md, checked in the source text, whatever happens to be loaded."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.files import ROOT, parse_module

SERVICES = ("submission", "moderation", "voting", "scoring", "ranking")
PUBLISHED = {*(f"services.{each}.events" for each in SERVICES), "services.moderation.campaign"}
#: The modules of the kernel that a domain may import.
PURE_KERNEL = {"shared.decider", "shared.events", "shared.canonical", "shared.values"}
SHELLS = {"service", "writer", "projector", "rebuild", "queries", "schemas", "projection", "orders", "views"}
FRAMEWORKS = {"nameko", "eventlet", "kombu", "pymongo", "starlette", "aio_pika", "uvicorn", "prometheus_client"}
DOMAINS = [f"services/{each}/domain.py" for each in SERVICES]


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, at any depth; `from a import b` gives both a and a.b."""
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                parent = ".".join(path.relative_to(ROOT).with_suffix("").parts[: -node.level])
                module = f"{parent}.{module}".rstrip(".")
            yield module
            yield from (f"{module}.{each.name}" for each in node.names)


def python_files(folder: str) -> list[Path]:
    """Return all Python files in a folder, sorted."""
    return sorted((ROOT / folder).rglob("*.py"))


def own_imports(path: Path) -> set[str]:
    """Return the modules of this repository that a file imports."""
    return {
        each for each in imports(path) if each.split(".")[0] in ("shared", "services", "gateway", "deploy", "tests")
    }


def path_id(path: Path) -> str:
    """Return a path as the id of a test."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", python_files("shared"), ids=path_id)
def test_kernel_imports_nothing_of_ours_but_itself(path: Path):
    allowed = {"shared"}

    assert set() == {each for each in own_imports(path) if each.split(".")[0] not in allowed}


@pytest.mark.parametrize("path", python_files("gateway"), ids=path_id)
def test_gateway_talks_by_message_only(path: Path):
    assert set() == {each for each in own_imports(path) if each.split(".")[0] not in ("gateway", "shared")}


@pytest.mark.parametrize("path", python_files("services"), ids=path_id)
def test_service_knows_others_by_their_published_language_only(path: Path):
    own = path.relative_to(ROOT).parts[1]

    foreign = {
        each
        for each in own_imports(path)
        if each.startswith("services.") and not each.startswith(f"services.{own}") and each.count(".") >= 2
    }

    assert set() == {each for each in foreign if not any(each == p or each.startswith(f"{p}.") for p in PUBLISHED)}


@pytest.mark.parametrize("path", python_files("services"), ids=path_id)
def test_service_imports_neither_gateway_nor_deploy_nor_tests(path: Path):
    assert set() == {each for each in own_imports(path) if each.split(".")[0] in ("gateway", "deploy", "tests")}


@pytest.mark.parametrize("path", [ROOT / each for each in DOMAINS], ids=path_id)
def test_domain_knows_events_and_the_shape_of_a_decision(path: Path):
    own = ".".join(path.relative_to(ROOT).parts[:2])
    known = {each for each in own_imports(path) if each.startswith("shared.")}

    assert set() == {each for each in known if not any(each == p or each.startswith(f"{p}.") for p in PURE_KERNEL)}
    assert set() == {each for each in own_imports(path) if each.rpartition(".")[2] in SHELLS and each.startswith(own)}


@pytest.mark.parametrize("path", [ROOT / each for each in DOMAINS], ids=path_id)
def test_domain_knows_no_framework(path: Path):
    assert set() == {each for each in imports(path) if each.split(".")[0] in FRAMEWORKS}


@pytest.mark.parametrize("path", [ROOT / f"services/{each}/events.py" for each in SERVICES], ids=path_id)
def test_published_language_knows_the_events_of_the_kernel_only(path: Path):
    assert set() == {each for each in own_imports(path) if not each.startswith("shared.events") and each != "shared"}


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_the_files_that_a_stranger_looks_for(service: str):
    wanted = {"README.md", "events.py", "domain.py", "schemas.py", "queries.py", "service.py"}

    assert set() == wanted - {path.name for path in (ROOT / "services" / service).iterdir()}
