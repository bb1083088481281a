"""Chinese texts use Chinese punctuation: no ASCII comma, colon, semicolon, bracket or question mark in a Chinese
sentence.

A mark inside something that is typed (`<log>:<number>`, https://) touches neither a Chinese character nor a value,
and is allowed.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from gateway.http.problem_texts import FIELDS, WORDS
from tests.files import ROOT, parse_module

CODE = sorted(path for folder in ("deploy", "gateway", "services") for path in (ROOT / folder).rglob("*.py"))
CHINESE = r"[\u3001-\u301b\u4e00-\u9fff\uff01-\uff5e]"
MIXED = re.compile(rf"{CHINESE} ?[,:;!?()]|[,:;!?()]{CHINESE}")
PATTERN = re.compile(r"\(\?|^\[")  # a pattern to search for, not a text to show
VALUE = "值"  # stands for the values that an f-string inserts


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of the code, each f-string as one text. Docstrings are left out, because only programmers read
    them.
    """
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
    """Yield all texts in nested data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from leaves(each)


def mixed_punctuation(found: Iterator[str]) -> list[str]:
    """Return the Chinese texts that contain ASCII punctuation."""
    words = (text for text in found if not PATTERN.search(text))
    return [text for text in words if re.search(r"[\u4e00-\u9fff]", text.replace(VALUE, "")) and MIXED.search(text)]


def test_chinese_texts_of_the_code_have_chinese_signs() -> None:
    mixed = {str(path.relative_to(ROOT)): mixed_punctuation(texts(parse_module(path))) for path in CODE}

    assert {path: found for path, found in mixed.items() if found} == {}


def test_chinese_texts_of_the_campaign_have_chinese_signs() -> None:
    assert mixed_punctuation(leaves(tomllib.loads((ROOT / "deploy/campaigns/2021-baijia.toml").read_text()))) == []


def test_chinese_words_of_a_problem_have_chinese_signs_around_what_they_are_filled_with() -> None:
    said = [text for each in WORDS.values() for text in (each.zh, each.detail_zh)] + [zh for zh, _ in FIELDS.values()]

    assert mixed_punctuation(re.sub(r"{\w+}", VALUE, text) for text in said) == []
