"""Names and docstrings of the house: a small check for what a stranger would stumble over.

Promises: no module, function or class has a name of the refused list, with or without a leading underscore, and every
module says in its docstring what it holds, in sentences. Locals, parameters and fields are not looked at: a participle
is the right name for a boolean or for a past fact.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.files import ROOT

FOLDERS = ("shared", "services", "gateway", "deploy", "tests")
DEFINED = re.compile(r"^[ \t]*(?:async[ ]def|def|class)[ ]+(\w+)", re.MULTILINE)
DOCSTRING = re.compile(r'(?:#[^\n]*\n|\s)*"""(.*?)"""', re.DOTALL)
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
#: Words that name nothing a search would find: participles, pronouns, adverbs, and metaphors of this house.
REFUSED = {
    "told", "kept", "made", "gone", "said", "spelled", "here", "there", "such", "one", "once", "asked", "asking",
    "shown", "known", "heard", "seen", "found", "rounded", "aside", "course", "gate", "ask", "keeper", "thirds",
    "own", "taken", "got", "done", "way", "ways", "doors", "things", "stuff",
}  # fmt: skip


def names_of(path: Path) -> Iterator[str]:
    """Yield the name of the module and of each function and class in it, at any depth, without leading underscores.

    Read by a pattern, since parsing every file would take longer than all the rest of this test.
    """
    yield path.stem.strip("_")
    yield from (name.strip("_") for name in DEFINED.findall(path.read_text(encoding="utf-8")))


def docstring_of(path: Path) -> str | None:
    """Return the docstring of a module, which only a comment may precede, or None."""
    found = DOCSTRING.match(path.read_text(encoding="utf-8"))
    return inspect.cleandoc(found[1]) if found else None


def faults_of(docstring: str | None) -> list[str]:
    """Return what is wrong with a docstring; an indented example, a list or a tree at its end needs no full stop."""
    if not docstring or not docstring.strip():
        return ["missing"]
    paragraphs = [each for each in docstring.strip().split("\n\n") if not each.startswith("    ")]
    prose = [each.strip() for each in paragraphs if not re.match(r"[-|*]", each) and "├──" not in each]
    faults = [] if re.match(r"`?[A-Z\d`]", docstring.strip()) else ["does not begin with a capital letter"]
    return faults + [f"no full stop: {each[-40:]}" for each in (prose[:1] + prose[-1:]) if each[-1] not in ".:"]


def test_names_say_what_they_name():
    refused = {
        str(path.relative_to(ROOT)): sorted(REFUSED & {name.lower() for name in names_of(path)}) for path in FILES
    }

    assert {path: names for path, names in refused.items() if names} == {}


def test_each_module_opens_with_a_sentence():
    faults = {str(path.relative_to(ROOT)): faults_of(docstring_of(path)) for path in FILES}

    assert {path: found for path, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("docstring", "faults"),
    [
        pytest.param("Serve cached public responses.", [], id="a sentence"),
        pytest.param("Read a log:\n\n    n <= have   drop", [], id="an example at the end"),
        pytest.param(None, ["missing"], id="none"),
        pytest.param("reads a log.", ["does not begin with a capital letter"], id="no capital letter"),
        pytest.param("Read a log.\n\nWhat else", ["no full stop: What else"], id="no full stop"),
    ],
)
def test_docstring_that_is_no_sentence_is_found(docstring: str | None, faults: list[str]):
    assert faults == faults_of(docstring)


def test_refused_name_is_found_under_any_underscore(tmp_path: Path):
    module = tmp_path / "views.py"
    module.write_text("class Kept: ...\ndef _told(): ...\ndef shown_rows(): ...\n")

    assert [name for name in names_of(module) if name.lower() in REFUSED] == ["Kept", "told"]
