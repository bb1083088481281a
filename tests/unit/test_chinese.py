"""Chinese words have Chinese signs: no ASCII comma, colon, semicolon, bracket or question mark in a Chinese sentence.

A sign in a form that is typed (`<log>:<number>`, https://) touches neither a Chinese character nor a value, and stays.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.http.problem_texts import FIELDS, WORDS
from tests.files import ROOT, parsed

CODE = sorted(path for folder in ("deploy", "gateway", "services") for path in (ROOT / folder).rglob("*.py"))
CHINESE = r"[\u3001-\u301b\u4e00-\u9fff\uff01-\uff5e]"
MIXED = re.compile(rf"{CHINESE} ?[,:;!?()]|[,:;!?()]{CHINESE}")
PATTERN = re.compile(r"\(\?|^\[")  # what is looked for, and not said
VALUE = "值"  # in the place of what a sentence is filled with


def texts(tree: ast.AST) -> Iterator[str]:
    """The texts of the code, each f-string as one; not what speaks to programmers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else VALUE for each in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        else:
            yield from texts(node)


def leaves(data: Any) -> Iterator[str]:
    """The texts of a file of data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from leaves(each)


def mixed(found: Iterator[str]) -> list[str]:
    words = (text for text in found if not PATTERN.search(text))
    return [text for text in words if re.search(r"[\u4e00-\u9fff]", text.replace(VALUE, "")) and MIXED.search(text)]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_chinese_texts_of_the_code_have_chinese_signs(path: Path) -> None:
    assert mixed(texts(parsed(path))) == []


def test_chinese_texts_of_the_campaign_have_chinese_signs() -> None:
    assert mixed(leaves(tomllib.loads((ROOT / "deploy/campaigns/2021-baijia.toml").read_text()))) == []


def test_chinese_words_of_a_problem_have_chinese_signs_around_what_they_are_filled_with() -> None:
    said = [text for each in WORDS.values() for text in (each.zh, each.detail_zh)] + [zh for zh, _ in FIELDS.values()]

    assert mixed(re.sub(r"{\w+}", VALUE, text) for text in said) == []
