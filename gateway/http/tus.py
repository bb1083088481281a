"""The protocol of resumable uploads, tus 1.0.0: its headers, read and written. Pure: no request, no file, no clock.

Extensions: creation (also with the first bytes), expiration, termination, checksum. Where the protocol leaves a choice,
clients decide: tus-js-client 4.3.1 tries 409, 423 and everything from 500 on again, takes any other 4xx as final, 429
too, and begins a second upload if it finds a 4xx other than 423 while it resumes. So what may be tried again never has
another status than these.
"""

import base64
import binascii
import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate

from gateway.http.problems import Problem

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256", "sha512")
CONTENT_TYPE = "application/offset+octet-stream"
RESUMABLE = {"Tus-Resumable": VERSION}
NAME_MAX_CHARS = 200
METADATA_MAX_CHARS = 4_096
SIZE_MAX_DIGITS = 15
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a client says of the bytes of one request: an algorithm of ALGORITHMS, and the digest."""

    algorithm: str
    digest: bytes

    def hasher(self) -> "hashlib._Hash":
        """Return a new hash of the algorithm."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def refuse_other_version(headers: Headers) -> None:
    """Raise Problem `tus-version` unless the client speaks the version of this module."""
    if headers.get("tus-resumable") != VERSION:
        raise Problem("tus-version", field="Tus-Resumable", headers={"Tus-Version": VERSION})


def abilities(largest: int | None) -> dict[str, str]:
    """Return the headers of the answer to OPTIONS; `largest` is the size of the largest upload, if it is known."""
    found = {
        **RESUMABLE,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return found if largest is None else found | {"Tus-Max-Size": str(largest)}


def upload_length(headers: Headers) -> int:
    """Return the length of the upload that a creation announces. Raise Problem if there is none, as with a length that
    will only be known later, or if it is no number.
    """
    return _number(headers, "Upload-Length")


def upload_offset(headers: Headers) -> int:
    """Return the offset at which a client says that its bytes begin. Raise Problem if it is no number."""
    return _number(headers, "Upload-Offset")


def file_name(headers: Headers) -> str:
    """Return the name of the file from the header Upload-Metadata, as `clean_name` cleans it. Raise Problem."""
    return clean_name(metadata(headers).get("filename", ""))


def metadata(headers: Headers) -> dict[str, str]:
    """Return what the header Upload-Metadata says: keys with values in base64. Raise Problem if it is malformed."""
    text, found = headers.get("upload-metadata", ""), dict[str, str]()
    if len(text) > METADATA_MAX_CHARS or not text.isascii():
        raise Problem("upload-metadata-invalid", field="Upload-Metadata")
    for pair in text.split(",") if text.strip() else ():
        key, _, value = pair.strip().partition(" ")
        if not key or key in found:
            raise Problem("upload-metadata-invalid", field="Upload-Metadata")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError) as problem:
            raise Problem("upload-metadata-invalid", field="Upload-Metadata") from problem
    return found


def clean_name(text: str) -> str:
    """Return the name of a file as people see it, in NFC: without the folders of another system, and without invisible
    signs, such as those that turn the direction of writing and would show another ending than the file has.

    Raise Problem if nothing is left, if it is too long, or if it has a control character.
    """
    visible = "".join(each for each in text if unicodedata.category(each) != "Cf")
    name = unicodedata.normalize("NFC", visible).replace("\\", "/").rpartition("/")[2].strip()
    if not 1 <= len(name) <= NAME_MAX_CHARS or not name.isprintable():
        raise Problem("file-name-missing", field="Upload-Metadata")
    return name


def checksum(headers: Headers) -> Checksum | None:
    """Return the checksum that a client sends for the bytes of its request, or None. Raise Problem."""
    text = headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, value = text.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Problem("checksum-unsupported", field="Upload-Checksum", facts={"algorithms": list(ALGORITHMS)})
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except binascii.Error as problem:
        raise Problem("upload-header-invalid", field="Upload-Checksum", facts={"name": "Upload-Checksum"}) from problem
    return Checksum(algorithm, digest)


def refuse_other_content(headers: Headers) -> None:
    """Raise Problem unless the body of a request has the media type of bytes of an upload."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != CONTENT_TYPE:
        raise Problem("media-type-unknown", facts={"accepted": CONTENT_TYPE})


def progress(offset: int, *, expires_s: float | None) -> dict[str, str]:
    """Return the headers that say how far an upload is, and until when it may be gone on with if it is unfinished."""
    found = {**RESUMABLE, "Upload-Offset": str(offset), "Cache-Control": "no-store"}
    return found if expires_s is None else found | {"Upload-Expires": formatdate(expires_s, usegmt=True)}


def _number(headers: Headers, name: str) -> int:
    text = headers.get(name.lower(), "")
    if not (text.isascii() and text.isdigit() and len(text) <= SIZE_MAX_DIGITS):
        raise Problem("upload-header-invalid", field=name, facts={"name": name})
    return int(text)
