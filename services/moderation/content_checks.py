"""Checks of an entry's content by machines: the port that all of them have, and the one by a list of words.

Promises: an item is clean only if the whole of it was looked at; whatever keeps a check from looking gives the state
not-checked with the reason. A hit names its place in characters of the text as it was handed in.
Does not promise that a hit is wrong, or that a clean text is right.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.moderation.events import Hit, ItemCheck
from services.moderation.plain_text import plain_text
from services.moderation.state import CLEAN, HIT
from services.submission.events import EntrySubmitted
from shared.subtitles import spoken_text

WORDS = "words"
MOST_HITS = 100
MOST_WORDS = 50_000
WORD_LIST = "forbidden_words.txt"


class ContentCheck(Protocol):
    """A machine that looks at versions of entries."""

    @property
    def source(self) -> str:
        """Return the name under which its results are stored."""

    @property
    def edition(self) -> str:
        """Return what the result depends on beside the version: results of another edition are found anew."""

    def check(self, version: EntrySubmitted) -> tuple[ItemCheck, ...]:
        """Return the result for each item that it knows how to look at."""


def texts_of(version: EntrySubmitted) -> Mapping[str, str]:
    """Return the texts of a version by item; those of a file are its caption, and what is spoken in a film."""
    captions = {f"files/{i}": each.caption for i, each in enumerate(version.files) if each.caption}
    spoken = {f"captions/{i}": spoken_text(each.subtitles) for i, each in enumerate(version.files) if each.subtitles}
    return {"title": version.title, "profile": version.profile, "text": version.text, **captions, **spoken}


@dataclass(frozen=True, slots=True)
class WordList:
    """The check by a list of words: finds each, whatever its width and case, and across blanks and marks."""

    words: Mapping[str, str]  # the word in its plain form -> the word as the list writes it
    edition: str
    source: str = WORDS

    def check(self, version: EntrySubmitted) -> tuple[ItemCheck, ...]:
        """Return for each text which words of the list it has."""
        found = []
        for item, text in texts_of(version).items():
            hits = tuple(self._hits(text))[:MOST_HITS]
            found.append(ItemCheck(item, HIT if hits else CLEAN, None, hits))
        return tuple(found)

    def _hits(self, text: str) -> Iterator[Hit]:
        plain, places = plain_text(text)
        places_of = []
        for word, written in self.words.items():
            at = plain.find(word)
            while at >= 0:
                places_of.append((places[at], places[at + len(word) - 1] + 1, written))
                at = plain.find(word, at + 1)
        for start, end, written in sorted(places_of):
            yield Hit(written, start, end, 100)


def read_word_list(folder: Path) -> WordList | None:
    """Return the list of words in this folder, or None if there is none or it cannot be read.

    A line is a word; `#` begins a comment. Words without a letter or digit are passed over.
    """
    try:
        content = (folder / WORD_LIST).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    words: dict[str, str] = {}
    for line in content.splitlines()[:MOST_WORDS]:
        written = line.partition("#")[0].strip()
        plain = plain_text(written)[0]
        if plain:
            words.setdefault(plain, written)
    return WordList(words, hashlib.sha256("\n".join(sorted(words)).encode()).hexdigest()[:16]) if words else None
