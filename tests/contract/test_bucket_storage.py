"""The store of files in a bucket keeps the contract of stores on a real S3 server, directly and through a child."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.media import bucket as bucket_module
from shared.media.bucket import BucketStorage, StorageAway
from shared.media.bucket_process import RemoteStorage
from shared.media.storage import Bucket, Storage
from shared.testing.storage_contract import StorageContract, content, put
from tests.s3_server import s3_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    with s3_server(tmp_path_factory.mktemp("s3")) as found:
        yield found


class TestBucket(StorageContract):
    @pytest.fixture
    def storage(self, bucket: Bucket, tmp_path: Path) -> Storage:
        return BucketStorage(bucket, secrets.token_hex(4), tmp_path)


class TestBucketThroughAChild(StorageContract):
    @pytest.fixture
    def storage(self, bucket: Bucket, tmp_path: Path) -> Iterator[Storage]:
        storage = RemoteStorage(bucket, secrets.token_hex(4), tmp_path)
        yield storage
        storage.close()


def test_two_processes_see_each_other_s_files_and_neither_an_old_one(bucket: Bucket, tmp_path: Path) -> None:
    one, two = (BucketStorage(bucket, "shared", tmp_path / each) for each in ("one", "two"))
    put(one, "ab/one", b"first")
    before = content(two, "ab/one")
    put(one, "ab/one", b"second")

    assert (before, content(two, "ab/one")) == (b"first", b"second")
    one.delete("ab/one")
    assert content(two, "ab/one") is None


def test_campaigns_in_one_bucket_do_not_meet(bucket: Bucket, tmp_path: Path) -> None:
    put(BucketStorage(bucket, "here", tmp_path), "ab/one", b"x")

    assert BucketStorage(bucket, "there", tmp_path).stat("ab/one") is None


def test_cache_forgets_what_was_not_used_for_long(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "CACHE_BYTES", 25)
    storage = BucketStorage(bucket, "cache", tmp_path)
    for name in ("ab/old", "ab/used", "ab/new"):
        put(storage, name, b"0123456789")
    for name, age_s in (("ab/old", 9_000), ("ab/used", 10)):
        path = storage.path(name)
        assert path is not None
        os.utime(path, (path.stat().st_atime - age_s, path.stat().st_mtime))

    storage.path("ab/new")

    cached = sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert cached == ["new", "used"]
    assert content(storage, "ab/old") == b"0123456789"


def test_server_that_does_not_answer_or_refuses_is_an_error_of_the_store(bucket: Bucket, tmp_path: Path) -> None:
    for wrong in (replace(bucket, endpoint="http://127.0.0.1:9"), replace(bucket, secret="other")):
        storage = BucketStorage(wrong, "away", tmp_path)
        with storage.draft() as draft:
            draft.write_bytes(b"x")
            with pytest.raises((StorageAway, PermissionError)):
                storage.put(draft, "ab/one")
            assert draft.exists()
        with pytest.raises((StorageAway, PermissionError)):
            storage.stat("ab/one")


def test_child_that_was_killed_is_replaced(bucket: Bucket, tmp_path: Path) -> None:
    storage = RemoteStorage(bucket, "killed", tmp_path)
    put(storage, "ab/one", b"x")
    child = storage._process
    assert child is not None
    child.kill()
    child.wait()

    assert content(storage, "ab/one") == b"x"
    storage.close()
