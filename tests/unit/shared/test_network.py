"""Network key: seals without a database, leaves memory by itself, and is lost once it is destroyed."""

from pathlib import Path

import pytest

from shared.errors import Corrupt, Forgotten
from shared.keys import Keys
from shared.network import NetworkSealer, network_sealer
from shared.sealing import Sealer
from shared.settings import Settings
from shared.testing.memory_vault import MemoryKeyFile, MemoryVaultStore
from shared.vault import Vault
from shared.wrapping import NETWORK

BEFORE = Sealer(bytes(32))
PATIENCE_S = 5.0


@pytest.fixture
def keys() -> MemoryKeyFile:
    return MemoryKeyFile()


@pytest.fixture
def sealer(keys: MemoryKeyFile) -> NetworkSealer:
    return NetworkSealer(keys, BEFORE)


def destroy(keys: MemoryKeyFile) -> None:
    Vault(MemoryVaultStore(), keys).forget([NETWORK])


def test_signals_name_the_network_key_and_open_again(sealer: NetworkSealer) -> None:
    sealed = sealer.seal(b"signals")

    assert sealed.startswith("n1.")
    assert sealer.open(sealed) == b"signals"


def test_signals_from_before_the_network_key_still_open(sealer: NetworkSealer) -> None:
    assert sealer.open(BEFORE.seal(b"old")) == b"old"


def test_two_gateways_and_a_later_generation_have_the_same_key(keys: MemoryKeyFile, sealer: NetworkSealer) -> None:
    sealed, vault = sealer.seal(b"signals"), Vault(MemoryVaultStore(), keys)
    vault.key_of("staff.olga")
    vault.forget(["staff.olga"])

    assert NetworkSealer(keys, BEFORE).open(sealed) == b"signals"


def test_a_destroyed_key_opens_nothing_and_sealing_goes_on_for_nobody(keys: MemoryKeyFile) -> None:
    sealed = NetworkSealer(keys, BEFORE).seal(b"signals")
    destroy(keys)
    late = NetworkSealer(keys, BEFORE)

    with pytest.raises(Forgotten):
        late.open(sealed)
    with pytest.raises(Forgotten):
        late.open(late.seal(b"too late"))


def test_a_process_that_seals_nothing_drops_the_key_too(keys: MemoryKeyFile) -> None:
    sealer = NetworkSealer(keys, BEFORE, fresh_s=0.01)
    sealed = sealer.seal(b"signals")
    destroy(keys)
    assert sealer.timer is not None
    sealer.timer.join(PATIENCE_S)

    with pytest.raises(Forgotten):
        sealer.open(sealed)


def test_an_altered_signal_is_corrupt(sealer: NetworkSealer) -> None:
    with pytest.raises(Corrupt):
        sealer.open(type(sealer.seal(b""))("n1.AAAA"))


def test_the_campaigns_own_sealer_reads_the_key_file_beside_its_keys(tmp_path: Path) -> None:
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "one"})
    keys = Keys.of(tmp_path, "one")

    sealed = network_sealer(settings, keys).seal(b"signals")

    assert network_sealer(settings, keys).open(sealed) == b"signals"
    assert (tmp_path / "keys" / "one.vault").stat().st_mode & 0o777 == 0o600
