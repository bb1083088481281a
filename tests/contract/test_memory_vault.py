"""The vault keeps its contract in memory, and with a key file on disk."""

from pathlib import Path

import pytest

from shared.testing.memory_vault import MemoryKeyFile, MemoryVaultStore
from shared.testing.vault_contract import Place, VaultContract
from shared.wrapping import KeyFile


def remnants(folder: Path) -> int:
    """Count the files of the vault other than the key file and its locks."""
    kept = {"one.vault", "one.vault.lock", "one.vault.forgetting"}
    return len([each for each in (folder / "keys").iterdir() if each.name not in kept])


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def place(self) -> Place:
        keys = MemoryKeyFile()
        return Place(MemoryVaultStore(), lambda: keys, lambda: len(keys.remnants))


class TestVaultWithAKeyFile(VaultContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return Place(MemoryVaultStore(), lambda: KeyFile(tmp_path, "one"), lambda: remnants(tmp_path))
