"""The process table is consistent, so that everything else can be generated from it."""

from deploy import run
from deploy.local import simulated_wechat
from deploy.topology.processes import TABLE, Process


def test_names_are_unique():
    names = [copy for process in TABLE for copy in process.copies()]

    assert sorted(set(names)) == sorted(names)


def test_metrics_ports_leave_room_for_the_copies_in_the_table():
    ports = [process.metrics_port + n for process in TABLE for n in range(process.count)]

    assert sorted(set(ports)) == sorted(ports)


def test_every_word_of_the_table_is_a_command_of_run():
    assert {process.words[0] for process in (*TABLE, simulated_wechat.PROCESS)} <= set(run.main.commands)


def test_simulator_asks_for_a_name_and_a_port_that_no_process_has():
    assert simulated_wechat.PROCESS.name not in {process.name for process in TABLE}
    assert simulated_wechat.PROCESS.metrics_port not in {p.metrics_port + n for p in TABLE for n in range(p.count)}


def test_a_process_that_is_alone_carries_no_number():
    assert Process("relay", ("relay",), 9106).copies() == ["relay"]


def test_a_process_that_scales_is_numbered_from_one():
    writer = Process("vote-writer", ("vote-writer",), 9120, count=2, scaled_as="voting")

    assert writer.copies() == ["vote-writer-1", "vote-writer-2"]
    assert writer.copies(3) == ["vote-writer-1", "vote-writer-2", "vote-writer-3"]
