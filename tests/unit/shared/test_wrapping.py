"""Key file of the vault: private, created once, swapped whole, and overwritten before its old name is removed."""

from pathlib import Path

import pytest

from shared.errors import Overdue
from shared.wrapping import KeyFile, Wrapping


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path, "one", timeout_s=0.05)


def test_file_is_made_once_and_only_its_owner_reads_it(tmp_path: Path, file: KeyFile) -> None:
    assert KeyFile(tmp_path, "one").read() == file.read()
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.path.parent.iterdir()] == ["one.vault"]


def test_network_key_lies_in_the_file_wrapped(file: KeyFile) -> None:
    clear = file.read().network_key()

    assert clear is not None
    assert clear.hex() not in file.path.read_text()


def test_next_generation_has_another_wrapping_key_and_the_same_network_key() -> None:
    first = Wrapping.first()

    second, without = first.next_generation(network=True), first.next_generation(network=False)

    assert (second.generation, second.network_key()) == (2, first.network_key())
    assert second.key != first.key
    assert (without.network, without.network_key(), without.next_generation(network=True).network) == (None, None, None)


def test_old_file_is_overwritten_before_its_name_goes(file: KeyFile) -> None:
    old = file.read()
    new = old.next_generation(network=True)
    with file.path.open("rb") as handle:  # an open handle reads the bytes on the disk whatever name they have
        for step in file.swap(new):
            if step == ".old overwritten":
                break

        assert old.key.hex().encode() not in handle.read()
    assert file.read() == new


def test_after_a_swap_the_new_file_stands_alone(file: KeyFile) -> None:
    new = file.read().next_generation(network=True)

    steps = list(file.swap(new))

    assert steps == ["next written", "old linked", "swapped", ".old overwritten", ".old unlinked"]
    assert [each.name for each in file.path.parent.iterdir()] == ["one.vault"]
    assert file.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("after", range(1, 5))
def test_what_a_stopped_swap_left_is_destroyed_and_the_file_in_force_is_not(file: KeyFile, after: int) -> None:
    old = file.read()
    new = old.next_generation(network=True)
    steps = file.swap(new)
    for _ in range(after):
        next(steps)
    steps.close()

    list(file.tidy())

    assert file.read() == (new if after >= 3 else old)
    assert [each.name for each in file.path.parent.iterdir()] == ["one.vault"]


def test_makers_wait_for_a_swap_a_swap_for_makers_and_forgetters_for_each_other(tmp_path: Path, file: KeyFile) -> None:
    beside = KeyFile(tmp_path, "one", timeout_s=0.05)

    with file.creation_lock(), beside.creation_lock(), pytest.raises(Overdue), beside.swap_lock():
        pass
    with file.swap_lock(), pytest.raises(Overdue), beside.creation_lock():
        pass
    with file.forget_lock(), pytest.raises(Overdue), beside.forget_lock():
        pass
    with file.swap_lock(), file.forget_lock():
        pass


def test_renewed_file_has_nothing_of_the_old_one(file: KeyFile) -> None:
    old = file.read()

    file.renew()

    assert (file.read().generation, file.read().key == old.key) == (1, False)
    assert file.read().network_key() != old.network_key()
