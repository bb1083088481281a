"""The tutorial works: its blocks apply to the code as it is, and the tests that it writes pass."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.files import ROOT

pytestmark = pytest.mark.slow  # the tests that the tutorial writes run in a process of their own

PAGE = ROOT / "docs" / "tutorial.md"
COPIED = ("deploy", "docs", "gateway", "services", "shared", "tests", "pyproject.toml", "Makefile")
LEFT_OUT = shutil.ignore_patterns("bench", "faults", "integration", "e2e", "*.png")


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the code blocks of a page in order, each with its language."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def apply_hunks(text: str, change: str) -> str:
    """Apply the hunks of a change, each at the only place where its old lines stand. Raises ValueError."""
    for hunk in re.split(r"^@@\n", change, flags=re.MULTILINE):
        lines = hunk.splitlines()
        old, new = ("".join(f"{each[1:]}\n" for each in lines if not each.startswith(sign)) for sign in "+-")
        if text.count(old) != 1:
            raise ValueError(f"these lines stand {text.count(old)} times where the tutorial changes them once:\n{old}")
        text = text.replace(old, new)
    return text


def apply_block(folder: Path, language: str, block: str) -> str:
    """Write one block into a folder; return the command line that it is, if it is one."""
    head, _, rest = block.partition("\n")
    match language:
        case "python":
            (folder / head.removeprefix("# ")).write_text(rest, encoding="utf-8")
        case "diff":
            path = folder / head.removeprefix("--- ")
            path.write_text(apply_hunks(path.read_text(encoding="utf-8"), rest), encoding="utf-8")
        case "bash":
            return block
        case _:
            raise ValueError(f"the test does not know what to do with a block of {language}")
    return ""


def test_every_block_applies_and_the_tests_that_it_writes_pass(tmp_path: Path) -> None:
    for each in COPIED:
        if (ROOT / each).is_dir():
            shutil.copytree(ROOT / each, tmp_path / each, ignore=LEFT_OUT)
        else:
            shutil.copy2(ROOT / each, tmp_path / each)

    for language, block in blocks(PAGE.read_text(encoding="utf-8")):
        for line in apply_block(tmp_path, language, block).splitlines():
            words = shlex.split(line.replace(".venv/bin/python", sys.executable))
            run(words, tmp_path)

    for check in (["format", "--check"], ["check"]):
        run([sys.executable, "-m", "ruff", *check, "gateway", "services", "tests"], tmp_path)


def run(words: Sequence[str], folder: Path) -> None:
    """Run a command in a folder, and fail with its output if it fails."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"


def test_change_at_no_place_or_at_two_is_refused() -> None:
    with pytest.raises(ValueError, match="0 times"):
        apply_hunks("a\n", " b\n+c\n")
    with pytest.raises(ValueError, match="2 times"):
        apply_hunks("a\na\n", " a\n+c\n")
