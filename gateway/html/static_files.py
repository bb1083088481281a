"""The files that pages load: each is served under a name that holds a hash of its bytes, and may be stored for ever.

Promises: what is stored under a name with its hash never changes. A name without a hash, or with that of another
version, gets the present file and is asked for again each time, so that a page from before an upgrade still works.
A script finds the scripts that it imports under their hashes too. All files are read once, when the process starts.
"""

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.http import responses

STATIC = "/static"
FOLDER = Path(__file__).parents[1] / "static"
SUFFIXES = frozenset({".css", ".js", ".svg", ".png", ".ico", ".webmanifest"})
IMMUTABLE = "public, max-age=31536000, immutable"
HASH_CHARS = 12
_IMPORT = re.compile(rb"""(\b(?:from|import)\s*\(?\s*["'])\./([\w./-]+\.js)(["'])""")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served, with the start of its SHA-256 in hexadecimal digits."""

    body: bytes
    digest: str
    media_type: str


def read_files(folder: Path) -> dict[str, StaticFile]:
    """Return the files of a folder that pages may load, by their path in it.

    Raises ValueError if scripts import each other in a circle, or one imports a script that there is not.
    """
    found: dict[str, StaticFile] = {}
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.suffix in SUFFIXES}

    def read(name: str, importers: tuple[str, ...]) -> StaticFile:
        if name in importers or name not in paths:
            raise ValueError(f"{' imports '.join((*importers, name))}: a circle, or no such file")
        if name not in found:
            body = paths[name].read_bytes()
            if name.endswith(".js") and "/" not in name:
                body = _IMPORT.sub(partial(hashed, importers=(*importers, name)), body)
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            found[name] = StaticFile(body, hashlib.sha256(body).hexdigest()[:HASH_CHARS], kind)
        return found[name]

    def hashed(match: re.Match[bytes], importers: tuple[str, ...]) -> bytes:
        name = match[2].decode()
        return match[1] + f"./{hashed_name(name, read(name, importers).digest)}".encode() + match[3]

    for name in sorted(paths):
        read(name, ())
    return found


def hashed_name(name: str, digest: str) -> str:
    """Return the name under which a file with this digest may be stored for ever."""
    path = PurePosixPath(name)
    return str(path.with_suffix(f".{digest}{path.suffix}"))


FILES = read_files(FOLDER)


def static_url(name: str) -> str:
    """Return the URL of a file in the folder `static`, such as `baijia.css`. Raises KeyError for an unknown name."""
    return f"{STATIC}/{hashed_name(name, FILES[name].digest)}"


def find_file(path: str, files: Mapping[str, StaticFile] = FILES) -> tuple[StaticFile, bool] | None:
    """Return the file that a path names, and whether by the hash of these very bytes; None if there is none."""
    if path in files:
        return files[path], False
    named = PurePosixPath(path)
    stem, dot, digest = named.stem.rpartition(".")
    file = files.get(named.with_name(stem + named.suffix).as_posix()) if dot and stem else None
    if file is None or len(digest) != HASH_CHARS:
        return None
    return file, digest == file.digest


class StaticFilesByHash:
    """ASGI application of the path `/static`. It serves whole files and ignores ranges."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method not in ("GET", "HEAD"):
            raise HTTPException(405)
        found = find_file(request.url.path.removeprefix(f"{STATIC}/"))
        if found is None:
            raise HTTPException(404)
        file, is_current = found
        headers = {
            "ETag": f'"{file.digest}"',
            "Cache-Control": IMMUTABLE if is_current else responses.SHARED,
            **responses.SAFE,
        }
        if responses.is_not_modified(request, headers["ETag"]):
            response = Response(status_code=304, headers=headers)
        else:
            response = Response(file.body, media_type=file.media_type, headers=headers)
        await response(scope, receive, send)
