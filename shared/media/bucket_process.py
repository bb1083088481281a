"""A store in a bucket, for services under eventlet: a child process talks to the S3 server (`bucket.py`).

The child gets one request at a time over a socket, as JSON, and answers it; what it fetches or sends are files on the
local disk, by their paths. It ends with the process that started it.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shared.media.storage import Bucket, Storage, StoredFile

WAIT_S = 300.0  # a film of 500 MiB is sent or fetched within it
_ROOT = Path(__file__).resolve().parents[2]


class RemoteStorage(Storage):
    """A store whose requests a child process carries out, one after the other."""

    is_local = False

    def __init__(self, bucket: Bucket, campaign: str, scratch: Path) -> None:
        super().__init__(scratch)
        self._start = {"bucket": asdict(bucket), "campaign": campaign, "scratch": str(scratch.absolute())}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def put(self, draft: Path, name: str) -> None:
        self._request("put", str(draft.absolute()), name)

    def stat(self, name: str) -> StoredFile | None:
        found = self._request("stat", name)
        return None if found is None else StoredFile(**found)

    def path(self, name: str) -> Path | None:
        found = self._request("path", name)
        return None if found is None else Path(found)

    def delete(self, name: str) -> None:
        self._request("delete", name)

    def children(self, folder: str, *, starting: str = "") -> list[StoredFile]:
        return [StoredFile(**each) for each in self._request("children", folder, starting=starting)]

    def files(self, folders: Iterable[str]) -> Iterator[StoredFile]:
        yield from (StoredFile(**each) for each in self._request("files", list(folders)))

    def folders(self, folder: str) -> list[str]:
        return list(self._request("folders", folder))

    def first(self, names: Iterable[str]) -> str | None:
        found: str | None = self._request("first", list(names))
        return found

    def close(self) -> None:
        """End the child. The next request starts another one."""
        line, process = self._line, self._process
        self._line = self._process = None
        if line is not None:
            line.close()
        if process is not None:
            process.wait(timeout=10)

    def _request(self, method: str, *words: Any, **more: Any) -> Any:
        """Have the child do something; once more with another child if it died. Raises what it raised."""
        with self._lock:
            for last in (False, True):
                try:
                    answer = self._exchange({"method": method, "words": words, "more": more})
                    break
                except (EOFError, BrokenPipeError, ConnectionError, TimeoutError) as problem:
                    self.close()
                    if last:
                        raise OSError("the process that talks to the S3 store does not stay alive") from problem
        if "error" in answer:
            raise {"ValueError": ValueError}.get(answer["error"], OSError)(answer["number"] or 0, answer["text"])
        return answer["ok"]

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._line is None:
            self._line, self._process = _started(self._start)
        _send(self._line, request)
        return _read(self._line)


def _started(start: dict[str, Any]) -> tuple[socket.socket, "subprocess.Popen[bytes]"]:
    ours, theirs = socket.socketpair()
    ours.settimeout(WAIT_S)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "shared.media.bucket_process", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={"PATH": os.defpath, "PYTHONPATH": str(_ROOT), "HOME": "/nonexistent"},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    _send(ours, start)
    return ours, process


def _send(line: socket.socket, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    line.sendall(len(data).to_bytes(4) + data)


def _read(line: socket.socket) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_exactly(line, int.from_bytes(_exactly(line, 4))))
    return found


def _exactly(line: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = line.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _serve(line: socket.socket) -> None:
    """Carry out requests until the other end of the socket is closed."""
    from shared.media.bucket import BucketStorage

    start = _read(line)
    storage = BucketStorage(Bucket(**start["bucket"]), start["campaign"], Path(start["scratch"]))
    while True:
        try:
            request = _read(line)
        except EOFError:
            return
        _send(line, _answer(storage, request))


def _answer(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    words = [Path(request["words"][0]), *request["words"][1:]] if request["method"] == "put" else request["words"]
    try:
        found = getattr(storage, request["method"])(*words, **request["more"])
    except (OSError, ValueError) as problem:
        number = problem.errno if isinstance(problem, OSError) else None
        return {"error": type(problem).__name__, "number": number, "text": str(problem)}
    if isinstance(found, list | Iterator):
        return {"ok": [_plain(each) for each in found]}
    return {"ok": _plain(found)}


def _plain(found: Any) -> Any:
    if isinstance(found, StoredFile):
        return asdict(found)
    return str(found) if isinstance(found, Path) else found


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as given:
        _serve(given)
