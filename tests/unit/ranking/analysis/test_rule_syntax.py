"""Parsing of rules as people type them: each rule has one value, and unreadable text gets a message."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.campaign import (
    CONVERSIONS,
    METHODS,
    Band,
    Conversion,
    Weights,
)
from services.ranking.analysis.rule_syntax import format_conversion, parse_conversion, parse_method, parse_weights

STEP = Conversion("rank_step", (("floor", "0"), ("start", "100"), ("step", "0.5")))
BANDS = Conversion("bands", bands=(Band("0.1", "100"), Band("0.3", "80"), Band("1", "60")))


@pytest.mark.parametrize(
    ("text", "conversion"),
    [
        pytest.param("rank_percentile", Conversion("rank_percentile"), id="a name alone"),
        pytest.param("none()", Conversion("none"), id="a name with nothing in it"),
        pytest.param("rank_step(100,0.5,0)", STEP, id="by place"),
        pytest.param(" rank_step( 100, 0.50 ,0.0 ) ", STEP, id="with spaces and needless zeros"),
        pytest.param("rank_step（100，0.5，0）", STEP, id="in Chinese punctuation"),
        pytest.param("rank_step:start=100,step=0.5,floor=0", STEP, id="by name"),
        pytest.param("rank_step(floor=0, step=0.5, start=100)", STEP, id="by name in another order"),
        pytest.param("prop_max_capped(95)", Conversion("prop_max_capped", (("percentile", "95"),)), id="a cap"),
        pytest.param("bands(0.1:100,0.3:80,1:60)", BANDS, id="bands"),
        pytest.param("log_prop(population=all)", Conversion("log_prop", population="all"), id="among all"),
    ],
)
def test_conversion_is_read_however_it_is_spelled(text: str, conversion: Conversion) -> None:
    assert conversion == parse_conversion(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "a conversion such as", id="nothing"),
        pytest.param("rank_steps(1,2,3)", "one of rank_percentile", id="a name that nobody has"),
        pytest.param("rank_step(100)", "the parameters of rank_step", id="too few"),
        pytest.param("rank_step(1,2,3,4)", "the parameters of rank_step", id="too many"),
        pytest.param("rank_step(start=1,2,3)", "the parameters of rank_step", id="half by name"),
        pytest.param("rank_step(start=1,start=1,start=1)", "the parameters of rank_step", id="one name thrice"),
        pytest.param("rank_step(100,x,0)", "a number between 0 and 100", id="no number"),
        pytest.param("rank_step(100,-1,0)", "a number between 0 and 100", id="a negative number"),
        pytest.param("rank_step(101,1,0)", "a number between 0 and 100", id="a start above 100"),
        pytest.param("rank_step(50,1,60)", "a floor that is not above start", id="a floor above the start"),
        pytest.param("prop_max(3)", "the parameters of prop_max", id="a parameter where there is none"),
        pytest.param("bands", "bands such as", id="no bands"),
        pytest.param("bands(0.3:80,0.1:100,1:60)", "shares that ascend", id="bands out of order"),
        pytest.param("bands(0.1:100,0.3:80)", "end in 1", id="bands that leave some out"),
        pytest.param("bands(0.1:60,1:80)", "points that do not rise", id="bands that reward fewer likes"),
        pytest.param("none(population=city)", "one of type, all", id="a population that nobody has"),
    ],
)
def test_conversion_that_cannot_be_read_says_what_was_expected(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        parse_conversion(text)

    assert "读不懂" in str(refusal.value)


_numbers = st.decimals("0.001", 100, places=3).map(str)  # a percentile of 0 is none


@given(st.sampled_from([each for each in CONVERSIONS if each != "bands"]), st.data())
def test_conversion_that_is_spelled_is_read_again(name: str, data: st.DataObject) -> None:
    numbers = [data.draw(_numbers) for _ in range({"rank_step": 3, "prop_max_capped": 1}.get(name, 0))]
    if name == "rank_step":  # the floor, which stands last, is not above the start
        numbers.sort(key=Decimal, reverse=True)
    read = parse_conversion(f"{name}({','.join(numbers)})")

    assert read == parse_conversion(format_conversion(read))
    assert parse_conversion(format_conversion(BANDS)) == BANDS


@pytest.mark.parametrize("text", ["0.3/0.7", "30/70", "0.3,0.7", "30，70", " 0.30 / 0.70 "])
def test_weights_are_read_as_shares_or_per_cent(text: str) -> None:
    assert Weights(3000, 7000) == parse_weights(text)


@pytest.mark.parametrize(
    ("text", "weights"),
    [("0/1", Weights(0, 10_000)), ("1/0", Weights(10_000, 0)), ("33.33/66.67", Weights(3333, 6667))],
)
def test_weights_at_the_edges_are_read(text: str, weights: Weights) -> None:
    assert weights == parse_weights(text)


@pytest.mark.parametrize("text", ["", "0.3", "0.3/0.6", "0.3/0.3/0.4", "-1/2", "a/b", "0.00001/0.99999", "1e0/0"])
def test_weights_that_are_none_are_refused_with_words(text: str) -> None:
    with pytest.raises(ValueError, match="读不懂"):
        parse_weights(text)


@given(st.integers(0, 10_000))
def test_weights_of_whole_ten_thousandths_come_back(like_bp: int) -> None:
    like = Decimal(like_bp) / 10_000

    assert Weights(like_bp, 10_000 - like_bp) == parse_weights(f"{like}/{1 - like}")


def test_method_is_read_by_its_name() -> None:
    assert list(METHODS) == [parse_method(f" {each} ") for each in METHODS]
    with pytest.raises(ValueError, match="one of mean"):
        parse_method("guess")
