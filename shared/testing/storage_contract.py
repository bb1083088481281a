"""Contract suite of the store of files: the same tests run on a folder and on an S3 server.

class TestFolder(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Storage: ...
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.media.storage import Storage

WRITERS = 4
FILM_BYTES = 20 * 1024 * 1024  # sent to an S3 server in parts


def put(storage: Storage, name: str, data: bytes) -> None:
    """Store these bytes under a name."""
    with storage.draft() as draft:
        draft.write_bytes(data)
        storage.put(draft, name)


def content(storage: Storage, name: str) -> bytes | None:
    """Return the bytes that are stored under a name, or None."""
    path = storage.path(name)
    return None if path is None else path.read_bytes()


class StorageContract:
    """The tests that every store must pass. A subclass provides an empty one by the fixture `storage`."""

    def test_file_is_found_under_its_name_with_its_size_and_time(self, storage: Storage) -> None:
        put(storage, "ab/one", b"first")

        found = storage.stat("ab/one")

        assert found is not None
        assert (found.name, found.bytes, abs(found.modified_s - time.time()) < 60) == ("ab/one", 5, True)
        assert content(storage, "ab/one") == b"first"

    def test_open_file_is_read_in_parts(self, storage: Storage) -> None:
        put(storage, "ab/one", b"first")

        with storage.open("ab/one") as file:
            assert [file.read(2), file.read()] == [b"fi", b"rst"]

    @pytest.mark.parametrize("size", [0, 1, FILM_BYTES], ids=["empty", "one-byte", "film"])
    def test_file_of_any_size_comes_back_as_it_was(self, storage: Storage, size: int) -> None:
        data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

        put(storage, "ab/one", data)

        assert content(storage, "ab/one") == data

    def test_draft_is_taken_away_by_putting_it_and_by_leaving_it(self, storage: Storage) -> None:
        with storage.draft() as draft:
            draft.write_bytes(b"x")
            storage.put(draft, "ab/one")
            after_put = draft.exists()
        with storage.draft() as left:
            left.mkdir()
            (left / "part").write_bytes(b"y")

        assert (after_put, left.exists()) == (False, False)

    def test_file_that_is_not_stored_is_missing(self, storage: Storage) -> None:
        put(storage, "ab/one", b"x")

        assert [storage.stat("ab/two"), storage.path("cd/one"), storage.first(["ab/two"])] == [None] * 3
        with pytest.raises(FileNotFoundError):
            storage.open("ab/two")
        with pytest.raises(FileNotFoundError), storage.working_copy("ab/two"):
            pass

    def test_file_that_is_put_again_replaces_the_first_whole(self, storage: Storage) -> None:
        put(storage, "ab/one", b"first")
        put(storage, "ab/one", b"a second one, which is longer")

        assert content(storage, "ab/one") == b"a second one, which is longer"

    def test_reader_of_an_earlier_file_reads_it_to_its_end(self, storage: Storage) -> None:
        put(storage, "ab/one", b"first")

        with storage.open("ab/one") as file:
            put(storage, "ab/one", b"OTHER")
            assert file.read() == b"first"

    def test_deleted_file_is_gone_and_deleting_it_again_changes_nothing(self, storage: Storage) -> None:
        put(storage, "ab/one", b"x")
        content(storage, "ab/one")

        storage.delete("ab/one")
        storage.delete("ab/one")

        assert (storage.stat("ab/one"), storage.path("ab/one"), storage.children("ab")) == (None, None, [])

    def test_folder_lists_its_files_in_order_and_its_folders_apart(self, storage: Storage) -> None:
        for name in ("ab/two", "ab/one", "ab/deeper/three", "cd/four", "ab2/five"):
            put(storage, name, name.encode())

        assert [(each.name, each.bytes) for each in storage.children("ab")] == [("ab/one", 6), ("ab/two", 6)]
        assert [each.name for each in storage.children("ab", starting="tw")] == ["ab/two"]
        assert (storage.folders("ab"), storage.folders("cd"), storage.children("ef")) == (["deeper"], [], [])

    def test_files_of_several_folders_are_listed_together(self, storage: Storage) -> None:
        for name in ("ab/two", "ab/deeper/three", "cd/four", "ef/five"):
            put(storage, name, b"x")

        assert sorted(each.name for each in storage.files(["ab", "cd", "01"])) == ["ab/two", "cd/four"]

    def test_first_of_several_names_is_found(self, storage: Storage) -> None:
        put(storage, "ab/one.jpeg", b"x")
        put(storage, "ab/one.mp4", b"y")

        assert storage.first(f"ab/one.{ending}" for ending in ("webm", "mp4", "jpeg")) == "ab/one.mp4"
        assert storage.first([]) is None

    def test_decoder_gets_a_local_file(self, storage: Storage) -> None:
        put(storage, "ab/one", b"first")

        with storage.working_copy("ab/one") as path:
            assert (path.is_absolute(), path.read_bytes()) == (True, b"first")

    def test_file_of_a_decoder_stays_while_the_stored_one_is_replaced_and_deleted(self, storage: Storage) -> None:
        put(storage, "ab/one", b"first")

        with storage.working_copy("ab/one") as path:
            put(storage, "ab/one", b"second")
            storage.delete("ab/one")
            seen = path.read_bytes()

        assert (seen, storage.stat("ab/one")) == (b"first", None)

    @pytest.mark.parametrize("name", ["../one", "/etc/passwd", "ab/../../one", "ab//one", "ab/.one", "", "ab/o\nne"])
    def test_name_that_could_lead_outside_is_refused(self, storage: Storage, name: str) -> None:
        with pytest.raises(ValueError, match="is not the name of a file"):
            storage.stat(name)
        with pytest.raises(ValueError, match="is not the name of a file"):
            storage.delete(name)

    def test_writers_and_readers_at_the_same_time_see_whole_files(self, storage: Storage) -> None:
        bodies = [bytes([65 + k]) * 300_000 for k in range(WRITERS)]
        put(storage, "ab/one", bodies[0])
        ended = threading.Event()

        def read() -> list[bytes]:
            seen = []
            while not ended.is_set():
                with storage.open("ab/one") as file:
                    seen.append(file.read())
            return seen

        with ThreadPoolExecutor(WRITERS + 1) as pool:
            reader = pool.submit(read)
            for writer in [pool.submit(put, storage, "ab/one", body) for body in bodies * 2]:
                writer.result()
            ended.set()

        assert set(reader.result()) <= set(bodies)

    def test_draft_that_a_killed_process_left_is_swept_by_its_age(self, storage: Storage) -> None:
        with storage.draft() as draft:
            draft.write_bytes(b"x")
            storage.sweep_drafts(older_s=3_600)
            young = draft.exists()
            storage.sweep_drafts(older_s=-1)

            assert (young, draft.exists()) == (True, False)


def stored_names(root: Path) -> list[str]:
    """Return the names of all files below a folder, for tests that compare what a store left on the disk."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
