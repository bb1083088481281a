"""Tests of the theme in a campaign file: what it holds, problems by line, and that it is no rule."""

import base64

import pytest

from services.moderation.campaign import rule_hash
from services.moderation.campaign_file.check import check, operational_tables, picture_names, theme_of
from services.moderation.campaign_file.page_theme import PICTURE_MAX_BYTES, contrast, embed
from tests.files import CAMPAIGN_FILE
from tests.unit.moderation.campaign_file.test_check import SOUND

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def with_theme(*lines: str) -> str:
    return "\n".join((SOUND, "[theme]", *lines, ""))


def problems(*lines: str, files: dict[str, bytes] | None = None) -> list[tuple[int, str]]:
    """Return the problems of a theme as (line below its heading, code)."""
    above = SOUND.count("\n") + 2
    return [(each.line - above, each.code) for each in check(with_theme(*lines), files)[1]]


def test_theme_is_plain_data_with_its_pictures_in_base64():
    lines = (
        'name_zh = "成果展"',
        'colour = "#A61B1B"',
        f"logo = '{SVG}'",
        'banner = "top.png"',
        'filing = "冀ICP备1号"',
    )

    theme, found = theme_of(with_theme(*lines), {"top.png": PNG})

    assert found == []
    assert theme == {
        "name_zh": "成果展",
        "filing": "冀ICP备1号",
        "colour": "#a61b1b",
        "logo": {"type": "image/svg+xml", "data": base64.b64encode(SVG.encode()).decode()},
        "banner": {"type": "image/png", "data": base64.b64encode(PNG).decode()},
    }


def test_theme_changes_no_rule():
    plain, themed = check(SOUND)[0], check(with_theme('name_zh = "成果展"'))[0]

    assert plain is not None
    assert themed is not None
    assert rule_hash(plain) == rule_hash(themed)
    assert "theme" in operational_tables(with_theme())


def test_file_without_a_theme_has_an_empty_one_and_a_broken_file_none():
    assert theme_of(SOUND, {}) == ({}, [])
    assert theme_of("zone = 1", {})[0] is None


def test_first_campaign_has_a_theme():
    theme, found = theme_of(CAMPAIGN_FILE.read_text(), {})

    assert [each for each in found if each.level == "error"] == []
    assert theme is not None
    assert theme["name_zh"] == "百家基层工会成果展"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('name_zh = " "', "out-of-range"),
        ("name_zh = 1", "wrong-type"),
        ('nom = "x"', "unknown-key"),
        ('colour = "red"', "out-of-range"),
        ('colour = "#e08080"', "contrast-low"),
        ('logo = "../logo.svg"', "picture-unknown"),
        ('logo = "logo.gif"', "picture-unknown"),
        ('logo = "logo.svg"', "picture-missing"),
        ('logo = "fake.png"', "picture-unknown"),
        ('banner = "large.png"', "too-long"),
        ("logo = '<svg><script>1</script></svg>'", "picture-unknown"),
        ("""logo = '<svg onload="x()"/>'""", "picture-unknown"),
        ("""logo = '<svg><image href="https://example.org/x.png"/></svg>'""", "picture-unknown"),
        ("""logo = '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>'""", "picture-unknown"),
        ("logo = '<svg>'", "picture-unknown"),
        ("logo = '<html/>'", "picture-unknown"),
    ],
)
def test_problem_of_a_theme_has_its_line(line: str, code: str):
    files = {"fake.png": b"GIF89a", "large.png": PNG + bytes(PICTURE_MAX_BYTES["banner"])}

    assert problems("", line, files=files) == [(2, code)]


def test_picture_is_checked_only_where_it_is_at_hand():
    text = with_theme('logo = "logo.svg"', 'banner = "top.webp"')

    assert picture_names(text) == ["logo.svg", "top.webp"]
    assert check(text)[0] is not None
    assert check(text, {"logo.svg": SVG.encode(), "top.webp": b"RIFF0000WEBPVP8 "})[0] is not None


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float):
    assert round(contrast(one, other), 2) == ratio
    assert contrast(one, other) == contrast(other, one)


def test_picture_within_the_file_needs_no_file_beside_it():
    picture = embed(PNG)

    theme, problems = theme_of(f'{SOUND}\n[theme]\nlogo = "{picture}"\n', {})

    assert theme is not None, problems
    assert theme["logo"] == {"type": "image/png", "data": base64.b64encode(PNG).decode()}
    assert embed(b"GIF89a") is None


@pytest.mark.parametrize(
    "written", ["data:image/png;base64,AAAA", "data:image/png;base64,A", "data:text/html;base64,AAAA"]
)
def test_data_that_is_no_picture_is_refused(written: str):
    theme, problems = theme_of(f'{SOUND}\n[theme]\nlogo = "{written}"\n', {})

    assert theme is None
    assert [each.code for each in problems if each.level == "error"] == ["picture-unknown"]
