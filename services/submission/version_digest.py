"""The digest of a version of an entry, which a receipt names: anybody who has the version can compute it again.

It is the SHA-256 of the canonical JSON (RFC 8785) of the object that `content` returns. The API answers that object as
`content`, so the digest is that of its bytes with sorted keys and without blanks (docs/explanation/receipts.md).
Promises: the digest of a version never changes, and two versions that differ in anything have different digests. The
functions are pure.
"""

from typing import Any

from services.submission.events import ConsentGiven, EntrySubmitted
from shared.canonical import digest

FORMAT = "baijia-entry-1"


def content(version: EntrySubmitted, consent: ConsentGiven | None) -> dict[str, Any]:
    """Return a version as the object of which the digest is taken: all that the unit handed in, in words and hashes."""
    declared = [] if consent is None else [{"kind": each.kind, "words": each.words} for each in consent.declared]
    return {
        "format": FORMAT,
        "entry": version.entry,
        "version": version.version,
        "receipt": version.receipt,
        "unit": version.unit,
        "at": version.at,
        "title": version.title,
        "profile": version.profile,
        "text": version.text,
        "themes": list(version.themes),
        "h5": version.h5,
        "files": [
            {
                "sha256": each.sha256,
                "name": each.name,
                "caption": each.caption,
                "alt": each.alt,
                # Left out where there are none, so that digests from before there were captions stay.
                **({"subtitles": each.subtitles} if each.subtitles else {}),
            }
            for each in version.files
        ],
        "ai": None if version.ai is None else [{"part": each.part, "extent": each.extent} for each in version.ai],
        "consent": None if consent is None else consent.words,
        "declared": declared,
    }


def version_digest(version: EntrySubmitted, consent: ConsentGiven | None) -> str:
    """Return the SHA-256 of a version, in hex."""
    return digest(content(version, consent))
