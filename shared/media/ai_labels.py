"""Read what a file itself says about having been made or altered by a machine, before its metadata are stripped.

Three kinds of labels are known: the presence of a C2PA manifest (`c2pa`: a signed history, whatever it says), IPTC's
digital source type (`iptc:trainedAlgorithmicMedia` and its sisters, in XMP or inside a manifest), and the implicit
label of China's GB 45438-2025 (`aigc:1` made by a machine, `aigc:2` perhaps, `aigc:3` suspected). Besides, the note
that image generators write into PNG (`generator`).

Promises: the whole file is looked through, so that a label is found in any container and in any place of it, as text of
8 or 16 bits; the labels are sorted and few. Does not promise that a manifest's signature holds, that a label is true,
or that a file without one was made by a person: anybody can strip a label, or write one.
"""

import re
from collections.abc import Iterable
from pathlib import Path

#: Values of IPTC's digital source type that tell of a machine.
_SOURCES = (
    b"trainedAlgorithmicMedia", b"compositeWithTrainedAlgorithmicMedia", b"algorithmicMedia", b"compositeSynthetic",
    b"algorithmicallyEnhanced",
)  # fmt: skip
_MANIFEST = rb"(?P<c2pa>jumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71)"
_SOURCE = rb"digitalsourcetype/(?P<source>" + b"|".join(_SOURCES) + rb")"
# JSON, XML, or JSON that was written into XML: between name and value stand quotes, signs and blanks of any of them.
_AIGC = rb"AIGC.{0,400}?Label(?:&quot;|&#34;|[\"'\s:=\\>])+(?P<aigc>[123])"
_GENERATOR = rb"(?:tEXt|iTXt)(?:parameters|prompt|workflow)(?P<generator>\x00)"
_LABELS = re.compile(b"|".join((_MANIFEST, _SOURCE, _AIGC, _GENERATOR)), re.DOTALL)
_WIDE = re.compile(rb"(?:A\x00I\x00G\x00C\x00|\x00A\x00I\x00G\x00C).{0,800}", re.DOTALL)
#: A part of a file without any of these holds no label.
_ANCHORS = (b"jumdc2pa", b"digitalsourcetype/", b"AIGC", b"A\0I\0G\0C", b"EXtp", b"TXtp", b"EXtw", b"TXtw")
MOST = 8
PART_BYTES, OVERLAP_BYTES = 1 << 22, 1 << 11  # a label is shorter than two parts have in common


def labels_in_file(path: Path, texts: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the labels of a file, and those in texts that were compressed in it. Raises OSError."""
    found: set[str] = set()
    for text in texts:
        found |= _labels(text.encode("utf-8", "replace"))
    before = b""
    with path.open("rb") as file:
        while part := file.read(PART_BYTES):
            found |= _labels(before + part)
            before = part[-OVERLAP_BYTES:]
    return tuple(sorted(found))[:MOST]


def _labels(data: bytes) -> set[str]:
    if not any(each in data for each in _ANCHORS):  # many times faster than the patterns, and true of most files
        return set()
    found = set()
    for match in _LABELS.finditer(data):
        if match["source"]:
            found.add(f"iptc:{match['source'].decode()}")
        elif match["aigc"]:
            found.add(f"aigc:{match['aigc'].decode()}")
        else:
            found.add("c2pa" if match["c2pa"] else "generator")
    for wide in _WIDE.finditer(data):
        found.update(each for each in _labels(wide[0].replace(b"\0", b"")) if each.startswith("aigc:"))
    return found
