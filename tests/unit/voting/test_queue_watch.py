"""Tests of the waiting time in a queue, as an empty batch measures it, and of the partitions that a writer has."""

from prometheus_client import REGISTRY

from services.voting import orders as wire
from services.voting.duty import LATELY_S, Duty
from services.voting.queue_watch import AGAIN_S, EMPTY, Probe


def active(partition: int) -> float | None:
    return REGISTRY.get_sample_value("baijia_partition_active", {"partition": str(partition)})


def test_empty_batch_holds_no_order():
    assert wire.read_batch(EMPTY) == []


def test_age_is_the_time_that_the_last_empty_batch_took():
    probe = Probe()

    probe.start("a", 10.0)
    probe.record_answer("a", 10.3)

    assert round(probe.age_s(15.0), 3) == 0.3


def test_age_grows_while_no_answer_comes():
    probe = Probe()

    probe.start("a", 10.0)

    assert [probe.age_s(now) for now in (10.0, 12.0, 70.0)] == [0.0, 2.0, 60.0]


def test_one_question_stands_in_the_queue_at_a_time():
    probe = Probe()

    asked = [probe.start(str(now), now) for now in (10.0, 12.0, 10.0 + AGAIN_S)]

    assert asked == [True, False, True]
    assert probe.age_s(10.0 + AGAIN_S) == AGAIN_S


def test_wait_goes_on_over_a_connection_that_broke():
    probe = Probe()
    probe.start("a", 10.0)

    probe.abandon()
    again = probe.start("b", 13.0)

    assert (again, probe.age_s(14.0)) == (True, 4.0)


def test_answer_to_an_older_question_ends_nothing():
    probe = Probe()
    probe.start("a", 10.0)
    probe.abandon()
    probe.start("b", 13.0)

    probe.record_answer("a", 14.0)

    assert probe.age_s(14.0) == 4.0


def test_writer_has_the_partitions_that_gave_it_a_batch_lately():
    now = [0.0]
    duty = Duty(now=lambda: now[0])

    duty.note_batch(101)
    duty.note_batch(102)
    now[0] = LATELY_S
    duty.note_batch(102)
    now[0] = LATELY_S + 1
    duty.drop_stale()

    assert duty.partitions == {102}
    assert (active(101), active(102)) == (0.0, 1.0)


def test_partition_that_comes_back_is_active_again():
    now = [0.0]
    duty = Duty(now=lambda: now[0])
    duty.note_batch(103)
    now[0] = LATELY_S + 1
    duty.drop_stale()

    duty.note_batch(103)

    assert active(103) == 1.0
