"""Parts of a file: what a Range header asks for, and what of it is served."""

import pytest

from gateway.http.byte_ranges import RangeBeyond, satisfiable
from gateway.http.problems import Problem


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("bytes=0-9", [(0, 9)], id="a part"),
        pytest.param("BYTES = 0-9", [(0, 9)], id="in capitals"),
        pytest.param("bytes=90-", [(90, 99)], id="from there on"),
        pytest.param("bytes=-10", [(90, 99)], id="the last"),
        pytest.param("bytes=-1000", [(0, 99)], id="more of the last than there is"),
        pytest.param("bytes=95-1000", [(95, 99)], id="beyond the end"),
        pytest.param("bytes=0-9,200-300", [(0, 9)], id="one of two lies in the file"),
        pytest.param("bytes=200-300, -5", [(95, 99)], id="the second of two lies in the file"),
        pytest.param("bytes=0-9, 20-29", [(0, 9), (20, 29)], id="two"),
        pytest.param("bytes=,0-9,", [(0, 9)], id="empty members of the list"),
        pytest.param("lines=0-1", [], id="another unit"),
        pytest.param("seconds=abc", [], id="another unit with its own words"),
        pytest.param("bytes=" + ",".join(["0-0"] * 101), [], id="more than anybody needs"),
    ],
)
def test_ranges_that_lie_in_the_file_are_found(header: str, expected: list[tuple[int, int]]):
    assert expected == satisfiable(header, 100)


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=100-,200-300"])
def test_set_of_which_nothing_lies_in_the_file_is_beyond(header: str):
    with pytest.raises(RangeBeyond):
        satisfiable(header, 100)


@pytest.mark.parametrize("header", ["bytes", "bytes=", "bytes=9-4", "bytes=a-b", "bytes=1-2-3", "bytes=-", "=0-1"])
def test_malformed_set_is_a_problem(header: str):
    with pytest.raises(Problem) as refused:
        satisfiable(header, 100)

    assert refused.value.code == "range-invalid"
