"""Which entries of different units say or show nearly the same: hints for moderators, which decide nothing.

Texts are compared by the character n-grams that they share, pictures by their bytes and by their perceptual hash.
Promises: the result is a function of the latest versions alone, in whatever order they came, so it can be computed anew
at any time; entries of one unit are never compared with each other; withdrawn entries are left out.
Does not promise to find a short text inside of a much longer one, nor a picture that was cut or mirrored.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from datasketch import MinHash, MinHashLSH

from services.moderation.plain_text import plain_text
from services.submission.events import EntrySubmitted, EntryWithdrawn

FOLD = 1  # raise it whenever the same versions would give another result
TEXT, PICTURE = "text", "picture"
LEAST_TEXT_SCORE = 40  # per cent of the n-grams of both texts that both have
GRAM_CHARS = 5
LEAST_CHARS = 40  # of letters and digits; a shorter text says too little
FAR_BITS = 6  # of the 64 of a perceptual hash
PLAIN_BITS = 8  # a picture with fewer bits set, or fewer not set, is nearly of one colour: its hash says nothing
PARTNERS = 20  # the most near-duplicates of an entry that are named
PIECES, PIECE_CHARS = 3, 80
PAIRS = 12
_PERMUTATIONS, _SEED = 128, 2021
_BANDS = 8


@dataclass(frozen=True, slots=True)
class Latest:
    """What is compared of an entry's latest version."""

    entry: str
    version: int
    unit: str
    text: str
    pictures: tuple[tuple[str, str], ...]  # SHA-256 and perceptual hash, in hex; the hash may be empty


@dataclass(slots=True)
class NearDuplicates:
    """All latest versions, indexed so that those that resemble one another are found without comparing all."""

    latest: dict[str, Latest] = field(default_factory=dict)
    _texts: Any = field(default_factory=lambda: MinHashLSH(threshold=LEAST_TEXT_SCORE / 100, num_perm=_PERMUTATIONS))
    _signatures: dict[str, Any] = field(default_factory=dict)
    _buckets: dict[tuple[int, str], set[str]] = field(default_factory=dict)

    def apply(self, fact: object) -> set[str]:
        """Take an event of submission, and return the entries whose near-duplicates may be others now."""
        match fact:
            case EntrySubmitted():
                files = tuple((each.sha256, each.look) for each in fact.files if each.kind == PICTURE)
                return self._replace(
                    fact.entry, Latest(fact.entry, fact.version, fact.unit, fact.text, tuple(dict.fromkeys(files)))
                )
            case EntryWithdrawn():
                return self._replace(fact.entry, None)
        return set()

    def of(self, entry: str) -> list[dict[str, Any]]:
        """Return the near-duplicates of an entry, the closest first: `entry`, `version`, `what`, `score`, `matches`."""
        own = self.latest.get(entry)
        if own is None:
            return []
        others = [self.latest[each] for each in sorted(self._candidates(own))]
        found = [hint for other in others for hint in (*_same_text(own, other), *_same_pictures(own, other))]
        return sorted(found, key=lambda each: (-each["score"], each["entry"], each["what"]))[:PARTNERS]

    def _replace(self, entry: str, new: Latest | None) -> set[str]:
        before = self.latest.pop(entry, None)
        touched = {entry}
        if before is not None:
            touched |= self._candidates(before)
            if entry in self._signatures:
                self._texts.remove(entry)
                del self._signatures[entry]
            for key in _keys(before):
                self._buckets[key].discard(entry)
        if new is not None:
            self.latest[entry] = new
            grams = _grams(plain_text(new.text)[0])
            if grams:
                signature = _signature(grams)
                self._signatures[entry] = signature
                self._texts.insert(entry, signature)
            for key in _keys(new):
                self._buckets.setdefault(key, set()).add(entry)
            touched |= self._candidates(new)
        return touched

    def _candidates(self, own: Latest) -> set[str]:
        """Return the entries of other units that may resemble this one."""
        found: set[str] = set()
        signature = self._signatures.get(own.entry)
        if signature is not None:
            found.update(self._texts.query(signature))
        for key in _keys(own):
            found |= self._buckets.get(key, set())
        return {each for each in found if each in self.latest and self.latest[each].unit != own.unit}


def _grams(plain: str) -> set[str]:
    if len(plain) < LEAST_CHARS:
        return set()
    return {plain[i : i + GRAM_CHARS] for i in range(len(plain) - GRAM_CHARS + 1)}


def _signature(grams: set[str]) -> Any:
    signature = MinHash(num_perm=_PERMUTATIONS, seed=_SEED, hashfunc=_hash, scheme="affine32")
    signature.update_batch([each.encode() for each in sorted(grams)])
    return signature


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=4).digest(), "big")


def _same_text(own: Latest, other: Latest) -> Iterator[dict[str, Any]]:
    mine, others = plain_text(own.text), plain_text(other.text)
    grams, more = _grams(mine[0]), _grams(others[0])
    if not grams or not more:
        return
    score = 100 * len(grams & more) // len(grams | more)
    if score >= LEAST_TEXT_SCORE:
        pieces = _pieces(own.text, mine, others[0])
        yield {"entry": other.entry, "version": other.version, "what": TEXT, "score": score, "matches": pieces}


def _pieces(text: str, mine: tuple[str, list[int]], other: str) -> list[str]:
    """Return the longest pieces of the own text, as it was typed, that the other text has too."""
    plain, places = mine
    blocks = SequenceMatcher(None, plain, other, autojunk=False).get_matching_blocks()
    longest = sorted((each for each in blocks if each.size >= 2 * GRAM_CHARS), key=lambda each: (-each.size, each.a))
    return [text[places[each.a] : places[each.a + each.size - 1] + 1][:PIECE_CHARS] for each in longest[:PIECES]]


def _same_pictures(own: Latest, other: Latest) -> Iterator[dict[str, Any]]:
    pairs = sorted(
        (-score, mine, theirs)
        for mine, look in own.pictures
        for theirs, other_look in other.pictures
        if (score := _likeness(mine, look, theirs, other_look))
    )
    if pairs:
        matches = [[mine, theirs] for _, mine, theirs in pairs[:PAIRS]]
        score = -pairs[0][0]
        yield {"entry": other.entry, "version": other.version, "what": PICTURE, "score": score, "matches": matches}


def _likeness(mine: str, look: str, theirs: str, other_look: str) -> int:
    """Return how much two pictures look the same in per cent, or 0 if they do not."""
    if mine == theirs:
        return 100
    if not _tells(look) or not _tells(other_look):
        return 0
    apart = (int(look, 16) ^ int(other_look, 16)).bit_count()
    return 99 - apart if apart <= FAR_BITS else 0


def _tells(look: str) -> bool:
    return bool(look) and PLAIN_BITS <= int(look, 16).bit_count() <= 64 - PLAIN_BITS


def _keys(latest: Latest) -> Iterable[tuple[int, str]]:
    """Yield the buckets of a version's pictures: of two hashes that are FAR_BITS apart, at least one band is equal."""
    for sha256, look in latest.pictures:
        yield -1, sha256
        if _tells(look):
            for band in range(_BANDS):
                yield band, look[2 * band : 2 * band + 2]
