"""Nothing that a camera, a phone or an editor wrote into a file about people leaves by any outlet.

Photos of four formats carry a place, serial numbers, faces, thumbnails, notes and comments, each a canary. The outlets
are all GET routes of the table, every picture and width that a page names, and every file inside the media packs.
"""

import hashlib
import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from gateway.media_packs.channels import CHANNELS
from shared.media import pictures
from shared.media.copies import Created, PublicCopies
from shared.media.picture_sizes import WIDTHS
from tests.unit.gateway.media_packs.test_packs import CONSENT
from tests.unit.gateway.public.test_outlets import MORE, READS, exhibited
from tests.unit.gateway.test_routes import url
from tests.unit.gateway.town import CONTENT, Visitor

CANARY = "CANARY"
PLACE = "38.0428"
ROLES = ("", "voter", "unit", "judge", "moderator", "organiser", "auditor")
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/">'
    f"<mwg-rs:Name>{CANARY}-FACE</mwg-rs:Name><exif:GPSLatitude>{PLACE}</exif:GPSLatitude>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
).encode()


def exif() -> Image.Exif:
    found = Image.Exif()
    found[0x010F], found[0x0110], found[0x0112] = f"{CANARY}-MAKE", f"{CANARY}-MODEL", 6
    found[0x9C9C] = f"{CANARY}-XPCOMMENT".encode("utf-16-le")
    inside = found.get_ifd(0x8769)
    inside[0xA431], inside[0x927C] = f"{CANARY}-SERIAL", f"{CANARY}-MAKERNOTE".encode()
    inside[0x9286] = f"ASCII\0\0\0{CANARY}-COMMENT".encode()
    place = found.get_ifd(0x8825)
    place[1], place[2], place[28] = "N", (38.0, 2.0, 34.08), f"{CANARY}-AREA {PLACE}".encode()
    return found


def encoded(form: str, **how: Any) -> bytes:
    page = io.BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(page, form, **how)
    return page.getvalue()


