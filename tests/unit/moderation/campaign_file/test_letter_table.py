"""The campaign's own texts of letters: what is read of them, and what the check refuses, by line."""

import pytest

from services.moderation.campaign_file.check import check
from tests.unit.moderation.campaign_file.test_check import SOUND


def with_letters(*lines: str) -> str:
    return "\n".join((SOUND, *lines, ""))


def problems(*lines: str) -> list[tuple[int, str]]:
    """Return the problems of a table as (line, counted from its heading, code)."""
    above = SOUND.count("\n") + 1
    return [(each.line - above, each.code) for each in check(with_letters(*lines))[1]]


def test_own_texts_are_no_problem():
    assert problems("[letters.approved]", 'title_zh = "{entry}：好消息"', 'words_en = "{unit}: see {page}"') == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param(('[letters.approved]', 'title_zh = "{name}：好消息"'), [(2, "unknown-value")], id="unknown place"),
        pytest.param(('[letters.approved]', 'words_zh = "{unit} {a} {b}"'), [(2, "unknown-value")] * 2, id="two"),
        pytest.param(('[letters.invitation]', 'words_zh = "请来"'), [(2, "missing-key")], id="no link"),
        pytest.param(('[letters.invitation]', 'words_zh = "请来：{link}"'), [], id="link"),
        pytest.param(('[letters.approved]', f'title_zh = "{"长" * 121}"'), [(2, "too-long")], id="long title"),
        pytest.param(('[letters.approved]', f'words_zh = "{"长" * 4_001}"'), [(2, "too-long")], id="long text"),
        pytest.param(('[letters.greeting]', 'title_zh = "你好"'), [(1, "unknown-key")], id="unknown letter"),
        pytest.param(('[letters.approved]', 'subject_zh = "你好"'), [(2, "unknown-key")], id="unknown key"),
    ],
)  # fmt: skip
def test_text_that_would_not_do_is_refused(lines: tuple[str, ...], found: list[tuple[int, str]]):
    assert problems(*lines) == found


def test_refusal_says_what_may_be_named_in_both_languages():
    (problem,) = check(with_letters("[letters.approved]", 'title_zh = "{name}"'))[1]

    assert ("{name}" in problem.zh, "{entry}" in problem.zh) == (True, True)
    assert ("{name}" in problem.en, "what is filled in" in problem.en) == (True, True)
