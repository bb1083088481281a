"""What `make status` prints about the writers' partitions."""

import pytest

from deploy.local import partition_status

PAGE = """\
# HELP baijia_partition_active This writer has the partition
# TYPE baijia_partition_active gauge
baijia_partition_active{partition="3"} 1.0
baijia_partition_active{partition="11"} 1.0
baijia_partition_active{partition="0"} 0.0
baijia_ready{check="consuming"} 1.0
"""


def test_partitions_are_those_that_are_active_on_the_page():
    assert partition_status.active_on(PAGE) == (3, 11)


def test_shares_are_told_in_words():
    printed = list(
        partition_status.lines({"vote-writer-1": (0, 2, 3), "vote-writer-2": (1,), "vote-writer-3": (), "x": None})
    )

    assert printed == [
        "  vote-writer-1    3 of 4 partitions (75 %): 0 2 3",
        "  vote-writer-2    1 of 4 partitions (25 %): 1",
        "  vote-writer-3    no partition",
        "  x                does not answer",
    ]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"w1": (0, 1), "w2": (2,)}, None),
        ({"w1": (0, 1, 2), "w2": ()}, "w2 has no partition"),
        ({"w1": (0, 1), "w2": None}, "w2 has no partition"),
        ({"w1": (0, 1), "w2": (1, 2)}, "partition 1 has two writers"),
    ],
)
def test_change_is_settled_when_each_has_its_own(held: dict, expected: str | None):
    assert partition_status.unsettled(held) == expected


def test_writer_that_does_not_answer_has_no_share():
    assert partition_status.partitions_by_writer({"gone": "http://127.0.0.1:1/metrics"}) == {"gone": None}
