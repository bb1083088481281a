"""The store of files in a folder keeps the contract of stores."""

import os
from pathlib import Path

import pytest

from shared.media.open_storage import open_storage
from shared.media.storage import BadStorage, Bucket, Folder, Storage
from shared.settings import Settings
from shared.testing.storage_contract import StorageContract, put, stored_names


class TestFolder(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Storage:
        return Folder(tmp_path)


def test_put_syncs_the_file_before_its_name_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[str, bool]] = []
    target = tmp_path / "ab" / "one"

    def fsync(handle: int) -> None:
        steps.append((os.path.basename(os.readlink(f"/proc/self/fd/{handle}")), target.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    storage = Folder(tmp_path)
    with storage.draft() as draft:
        draft.write_bytes(b"x")
        storage.put(draft, "ab/one")

    assert steps == [(draft.name, False), ("ab", True)]


def test_local_file_is_the_stored_file_itself(tmp_path: Path) -> None:
    put(Folder(tmp_path), "ab/one", b"x")

    assert Folder(tmp_path).path("ab/one") == tmp_path / "ab" / "one"
    assert stored_names(tmp_path) == ["ab/one"]


def test_store_is_the_folder_of_the_campaign_unless_a_file_names_another(tmp_path: Path) -> None:
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "one"})

    put(open_storage(settings), "ab/one", b"x")

    assert stored_names(tmp_path) == ["media/one/ab/one"]


@pytest.mark.parametrize(
    "text",
    [
        "url = 'https://bucket/x'\nkey = 'k'\nsecret = 's'",
        "url = 's3://bucket'\nkey = 'k'",
        "url = 's3://bucket'\nkey = 1\nsecret = 's'",
        "url = 's3://bucket'\nkey = 'k'\nsecret = 's'\nsecrets = 's'",
        "url",
    ],
)
def test_file_of_a_store_that_lacks_something_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "storage.toml"
    path.write_text(text)

    with pytest.raises(BadStorage, match=r"storage\.toml"):
        Bucket.read(path)
