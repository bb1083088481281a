"""Labels that machines write into what they make are found before metadata are stripped."""

import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from shared.media import pictures
from shared.media.ai_labels import labels_in_file
from tests.unit.shared.media.test_pictures import encoded, png

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
LABEL = {"Label": "1", "ContentProducer": "001191110102MA01", "ProduceID": "x", "ReservedCode1": ""}
MANIFEST = b"\0\0\0\x1ajumb\0\0\0\x22jumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71\x03c2pa\0"


def xmp(inside: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"<rdf:Description>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def image() -> Image.Image:
    return Image.new("RGB", (16, 16), "red")


def texts(**named: str) -> PngImagePlugin.PngInfo:
    found = PngImagePlugin.PngInfo()
    for name, text in named.items():
        found.add_text(name, text, zip=name == "zipped")
    return found


def exif(comment: bytes) -> Image.Exif:
    found = Image.Exif()
    found.get_ifd(0x8769)[0x9286] = comment
    return found


def in_jpeg(segment: bytes) -> bytes:
    data = encoded(image(), "JPEG")
    return data[:2] + b"\xff\xeb" + (len(segment) + 2).to_bytes(2, "big") + segment + data[2:]


AIGC = json.dumps({"AIGC": LABEL})
CASES: dict[str, tuple[bytes, list[str]]] = {
    "no label": (encoded(image(), "JPEG", exif=exif(b"ASCII\0\0\0taken by hand")), []),
    "a manifest in JPEG": (in_jpeg(b"JP\0\1\0\0\0\1" + MANIFEST), ["c2pa"]),
    "a manifest in PNG": (png(2, 8, [bytes(48)], (b"caBX", MANIFEST)), ["c2pa"]),
    "a manifest that tells its source": (
        in_jpeg(b"JP\0\1\0\0\0\1" + MANIFEST + SOURCE.encode() + b"trainedAlgorithmicMediax"),
        ["c2pa", "iptc:trainedAlgorithmicMedia"],
    ),
    "XMP of JPEG": (
        encoded(image(), "JPEG", xmp=xmp(f"<a>{SOURCE}trainedAlgorithmicMedia</a>")),
        ["iptc:trainedAlgorithmicMedia"],
    ),
    "XMP of WebP": (
        encoded(image(), "WEBP", xmp=xmp(f"<a>{SOURCE}compositeWithTrainedAlgorithmicMedia</a>")),
        ["iptc:compositeWithTrainedAlgorithmicMedia"],
    ),
    "XMP of HEIC": (
        encoded(image(), "HEIF", xmp=xmp(f"<a>{SOURCE}compositeSynthetic</a>")), ["iptc:compositeSynthetic"],
    ),
    "a camera's source": (encoded(image(), "JPEG", xmp=xmp(f"<a>{SOURCE}digitalCapture</a>")), []),
    "GB 45438 in XMP": (
        encoded(image(), "JPEG", xmp=xmp(f"<TC260:AIGC>{AIGC.replace(chr(34), '&quot;')}</TC260:AIGC>")), ["aigc:1"],
    ),
    "GB 45438 as an element": (encoded(image(), "PNG", pnginfo=texts(AIGC=json.dumps(LABEL))), ["aigc:1"]),
    "GB 45438 in EXIF": (encoded(image(), "JPEG", exif=exif(b"ASCII\0\0\0" + AIGC.encode())), ["aigc:1"]),
    "GB 45438 in EXIF of 16 bits": (
        encoded(image(), "JPEG", exif=exif(b"UNICODE\0" + AIGC.replace('"1"', '"2"').encode("utf-16-le"))), ["aigc:2"],
    ),
    "GB 45438 in compressed text": (encoded(image(), "PNG", pnginfo=texts(zipped=AIGC * 20)), ["aigc:1"]),
    "a generator's note": (encoded(image(), "PNG", pnginfo=texts(parameters="a cat, Steps: 20")), ["generator"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_label_is_found_wherever_it_stands_and_is_not_in_the_copy(tmp_path: Path, name: str):
    data, expected = CASES[name]
    path, target = tmp_path / "original", tmp_path / "copy"
    path.write_bytes(data)

    facts: dict[str, Any] = pictures.prepare(path, target, "copy")

    assert list(facts["ai_labels"]) == expected
    assert labels_in_file(target) == ()


def test_film_s_label_is_found_in_its_bytes(tmp_path: Path):
    path = tmp_path / "film"
    path.write_bytes(bytes(5_000) + b"\0\0\0\x90udtaAIGC" + json.dumps(LABEL).encode() + bytes(9_000))

    assert labels_in_file(path) == ("aigc:1",)


def test_empty_file_has_no_label(tmp_path: Path):
    path = tmp_path / "empty"
    path.write_bytes(b"")

    assert labels_in_file(path) == ()


def test_words_that_only_look_like_a_label_are_none(tmp_path: Path):
    path = tmp_path / "words"
    path.write_bytes(b"AIGC is a word, and Label: 9 another. " + zlib.compress(AIGC.encode() * 3) + io.BytesIO().read())

    assert labels_in_file(path) == ()
