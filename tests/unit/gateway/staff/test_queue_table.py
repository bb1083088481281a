"""The queue as a table and as a CSV file."""

from gateway.staff.queue_table import to_csv


def test_file_has_no_cell_that_a_spreadsheet_would_compute() -> None:
    file = to_csv([["标题", "单位"], ["=1+1", "@sum"], ["一, 二", "-3"]])

    assert file.decode() == "\ufeff标题,单位\r\n'=1+1,'@sum\r\n\"一, 二\",'-3\r\n"
