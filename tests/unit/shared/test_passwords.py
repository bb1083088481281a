"""Passwords are worked on in real threads beside a service's green threads, and in any thread of another program."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from shared import passwords

ROOT = Path(__file__).resolve().parents[3]

# Twelve passwords of green threads, while another green thread counts.
GREEN = """
import eventlet
eventlet.monkey_patch()
from shared import passwords
ticks = []
def count():
    while True:
        ticks.append(1)
        eventlet.sleep(0.001)
eventlet.spawn(count)
stored = passwords.hash_in_turn("quiet lantern")
before = len(ticks)
asked = [eventlet.spawn(passwords.verify_in_turn, stored, word, known=False) for word in ["quiet lantern", "no"] * 6]
print([each.wait() for each in asked], len(ticks) - before > 12)
"""


def test_a_service_goes_on_answering_while_passwords_are_checked():
    command = [sys.executable, "-W", "ignore", "-c", GREEN]

    ended = subprocess.run(command, capture_output=True, timeout=60, check=True, cwd=ROOT, text=True)

    assert ended.stdout == f"{[True, False] * 6} True\n"


def test_every_thread_of_another_program_gets_its_answer():
    checked: dict[str, bool] = {}

    def check(name: str) -> None:
        stored = passwords.hash_in_turn(f"password of {name}")
        checked[name] = passwords.verify_in_turn(stored, f"password of {name}", known=True)

    names = [f"thread {number}" for number in range(6)]
    threads = [threading.Thread(target=check, args=(name,), daemon=True) for name in names]
    for each in threads:
        each.start()
    check("the first thread")
    for each in threads:
        each.join(timeout=30)

    assert checked == {name: True for name in [*names, "the first thread"]}


def test_no_more_than_a_few_wait_for_their_turn():
    lane = passwords.Lane(1, waiting=0)

    with lane.turn(), pytest.raises(passwords.TooMany), lane.turn():
        pass
