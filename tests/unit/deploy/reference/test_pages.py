"""The reference pages leave nothing out. `test_generate.py` compares them with the code."""

import dataclasses
import re
from collections import Counter
from typing import Optional

import pytest

from deploy.cli import main as baijia
from deploy.reference import pages
from deploy.reference.cli_page import commands
from deploy.reference.events_page import COMMON_FIELDS
from deploy.reference.http_page import AUDIENCES
from deploy.reference.markdown import kind_of, table
from deploy.topology import environment
from gateway.http.problem_texts import WORDS
from gateway.routes import ROUTES
from shared.events import Sealed
from tests.files import ROOT
from tests.unit.shared.golden_events import registered

PAGES = pages.files(baijia)
#: Addresses that the engines hand to the tests.
OF_THE_BOX = {"BAIJIA_BOX_PG_URI"}


def test_every_setting_of_a_deployment_is_listed() -> None:
    text = PAGES[pages.FOLDER / "settings.md"]
    names = (
        *environment.SET_BY_DEPLOYMENT,
        *environment.SET_BY_OPERATOR,
        *(each.setting for each in environment.FILES),
    )

    assert [each for each in names if f"| `{each}` |" not in text] == []


def test_every_variable_that_the_code_names_is_listed() -> None:
    text = PAGES[pages.FOLDER / "settings.md"]
    folders = [ROOT / each for each in ("shared", "services", "gateway", "deploy")]
    code = "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))

    named = set(re.findall(r"BAIJIA_[A-Z_]*[A-Z]", code)) - OF_THE_BOX

    assert {each for each in named if f"`{each}`" not in text} == set()


def test_every_route_is_listed_with_its_roles_once() -> None:
    text = PAGES[pages.FOLDER / "http.md"]
    rows = [f"| {each.method} | `{each.base}{each.path}` | {', '.join(sorted(each.roles))} |" for each in ROUTES]

    assert [each for each in rows if text.count(each) != 1] == []
    assert [code for code in WORDS if f"| `{code}` |" not in text] == []


def test_every_audience_has_routes() -> None:
    text = PAGES[pages.FOLDER / "http.md"]

    assert [each for each in AUDIENCES if f"### `gateway/{each}/" not in text] == []


def test_every_event_and_command_is_listed() -> None:
    events, cli = PAGES[pages.FOLDER / "events.md"], PAGES[pages.FOLDER / "cli.md"]

    assert [each.name for each in registered() if f"### `{each.name}`" not in events] == []
    assert [words for words, _ in commands(baijia) if f"### `{' '.join(words)}`" not in cli] == []


def test_common_fields_are_fields_of_several_events() -> None:
    fields = Counter(each.name for shape in registered() for each in dataclasses.fields(shape.cls))

    assert [name for name in COMMON_FIELDS if fields[name] < 2] == []


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        pytest.param(str | None, "`str or None`", id="a type or none"),
        pytest.param(tuple[str, ...], "`list of str`", id="a tuple of any length"),
        pytest.param(Sealed, "`Sealed`", id="a type of ours"),
        pytest.param(Optional[Sealed], "`Sealed or None`", id="a type of ours or none"),  # noqa: UP045
        pytest.param(dict[str, int], "`dict[str, int]`", id="an object"),
    ],
)
def test_types_are_written_for_readers(hint: object, text: str) -> None:
    assert kind_of(hint) == text


def test_signs_that_break_a_table_are_escaped() -> None:
    assert list(table(("a",), [("x|y <z> `<w>`",)]))[-1] == r"| x\|y &lt;z> `<w>` |"
