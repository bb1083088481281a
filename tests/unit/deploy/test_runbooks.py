"""Each alert has its runbook, and all commands, panels and alerts that a runbook names exist."""

import re
from pathlib import Path

import click
import pytest

from deploy import generate
from deploy.cli import main as baijia
from deploy.local.paths import CHECKOUT
from deploy.prometheus.rules import ALERTS
from deploy.topology.processes import TABLE

FOLDER = CHECKOUT / "deploy" / "runbooks"
RUNBOOKS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
DUTY = ("how-to/like-week.md", "how-to/upgrade.md", "how-to/restore.md", "reference/service-levels.md")
TEXTS = [*RUNBOOKS, FOLDER / "README.md", *(CHECKOUT / "docs" / each for each in DUTY)]
HEADINGS = [
    "What it means",
    "What voters see",
    "What to look at",
    "What to do",
    "How to know that it is over",
]
#: Words that look like names of alerts but are not.
NO_ALERTS = {"WeChat", "PollClosed"}
each_text = pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)


@pytest.fixture(scope="module")
def sources() -> str:
    folders = ("deploy", "gateway", "services", "shared")
    return "\n".join(path.read_text(encoding="utf-8") for each in folders for path in (CHECKOUT / each).rglob("*.py"))


def typed(path: Path, program: str) -> list[list[str]]:
    """Return the commands of a program in a text, in back quotes or alone on a line of a block."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(rf"(?:`|^){program}((?: [^`\n#]+)?)(?:`|$| *#)", text, flags=re.MULTILINE)
    return [each.split() for each in found if each.strip()]


def test_alerts_and_runbooks_are_the_same():
    assert {alert.runbook for alert in ALERTS} == {str(path.relative_to(CHECKOUT)) for path in RUNBOOKS}


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_runbook_says_what_it_must_in_order(path: Path):
    text = path.read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)

    assert parts[0].strip() == f"# {path.stem}"
    assert parts[1::2] == HEADINGS
    assert [heading for heading, part in zip(HEADINGS, parts[2::2], strict=True) if len(part.strip()) < 20] == []


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_runbook_names_a_command_to_begin_with(path: Path):
    assert [*typed(path, "make"), *typed(path, "baijia")] != []


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_log_lines_that_a_runbook_quotes_exist(path: Path, sources: str):
    quoted = re.findall(r"«([^»]+)»|\"([^\"]+)\"", path.read_text(encoding="utf-8"))

    assert [line for pair in quoted for line in pair if line not in sources] == []


@each_text
def test_make_targets_exist(path: Path):
    targets = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert set() == {words[0] for words in typed(path, "make")} - targets


@each_text
def test_processes_that_are_restarted_exist(path: Path):
    names = {copy for process in TABLE for copy in process.copies(8)} | {process.name for process in TABLE}
    named = {words[1].removeprefix("ARGS=") for words in typed(path, "make") if words[0] == "restart" and words[1:]}

    assert set() == named - names


@each_text
def test_words_of_scale_exist(path: Path):
    scaled = {process.scaled_as for process in TABLE if process.scaled_as}
    named = {words[1].partition("=")[0] for words in typed(path, "make") if words[0] == "scale" and words[1:]}

    assert set() == named - scaled


@each_text
def test_commands_of_baijia_exist(path: Path):
    for words in typed(path, "baijia"):
        command: click.Command = baijia
        for word in words:
            if not isinstance(command, click.Group):
                break
            assert word in command.commands, words
            command = command.commands[word]


@each_text
def test_panels_that_are_named_exist(path: Path):
    titles = [panel.title for dashboard in generate.DASHBOARDS for panel in dashboard.panels]
    chinese = {title.split(" ")[0] for title in titles if re.match(r"[\u4e00-\u9fff]", title)}
    named = set(
        re.findall(r"(?<![\u4e00-\u9fff「，])([\u4e00-\u9fff、]{2,12}) [A-Z][a-z]+", path.read_text(encoding="utf-8"))
    )

    assert set() == named - chinese - {"点赞周", "日志与进程"}


@each_text
def test_other_alerts_that_are_named_exist(path: Path):
    names = {alert.name for alert in ALERTS}
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", text))

    assert set() == named - names - NO_ALERTS
