"""The address of the queue names its filter, and each condition can be removed from it."""

from gateway.staff.queue_filter import QueueFilter


def test_address_keeps_the_filter_and_drops_all_else() -> None:
    read = QueueFilter.parse("q=%E9%A3%9F%E5%A0%82&entry=u1-1&sort=newest&city=")

    assert read.url() == "/desk/moderation?q=%E9%A3%9F%E5%A0%82&sort=newest"
    assert QueueFilter.parse(read.query) == read


def test_value_that_is_too_long_and_a_broken_query_are_no_filter() -> None:
    assert QueueFilter.of([("q", "x" * 101)]) == QueueFilter()
    assert QueueFilter.parse("&".join(["q=1"] * 30)) == QueueFilter()


def test_pill_leads_to_the_first_page_without_its_condition() -> None:
    shown = QueueFilter.of([("type", "state"), ("city", "唐山市"), ("after", "7.u1-1")])

    assert [each["without"] for each in shown.pills] == [
        "/desk/moderation?city=%E5%94%90%E5%B1%B1%E5%B8%82",
        "/desk/moderation?type=state",
    ]


def test_open_entry_stands_behind_the_filter() -> None:
    assert QueueFilter({"type": "state"}).url(entry="u1-1") == "/desk/moderation?type=state&entry=u1-1"
