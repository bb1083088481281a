"""Open the store of a process's files, by its settings: the folder in its data folder, or a bucket of an S3 server."""

from functools import cache
from pathlib import Path

from eventlet import patcher

from shared.media.storage import Bucket, Folder, Storage
from shared.settings import Settings


def open_storage(settings: Settings) -> Storage:
    """Return the store of a process's campaign. Raises BadStorage if the file of BAIJIA_STORAGE_FILE is broken."""
    folder = settings.data / "media" / settings.campaign
    if settings.storage_file is None:
        return Folder(folder)
    return _bucket(Bucket.read(settings.storage_file), settings.campaign, folder)


@cache
def _bucket(bucket: Bucket, campaign: str, scratch: Path) -> Storage:
    """Return the store of a campaign in a bucket, one for the process: under eventlet through a child."""
    if patcher.is_monkey_patched("socket"):
        from shared.media.bucket_process import RemoteStorage

        return RemoteStorage(bucket, campaign, scratch)
    from shared.media.bucket import BucketStorage  # the client of S3 takes long to load, and most campaigns have none

    return BucketStorage(bucket, campaign, scratch)
