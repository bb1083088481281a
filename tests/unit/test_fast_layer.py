"""The inner loop, `pytest -m "not slow"`, contains no fault test and no benchmark, and these never run side by side."""

import ast
from pathlib import Path

import pytest

from tests.conftest import SLOW_FOLDERS, needs_machine_alone
from tests.files import ROOT, parse_module

FILES = sorted((ROOT / "tests").rglob("test_*.py"))


def marks_of(path: Path) -> set[str]:
    """Return the marks that a module gives to all its tests."""
    given = [
        node.value
        for node in parse_module(path).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
    ]
    return {each.attr for value in given for each in ast.walk(value) if isinstance(each, ast.Attribute)}


def test_module_of_faults_or_measurements_is_slow():
    marks = {str(path.relative_to(ROOT / "tests")): marks_of(path) for path in FILES}

    assert [path for path, found in marks.items() if found & {"faults", "bench"} and "slow" not in found] == []


@pytest.mark.parametrize("folder", SLOW_FOLDERS)
def test_folder_that_the_inner_loop_does_not_read_has_slow_tests_only(folder: str):
    files = sorted((ROOT / "tests" / folder).rglob("test_*.py"))

    assert files
    assert [path.name for path in files if "slow" not in marks_of(path)] == []


@pytest.mark.parametrize(
    ("folder", "markers", "alone"),
    [
        pytest.param("", "faults", True, id="all faults"),
        pytest.param("", "", True, id="everything"),
        pytest.param("faults", "", True, id="the folder of faults"),
        pytest.param("bench", "bench", True, id="the folder of measurements"),
        pytest.param("", "not faults and not bench", False, id="make test"),
        pytest.param("", "not slow", False, id="the inner loop"),
        pytest.param("unit/voting", "", False, id="a folder without faults"),
    ],
)
def test_faults_and_measurements_have_the_machine_to_themselves(folder: str, markers: str, alone: bool):
    assert alone is needs_machine_alone([ROOT / "tests" / folder], markers)
