"""Contract suite of the vault: the same tests run in memory, with files, and with the database.

    class TestMemoryVault(VaultContract):
        @pytest.fixture
        def place(self) -> Iterator[Place]: ...

A crash is a `forget` that stops between two of its steps; a new vault then works with what it left behind.
"""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from shared.errors import Corrupt
from shared.events import Sealed
from shared.testing.memory_vault import MemoryKeyFile
from shared.vault import Key, Vault, VaultStore
from shared.wrapping import NETWORK, WrappingKeys

MANY = 7
MAKERS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Where a vault under test stores its data. Each call of `vault()` opens it as another process would."""

    store: VaultStore
    keys: Callable[[], WrappingKeys]
    remnants: Callable[[], int]  # how many drafts and old key files are left over

    def vault(self) -> Vault:
        """Open the vault as a process that has just started does."""
        return Vault(self.store, self.keys())


class VaultContract:
    """The tests that every vault must pass. A subclass provides the vault's data by the fixture `place`."""

    @pytest.fixture
    def vault(self, place: Place) -> Vault:
        return place.vault()

    # Keys

    def test_a_person_has_one_key_whoever_asks(self, place: Place) -> None:
        first = place.vault().key_of("staff.olga")

        assert place.vault().key_of("staff.olga") == first
        assert len(first.clear) == 32

    def test_two_persons_share_no_key(self, vault: Vault) -> None:
        assert vault.key_of("staff.olga").clear != vault.key_of("staff.mo").clear

    def test_makers_at_the_same_time_get_the_same_key(self, place: Place) -> None:
        with ThreadPoolExecutor(MAKERS) as pool:
            created = list(pool.map(lambda _: place.vault().key_of("staff.olga"), range(MAKERS)))

        assert created == [created[0]] * MAKERS

    def test_keys_are_found_by_their_ids_and_others_are_not(self, vault: Vault) -> None:
        olga, mo = vault.key_of("staff.olga"), vault.key_of("staff.mo.li")

        found = vault.find([olga.id, mo.id, "p.staff.nobody.00000000", f"{olga.id[:-8]}00000000"])

        assert found == {olga.id: olga.clear, mo.id: mo.clear}

    def test_a_key_of_another_kind_is_not_looked_for(self, vault: Vault) -> None:
        with pytest.raises(Corrupt, match="not the id of a person's key"):
            vault.find(["x1"])

    def test_wrapped_keys_hold_nothing_of_the_clear_ones(self, place: Place, vault: Vault) -> None:
        key = vault.key_of("staff.olga")

        (page,) = place.store.pages(place.keys().read().generation)

        assert key.clear.hex() not in str(page)
        assert page["staff.olga"].startswith(f"{key.id}.")

    # Forgetting

    def test_what_is_forgotten_is_gone_and_the_rest_stays(self, place: Place, vault: Vault) -> None:
        keys = create_keys(vault)

        vault.forget(["staff.p1", "staff.p5", "staff.stranger"])

        assert find_keys(place, keys) == {key.id: key.clear for key in keys if key.id.split(".")[2] not in ("p1", "p5")}
        assert not vault.holds("staff.p1")
        assert vault.holds("staff.p2")

    def test_another_process_that_had_used_the_key_does_not_find_it_any_more(self, place: Place, vault: Vault) -> None:
        beside, key = place.vault(), vault.key_of("staff.olga")
        assert beside.find([key.id]) == {key.id: key.clear}

        vault.forget(["staff.olga"])

        assert beside.find([key.id]) == {}

    def test_who_comes_back_has_another_key_of_another_name(self, vault: Vault) -> None:
        before = vault.key_of("staff.olga")
        vault.forget(["staff.olga"])

        after = vault.key_of("staff.olga")

        assert (after.id != before.id, after.clear != before.clear) == (True, True)
        assert vault.find([before.id, after.id]) == {after.id: after.clear}

    def test_old_copies_of_the_rows_are_wrapped_by_a_key_that_is_gone(self, place: Place, vault: Vault) -> None:
        key = vault.key_of("staff.olga")
        backup = place.store.get(place.keys().read().generation, ["staff.olga"])
        vault.forget(["staff.olga"])

        place.store.fill(place.keys().read().generation, backup)

        with pytest.raises(Corrupt):
            vault.find([key.id])

    def test_forgetting_twice_and_forgetting_nobody_swap_no_key_file(self, place: Place, vault: Vault) -> None:
        create_keys(vault)
        vault.forget(["staff.p1"])
        after = place.keys().read()

        vault.forget(["staff.p1", "staff.stranger"])
        vault.forget([])

        assert place.keys().read() == after

    def test_a_vault_without_keys_forgets_too(self, place: Place, vault: Vault) -> None:
        vault.forget(["staff.olga"])

        assert place.keys().read().generation == 1

    def test_the_network_key_outlives_the_persons(self, place: Place, vault: Vault) -> None:
        network = place.keys().read().network_key()
        create_keys(vault)

        vault.forget(["staff.p1"])

        assert place.keys().read().network_key() == network
        assert vault.holds(NETWORK)

    def test_the_network_key_is_forgotten_alone_and_does_not_come_back(self, place: Place, vault: Vault) -> None:
        keys = create_keys(vault)

        vault.forget([NETWORK])

        assert (place.keys().read().network_key(), vault.holds(NETWORK)) == (None, False)
        assert find_keys(place, keys) == {key.id: key.clear for key in keys}
        vault.forget(["staff.p1"])
        assert not vault.holds(NETWORK)

    def test_keys_that_are_made_while_others_are_copied_stay(self, place: Place) -> None:
        """Some of the new keys sort after the page that is being copied, and some before it."""
        keys = create_keys(place.vault())
        made_meanwhile: list[Key] = []
        for step in place.vault().forget_steps(["staff.p1"]):
            if step == "page copied":
                k = len(made_meanwhile)
                made_meanwhile += [place.vault().key_of(f"staff.a{k}"), place.vault().key_of(f"staff.z{k}")]

        standing = [*keys, *made_meanwhile]
        assert find_keys(place, standing) == {key.id: key.clear for key in standing if key != keys[1]}

    def test_a_reader_that_is_overtaken_by_a_swap_reads_again(self, place: Place) -> None:
        keys, reader = create_keys(place.vault()), place.keys()
        overtaken = Vault(_StoreWithSwap(place), reader)

        assert overtaken.find([keys[2].id]) == {keys[2].id: keys[2].clear}

    # Crashes

    def test_a_crash_between_any_two_steps_leaves_a_vault_that_opens_and_forgets(self, place: Place) -> None:
        keys = create_keys(place.vault())
        stops = 0
        while True:
            victim = f"staff.v{stops}"
            lost = place.vault().key_of(victim)
            others = [*keys, place.vault().key_of("staff.late")]
            finished = forget_and_crash(place.vault(), victim, after=stops)

            opened = find_keys(place, [*others, lost])
            assert opened.keys() >= {key.id for key in others}, f"stopped after {stops} steps"
            late = place.vault().key_of(f"staff.after{stops}")

            place.vault().forget([victim])

            assert find_keys(place, [*others, late, lost]) == {key.id: key.clear for key in [*others, late]}
            assert place.remnants() == 0
            assert place.store.generations() == {place.keys().read().generation}
            if finished:
                break
            stops += 1
        assert stops >= 5  # a forget has at least that many steps to crash between

    def test_a_forgetting_that_crashed_before_the_swap_has_forgotten_nobody(self, place: Place) -> None:
        key, before = place.vault().key_of("staff.olga"), place.keys().read()
        steps = place.vault().forget_steps(["staff.olga"])
        for each in steps:
            if each == "next written":
                break
        steps.close()

        assert place.keys().read() == before
        assert find_keys(place, [key]) == {key.id: key.clear}

    def test_whom_a_crashed_forgetting_left_out_the_next_one_still_keeps(self, place: Place) -> None:
        """Copies of a forgetting that crashed before its swap are thrown away: the next one may name other persons."""
        one, other = place.vault().key_of("staff.one"), place.vault().key_of("staff.other")
        steps = place.vault().forget_steps(["staff.one"])
        for each in steps:
            if each == "next written":
                break
        steps.close()

        place.vault().forget(["staff.other"])

        assert find_keys(place, [one, other]) == {one.id: one.clear}

    def test_a_key_file_that_is_not_this_vaults_destroys_nothing(self, place: Place, vault: Vault) -> None:
        keys = create_keys(vault)
        for each in keys[:3]:
            vault.forget([".".join(each.id.split(".")[1:3])])
        stranger = Vault(place.store, MemoryKeyFile())  # as if the file had been lost and created again

        with pytest.raises(Corrupt, match="generation"):
            stranger.forget(["staff.p6"])

        assert find_keys(place, keys) == {key.id: key.clear for key in keys[3:]}


class _StoreWithSwap:
    """A store in which another process forgets a person between a reader's two steps: key file, then query."""

    def __init__(self, place: Place) -> None:
        self._place, self._first = place, True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._place.store, name)

    def get(self, generation: int, persons: Collection[str]) -> dict[str, Sealed]:
        if self._first:
            self._first = False
            self._place.vault().forget(["staff.p1"])
        return self._place.store.get(generation, persons)


def create_keys(vault: Vault) -> list[Key]:
    return [vault.key_of(f"staff.p{k}") for k in range(MANY)]


def find_keys(place: Place, keys: list[Key]) -> dict[str, bytes]:
    """Return those of these keys that a process which has just started can still find, by their ids."""
    return place.vault().find([key.id for key in keys])


def forget_and_crash(vault: Vault, victim: str, *, after: int) -> bool:
    """Run `forget` for one person, and crash after so many of its steps. Return whether it had finished by then."""
    steps = vault.forget_steps([victim])
    for _ in range(after):
        if next(steps, None) is None:
            return True
    steps.close()  # as the operating system does for a process that dies: the lock is released
    return False
