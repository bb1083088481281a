"""Vault as a state machine: keys are created and forgotten, with interruptions, and exactly the right ones remain."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.errors import Overdue
from shared.testing.memory_vault import MemoryVaultStore
from shared.vault import Key, Vault
from shared.wrapping import NETWORK, KeyFile

PERSONS = st.sampled_from([f"voter.{k}" for k in range(6)])
SUBJECTS = st.sets(PERSONS | st.just(NETWORK), min_size=1)


class VaultMachine(RuleBasedStateMachine):
    """`keys` must open. `doubtful` ones, whose forgetting was interrupted, may open or not until it is finished."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._store = MemoryVaultStore()
        self.keys: dict[str, Key] = {}
        self.forgotten: list[Key] = []
        self.doubtful: set[str] = set()
        self.network = self.file.read().network_key()
        self.network_doubtful = False

    def teardown(self) -> None:
        self._folder.cleanup()

    @property
    def file(self) -> KeyFile:
        return KeyFile(Path(self._folder.name), "one")

    @property
    def vault(self) -> Vault:
        """A vault as a process that has just started opens it."""
        return Vault(self._store, self.file)

    @rule(person=PERSONS)
    def make(self, person: str) -> None:
        key, known = self.vault.key_of(person), self.keys.get(person)
        if known is None:
            assert key.id not in {each.id for each in self.forgotten}
            self.keys[person] = key
        elif person not in self.doubtful:
            assert key == known
        elif key != known:  # the interrupted forget had reached its swap
            self.forgotten.append(known)
            self.keys[person] = key
            self.doubtful.discard(person)

    @rule(subjects=SUBJECTS)
    def forget(self, subjects: set[str]) -> None:
        self.vault.forget(subjects)
        self._end(subjects)

    @rule(subjects=SUBJECTS, steps=st.integers(0, 12))
    def break_off(self, subjects: set[str], steps: int) -> None:
        forgetting = self.vault.forget_steps(subjects)
        for _ in range(steps):
            if next(forgetting, None) is None:
                self._end(subjects)
                return
        forgetting.close()
        self.doubtful |= subjects & self.keys.keys()
        self.network_doubtful |= NETWORK in subjects

    @invariant()
    def all_that_stands_opens_and_nothing_else(self) -> None:
        sure = {key.id: key.clear for person, key in self.keys.items() if person not in self.doubtful}
        assert self.vault.find(sure) == sure
        assert self.vault.find([key.id for key in self.forgotten]) == {}

    @invariant()
    def the_network_key_is_there_until_it_is_forgotten(self) -> None:
        if not self.network_doubtful:
            assert self.file.read().network_key() == self.network

    def _end(self, subjects: set[str]) -> None:
        for person in subjects & self.keys.keys():
            self.forgotten.append(self.keys.pop(person))
            self.doubtful.discard(person)
        if NETWORK in subjects:
            self.network, self.network_doubtful = None, False


VaultMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestVaultMachine = VaultMachine.TestCase


def test_nobody_makes_a_key_between_the_last_copy_and_the_swap(tmp_path: Path) -> None:
    store = MemoryVaultStore()
    vault, beside = (Vault(store, KeyFile(tmp_path, "one", timeout_s=0.05)) for _ in range(2))
    for person in ("voter.1", "voter.2"):
        vault.key_of(person)
    steps = vault.forget_steps({"voter.1"})
    while next(steps) != "late ones copied":
        pass

    with pytest.raises(Overdue):
        beside.key_of("voter.3")

    list(steps)
    created = beside.key_of("voter.3")
    assert vault.find([created.id]) == {created.id: created.clear}