def with_segments(jpeg: bytes) -> bytes:
    """Return a JPEG with what Pillow does not write: IPTC's captions, and a thumbnail with metadata of its own."""
    small = encoded("JPEG", exif=exif())[:20_000]
    inserted = b"".join(
        marker + (len(body) + 2).to_bytes(2, "big") + body
        for marker, body in (
            (b"\xff\xed", b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x10\x1c\x02\x78\0\x0b" + f"{CANARY}-IPTC".encode()),
            (b"\xff\xe1", b"http://ns.adobe.com/xmp/extension/\0" + f"{CANARY}-EXTENDED".encode()),
            (b"\xff\xe2", b"MPF\0" + small),
        )
    )
    return jpeg[:2] + inserted + jpeg[2:] + f"{CANARY}-BEHIND".encode() + small


def texts() -> PngImagePlugin.PngInfo:
    found = PngImagePlugin.PngInfo()
    found.add_text("Author", f"{CANARY}-AUTHOR")
    found.add_itxt("XML:com.adobe.xmp", XMP.decode())
    found.add_text("Comment", f"{CANARY}-ZIPPED" * 9, zip=True)
    return found


PHOTOS = {
    "JPEG": with_segments(encoded("JPEG", exif=exif(), xmp=XMP, comment=f"{CANARY}-NOTE".encode())),
    "PNG": encoded("PNG", exif=exif(), pnginfo=texts()),
    "WEBP": encoded("WEBP", exif=exif(), xmp=XMP),
    "HEIF": encoded("HEIF", exif=exif().tobytes(), xmp=XMP),
}
SHA = {form: hashlib.sha256(data).hexdigest() for form, data in PHOTOS.items()}
PACKS = tuple(f"/exhibition/B001/packs/{channel}.zip" for channel in CHANNELS)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "media" / "demo"
    for form, data in PHOTOS.items():
        path = root / SHA[form][:2] / SHA[form]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    copies = PublicCopies(root)
    for sha256 in list(SHA.values())[:3]:  # of the last, pages get the large copy
        with copies.original_and_folder(sha256) as (original, folder):
            assert "code" not in pictures.prepare(original, folder / "p", "widths", *WIDTHS)
            for path in folder.iterdir():
                copies.put_rendition(sha256, path.name.removeprefix("p."), path)
    return root


def opened(visit: Any, views: dict[str, Any]) -> Visitor:
    """Open a gateway whose list of staff has all roles: it reads the list again for a stranger, but not often."""
    visitor: Visitor = visit(views=views)
    visitor.town.staff |= {f"{role}-li": [role] for role in ROLES if role not in ("", "voter", "unit")}
    return visitor


@pytest.fixture
def gallery(visit: Any, root: Path) -> Visitor:
    assert root.exists()
    told = exhibited()
    told["entries"]["entries"]["u3-1"]["pictures"] = list(SHA.values())
    visitor = opened(visit, told)
    files = [
        {"sha256": sha256, "kind": "picture", "container": form.lower(), "width": 480, "height": 640}
        for form, sha256 in SHA.items()
    ]
    content = {**CONTENT, "entry": "u3-1", "unit_name": "unit 3", "number": "B001", "files": files}
    visitor.town.answers["submission", "public_entry"] = {"ok": content}
    visitor.town.answers["submission", "consent"] = CONSENT
    visitor.town.answers["submission", "media"] = {"ok": {"own": True, "shown_in": ["u3-1"]}}
    return visitor


def walked(visitor: Visitor) -> Iterator[tuple[str, bytes]]:
    """Yield the body of every outlet, of all pictures that are named anywhere, and of all files in packs."""
    named = {
        f"/media/{each}/{width}.{ending}" for each in SHA.values() for width in WIDTHS for ending in ("jpg", "webp")
    }
    for role in ROLES:
        for path in (*map(url, READS), *MORE, *PACKS):
            answer = visitor.request("GET", path, plain=True, role=role)
            yield f"{role or 'anybody'} {path}", answer.content
            named.update(re.findall(r"/media/[0-9a-f]{64}[/\w.]*", answer.text))
            if answer.content.startswith(b"PK"):
                with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
                    yield from ((f"{role} {path} {name}", pack.read(name)) for name in pack.namelist())
    for path in sorted(named):
        yield path, visitor.request("GET", path, plain=True).content


def canaries_in(data: bytes) -> list[str]:
    """Return what of the canaries stands in some bytes, as text of 8 or of 16 bits."""
    return [text for text in (CANARY, PLACE) if text.encode() in data or text.encode("utf-16-le") in data]


def test_photos_carry_what_must_not_leave():
    assert {form: canaries_in(data) for form, data in PHOTOS.items()} == {form: [CANARY, PLACE] for form in PHOTOS}


def test_nothing_personal_leaves_with_a_picture_by_any_outlet(gallery: Visitor):
    bodies = dict(walked(gallery))

    assert {name: canaries_in(body) for name, body in bodies.items() if canaries_in(body)} == {}
    heads = (b"\xff\xd8\xff", b"RIF")
    images = {name: Image.open(io.BytesIO(body)) for name, body in bodies.items() if body[:3] in heads}
    sizes = {each.size for each in images.values()}
    assert {name: sorted(each.info) for name, each in images.items() if _private(each)} == {}
    assert len(images) >= len(PHOTOS) * 7, sorted(images)
    assert (480, 640) in sizes
    assert [name for name in bodies if name.startswith("organiser") and name.endswith(".jpg")] != []


def _private(image: Image.Image) -> bool:
    return bool({"exif", "xmp", "comment", "icc_profile", "photoshop", "mp"} & set(image.info) or dict(image.getexif()))


@pytest.mark.parametrize("role", ["", "voter", "judge"])
def test_original_of_a_shown_picture_leaves_to_its_unit_and_staff_alone(gallery: Visitor, role: str):
    gallery.town.answers["submission", "media"] = {"ok": {"own": False, "shown_in": ["u3-1"]}}

    answers = [gallery.request("GET", f"/media/{each}?original=1", plain=True, role=role) for each in SHA.values()]

    assert [each.status_code for each in answers] == [404] * len(SHA)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["mp4", "mov"])
def test_place_of_a_film_leaves_by_no_outlet(visit: Any, tmp_path: Path, ending: str):
    film = tmp_path / f"film.{ending}"
    place = f"+{PLACE}+114.5149/"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=duration=1:size=64x48:rate=10", "-pix_fmt", "yuv420p",
         "-metadata", f"location={place}", "-metadata", f"com.apple.quicktime.location.ISO6709={place}",
         "-metadata", f"comment={CANARY}", "-movflags", "use_metadata_tags", str(film)],
        check=True,
    )  # fmt: skip
    data = film.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    root = tmp_path / "media" / "demo"
    (root / sha256[:2]).mkdir(parents=True)
    (root / sha256[:2] / sha256).write_bytes(data)
    assert canaries_in(data) == [CANARY, PLACE]
    assert isinstance(PublicCopies(root).create(sha256), Created)
    shown = exhibited()
    shown["entries"]["entries"]["u3-1"] |= {"pictures": [], "video": sha256}
    visitor = opened(visit, shown)
    visitor.town.answers["submission", "consent"] = CONSENT
    content = {**CONTENT, "entry": "u3-1", "unit_name": "unit 3", "number": "B001"}
    content["files"] = [{"sha256": sha256, "kind": "video", "container": ending, "width": 64, "height": 48}]
    visitor.town.answers["submission", "public_entry"] = {"ok": content}

    bodies = dict(walked(visitor))

    assert {name: canaries_in(body) for name, body in bodies.items() if canaries_in(body)} == {}
    assert len(bodies[f"/media/{sha256}"]) > 1_000
    assert [name for name in bodies if "zip video-1." in name] != [], bodies["organiser " + PACKS[0]][:300]
