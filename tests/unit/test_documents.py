"""Every page names only what exists: links, anchors, commands with their options, routes, settings, modules and files;
and the commands that need no engine work.
"""

import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from deploy.cli import main as baijia
from deploy.reference.cli_page import make_targets
from gateway.routes import ROUTES
from tests.files import CAMPAIGN_FILE, ROOT

LEFT_OUT = {".venv", ".git", "build", "node_modules", ".hypothesis"}
PAGES = sorted(path for path in ROOT.rglob("*.md") if not LEFT_OUT & set(path.relative_to(ROOT).parts))
#: Pages about the past name files as they were then.
OF_THE_PAST = {"DECISIONS.md", "CHANGELOG.md"}
#: Files that only the reader has.
THE_READERS_OWN = {"wechat.toml", "my-awards.toml"}
LOCAL = ROOT / "docs" / "how-to" / "own-campaign.md"
#: Pages about routes of somebody else: WeChat's, and the one that the tutorial adds.
OF_OTHERS = {ROOT / "tests" / "wechat_sim" / "README.md", ROOT / "docs" / "tutorial.md"}
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def without_blocks(page: Path) -> str:
    """Return a page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in headings)
    return frozenset(each.replace(" ", "-") for each in plain)


def links(page: Path) -> list[str]:
    """Return the targets of relative links, as written."""
    found = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", without_blocks(page)))
    return [each for each in found if not re.match(r"[a-z]+:", each)]


def is_broken(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


def commands_of(page: Path, program: str) -> Iterator[list[str]]:
    """Yield the commands of a program: what stands in back quotes, or alone on a line of a block."""
    text = page.read_text(encoding="utf-8")
    for found in re.findall(rf"(?:`|^|=\S+ )(?:\.venv/bin/)?{program} ([^`\n#]*)", text, re.MULTILINE):
        yield found.split()


@each_page
def test_links_and_anchors_lead_somewhere(page: Path) -> None:
    assert [each for each in links(page) if is_broken(page, each)] == []


@each_page
def test_make_targets_that_are_named_exist(page: Path) -> None:
    known = {name for name, _ in make_targets()}

    assert {
        words[0] for words in commands_of(page, "make") if words and re.fullmatch(r"[a-z]+", words[0])
    } - known == set()


@each_page
def test_commands_of_baijia_that_are_named_exist(page: Path) -> None:
    for words in commands_of(page, "baijia"):
        command: click.Command = baijia
        for word in words:
            if not isinstance(command, click.Group) or not re.fullmatch(r"[a-z-]+", word) or word.startswith("-"):
                break
            assert word in command.commands, words
            command = command.commands[word]
        options = {name for each in command.params for name in each.opts} | {"--help"}
        unknown = [word for word in words if word.startswith("--") and word not in options]
        assert page.name in OF_THE_PAST or unknown == [], words


@each_page
def test_routes_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = [found for found in re.findall(r"`(GET|POST|DELETE|PUT) (/[^`\s?]*)[^`]*`", text) if page not in OF_OTHERS]

    assert [
        each for each in named if not any(method == each[0] and path.fullmatch(each[1]) for method, path in routes())
    ] == []


@cache
def routes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the method and path of every route; a parameter stands for one segment."""
    return tuple((each.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", each.base + each.path))) for each in ROUTES)


@each_page
def test_settings_that_are_named_exist(page: Path) -> None:
    listed = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")

    assert [
        name for name in re.findall(r"\bBAIJIA_[A-Z_]+", page.read_text(encoding="utf-8")) if name not in listed
    ] == []


@each_page
def test_modules_that_are_run_exist(page: Path) -> None:
    named = re.findall(
        r"\bpython -m ((?:deploy|tests|services|gateway|shared)[\w.]*)", page.read_text(encoding="utf-8")
    )
    paths = [ROOT.joinpath(*each.rstrip(".").split(".")) for each in named]

    assert [
        str(path) for path in paths if not (path.with_suffix(".py").exists() or (path / "__main__.py").exists())
    ] == []


@each_page
def test_files_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`([\w.-][\w./-]*\.(?:py|md|toml|ya?ml|json)|[\w.-]+(?:/[\w.-]+)*/)`", without_blocks(page))

    assert page.name in OF_THE_PAST or [each for each in named if not exists(each, page)] == []


def exists(name: str, page: Path) -> bool:
    """Return whether a file or folder stands where a page of the product may mean it: a bare name means any place."""
    places = (ROOT, page.parent, ROOT / "gateway", ROOT / "deploy", *(ROOT / "services").iterdir())
    known = name in THE_READERS_OWN or ("/" not in name and name in names())
    return known or any((place / name).exists() for place in places)


@cache
def names() -> frozenset[str]:
    """Return the names of all files of the product and its tests."""
    tops = ("shared", "services", "gateway", "deploy", "tests", "docs")
    return frozenset(path.name for top in tops for path in (ROOT / top).rglob("*.*"))


def test_commands_of_the_own_campaign_that_need_no_engine_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = LOCAL.read_text(encoding="utf-8")
    (entries,) = re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "last-year.json").write_text(entries, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ran = []

    for line in re.findall(r"^\.venv/bin/baijia (?:campaign (?:new|check)|rules) .*$", text, re.MULTILINE):
        _, *words = shlex.split(line)
        done = CliRunner().invoke(baijia, words)
        assert done.exit_code == 0, f"{line}\n{done.output}"
        ran.append(" ".join(words[:2]))

    assert ran == ["campaign new", "campaign check", "rules sheet", "rules try", "rules try"]


def test_readme_repeats_the_commands_of_the_own_campaign() -> None:
    readme, page = ((path.read_text(encoding="utf-8")) for path in (ROOT / "README.md", LOCAL))
    wanted = re.findall(r"^\.venv/bin/baijia .*my-awards.*$", readme, re.MULTILINE)

    assert len(wanted) == 3
    assert [each for each in wanted if each not in page] == []


def test_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text("# One head\n[a](a.md#one-head) [b](a.md#two) [c](b.md) [d](https://example.org)\n")

    assert [each for each in links(page) if is_broken(page, each)] == ["a.md#two", "b.md"]


def test_example_of_the_list_to_try_gives_the_documented_rows(tmp_path: Path) -> None:
    text = (ROOT / "docs/reference/rules-try.md").read_text(encoding="utf-8")
    (entries,) = re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    head, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text[text.index("| id | type | place") :].splitlines()
        if line.startswith("| ") and "---" not in line
    )
    (tmp_path / "list.json").write_text(entries, encoding="utf-8")

    done = CliRunner().invoke(
        baijia, ["rules", "try", str(tmp_path / "list.json"), "--campaign", str(CAMPAIGN_FILE), "--json"]
    )

    assert [[str(row[name]) for name in head] for row in json.loads(done.output)["rows"]] == rows


def commands(group: click.Command, *names: str) -> Iterator[str]:
    """Yield each command below a group, by its words."""
    if isinstance(group, click.Group):
        for name, each in group.commands.items():
            yield from commands(each, *names, name)
    else:
        yield " ".join(names)


def test_commands_with_a_page_exist_and_so_do_the_pages() -> None:
    text = (ROOT / "docs/reference/commands-and-pages.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:4] for line in text.splitlines() if line.startswith("| `")]

    named = [name for command, _, _ in rows for name in re.findall("`([^`]+)`", command)]
    pages = {path for _, page, _ in rows for path in re.findall("`([^`]+)`", page)}
    served = {route.path for route in ROUTES if not route.base and route.method == "GET"}
    assert (set(named) - set(commands(baijia)), pages - served) == (set(), set())
    assert [command for command, page, why in rows if page.strip() == "none" and not why.strip()] == []
