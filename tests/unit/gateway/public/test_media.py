"""Media files are served as copies without metadata, whole or in parts, to those who may see them."""

import hashlib
import io
import json
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gateway.backends import public_copies
from gateway.backends.ports import ServiceAway
from gateway.read_models.stream import REFRESH_S
from gateway.routing.view_responses import CACHED_MAX_AGE_S
from shared.media import pictures
from shared.media.copies import Created, PublicCopies
from shared.media.limited_process import Finished, Limits
from shared.media.picture_sizes import WIDTHS
from shared.media.probe import Unreadable
from tests.unit.gateway.town import ENTRIES, VIEWS, Visitor, code

NOTE = "SECRET-NOTE"


def photo(colour: int = 0) -> bytes:
    """Return a photo of a phone: turned by EXIF, and with the place where it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = NOTE, 6
    exif.get_ifd(0x8825)[29] = "2026:11:30"
    page = io.BytesIO()
    Image.new("RGB", (64, 48), (colour, 0, 0)).save(page, "JPEG", exif=exif, comment=NOTE)
    return page.getvalue()


PHOTO, OTHER, WORDS = photo(), photo(200), b"<html><script>alert(1)</script>"
SHA, HIDDEN, NO_MEDIA = (hashlib.sha256(each).hexdigest() for each in (PHOTO, OTHER, WORDS))
UNSTORED = "d" * 64
OWN = {"ok": {"own": True, "shown_in": []}}
UNKNOWN = {"refused": {"code": "upload-unknown", "field": "sha256", "detail": {}}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of the gateway's store, with a photo that an entry shows, and two files that none does."""
    root = tmp_path / "media" / "demo"
    for data in (PHOTO, OTHER, WORDS):
        sha256 = hashlib.sha256(data).hexdigest()
        (root / sha256[:2]).mkdir(parents=True, exist_ok=True)
        (root / sha256[:2] / sha256).write_bytes(data)
    return root


@pytest.fixture
def gallery(visit: Any, root: Path) -> Visitor:
    """Return a gateway whose first entry shows the photo."""
    assert root.exists()
    entries = {**ENTRIES, "u1-1": {**ENTRIES["u1-1"], "pictures": [SHA]}}
    visitor: Visitor = visit(views={**VIEWS, "entries": {"entries": entries}})
    return visitor


@pytest.fixture
def copy(root: Path) -> bytes:
    """Return the bytes of the copy that the public gets of the photo."""
    made = PublicCopies(root).create(SHA)
    assert isinstance(made, Created)
    return made.copy.path.read_bytes()


def get(gallery: Visitor, sha256: str = SHA, *, role: str = "", query: str = "", **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return gallery.request("GET", f"/media/{sha256}{query}", plain=True, role=role, headers=names)


def test_file_of_a_visible_entry_is_anybody_s(gallery: Visitor, copy: bytes):
    answer = get(gallery)

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, copy, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["cache-control"].startswith("public")


@pytest.mark.parametrize("role", ["", "voter", "unit", "moderator", "organiser", "judge"])
def test_place_of_a_photo_leaves_to_nobody_who_does_not_ask_for_the_original(gallery: Visitor, role: str):
    """The photo was handed in before there were copies: its copy is made when it is first asked for."""
    answer = get(gallery, role=role)

    seen = Image.open(io.BytesIO(answer.content))
    assert (answer.status_code, seen.size, dict(seen.getexif())) == (200, (48, 64), {})
    assert [each for each in (NOTE.encode(), b"Exif", b"2026:11:30") if each in answer.content] == []
    assert answer.content != PHOTO


@pytest.mark.parametrize("role", ["unit", "moderator"])
def test_owner_and_staff_get_the_original_if_they_ask_for_it(gallery: Visitor, role: str):
    gallery.town.answers["submission", "media"] = OWN

    answer = get(gallery, role=role, query="?original=1")

    assert (answer.status_code, answer.content) == (200, PHOTO)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (
        "application/octet-stream",
        "private, no-store",
    )
    assert answer.headers["content-disposition"].startswith("attachment")
    folder = gallery.app_context.settings.data / "security" / "demo"
    lines = [json.loads(line) for each in folder.glob("*.jsonl") for line in each.read_text().splitlines()]
    # What a camera wrote into a file is about persons: the office's readings leave a line, the owner's do not.
    expected = [("original-read", "staff moderator-li")] if role == "moderator" else []
    assert [(line["event"], line["actor"]) for line in lines] == expected


@pytest.mark.parametrize("role", ["", "voter", "unit"])
def test_original_is_unknown_to_all_others_though_its_entry_is_visible(gallery: Visitor, role: str):
    gallery.town.answers["submission", "media"] = {"ok": {"own": False, "shown_in": ["u1-1"]}}

    assert code(get(gallery, role=role, query="?original=1")) == "upload-unknown"


def test_copy_outlives_an_original_that_was_lost(gallery: Visitor, root: Path, copy: bytes):
    (root / SHA[:2] / SHA).unlink()

    assert get(gallery).content == copy


def test_copy_that_cannot_be_prepared_is_a_problem_and_not_the_original(
    gallery: Visitor, root: Path, monkeypatch: pytest.MonkeyPatch
):
    """The guard is tried with an ordinary picture and low limits."""
    monkeypatch.setattr("shared.media.probe.PICTURE_LIMITS", Limits(cpu_s=10, wall_s=20.0, memory_bytes=1 << 20))

    first = get(gallery)
    (root / SHA[:2] / SHA).write_bytes(b"")  # it would fail in another way now, but is not tried again
    again = get(gallery)

    assert [(each.status_code, code(each)) for each in (first, again)] == [(404, "media-unshowable")] * 2


def test_copy_that_takes_long_is_asked_for_again(gallery: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(public_copies, "WAITING", 0)

    answer = get(gallery)

    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (503, "media-not-ready", "5")


def test_file_that_a_full_disk_cannot_prepare_is_asked_for_again(gallery: Visitor, root: Path):
    (root / "public").write_bytes(b"no folder")
    failed = get(gallery)
    (root / "public").unlink()

    assert (failed.status_code, code(failed), failed.headers["retry-after"]) == (503, "media-not-ready", "30")
    assert get(gallery).status_code == 200


def test_file_is_asked_for_again_where_ffmpeg_is_missing(gallery: Visitor):
    gallery.app_context.copies._run = lambda _job, _limits: Finished(127, b"")

    answer = get(gallery)

    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (503, "media-not-ready", "30")


def test_refused_copy_is_tried_again_later(gallery: Visitor, root: Path):
    copies = gallery.app_context.copies
    copies._refused[SHA] = copies._now() + 60
    refused = code(get(gallery))
    copies._refused[SHA] = copies._now() - 1

    assert (refused, get(gallery).status_code) == ("media-unshowable", 200)
    assert not isinstance(PublicCopies(root).create(SHA), Unreadable)


# parts


def test_part_of_a_file_is_given(gallery: Visitor, copy: bytes):
    answer = get(gallery, Range="bytes=4-10")

    assert (answer.status_code, answer.content) == (206, copy[4:11])
    assert answer.headers["content-range"] == f"bytes 4-10/{len(copy)}"


def test_unit_that_is_unknown_is_ignored(gallery: Visitor, copy: bytes):
    answer = get(gallery, Range="lines=0-1")

    assert (answer.status_code, answer.content) == (200, copy)


def test_set_of_which_one_range_fits_gives_that_part(gallery: Visitor, copy: bytes):
    answer = get(gallery, Range=f"bytes={len(copy)}-,0-6")

    assert (answer.status_code, answer.content) == (206, copy[:7])
    assert answer.headers["content-range"] == f"bytes 0-6/{len(copy)}"


def test_head_ignores_a_range(gallery: Visitor, copy: bytes):
    for said in ("bytes=0-1", f"bytes={len(copy)}-", "bytes=9-4"):
        answer = gallery.request("HEAD", f"/media/{SHA}", plain=True, headers={"Range": said})

        assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(copy)))
        assert "content-range" not in answer.headers


@pytest.mark.parametrize("said", ["bytes", "bytes=9-4"])
def test_part_that_is_malformed_is_a_problem(gallery: Visitor, said: str):
    answer = get(gallery, Range=said)

    assert (answer.status_code, code(answer)) == (400, "range-invalid")


@pytest.mark.parametrize("validator", ["", "etag", "last-modified"])
def test_part_beyond_the_end_is_a_problem_with_a_fitting_condition_or_without(
    gallery: Visitor, copy: bytes, validator: str
):
    headers = {"Range": f"bytes={len(copy)}-"}
    if validator:
        headers["If-Range"] = get(gallery).headers[validator]

    answer = get(gallery, **headers)

    assert (answer.status_code, code(answer)) == (416, "range-beyond")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-range"] == f"bytes */{len(copy)}"


def test_part_with_a_fitting_condition_is_given(gallery: Visitor, copy: bytes):
    etag = get(gallery).headers["etag"]

    answer = get(gallery, Range="bytes=0-6", If_Range=etag)

    assert (answer.status_code, answer.content) == (206, copy[:7])


def test_part_of_another_file_is_the_whole_of_this_one(gallery: Visitor, copy: bytes):
    answer = get(gallery, Range=f"bytes={len(copy)}-", If_Range='"another"')

    assert (answer.status_code, answer.content) == (200, copy)


def test_static_file_ignores_a_range_as_well(gallery: Visitor):
    answers = [
        gallery.request("GET", "/static/icon.svg", plain=True, headers={"Range": said})
        for said in ("lines=0-1", "bytes=0-1", "bytes=9999999-")
    ]

    assert [each.status_code for each in answers] == [200, 200, 200]


def test_file_is_kept_by_no_cache_for_longer_than_a_take_down_may_last(gallery: Visitor):
    assert get(gallery).headers["cache-control"] == f"public, max-age={CACHED_MAX_AGE_S}"
    assert CACHED_MAX_AGE_S + REFRESH_S + 1 < 60


def test_file_is_not_sent_twice(gallery: Visitor):
    etag = get(gallery).headers["etag"]

    assert get(gallery, If_None_Match=etag).status_code == 304


def test_validator_is_of_the_copy_and_not_of_the_original(gallery: Visitor, root: Path):
    etag = get(gallery).headers["etag"]
    found = PublicCopies(root).find(SHA)
    assert found is not None
    os.utime(found.path, ns=(1, 1))

    assert etag != f'"{SHA}"'
    assert get(gallery, If_None_Match=etag).status_code == 200


# who may see it


@pytest.mark.parametrize("name", ["x", SHA[:63], SHA.upper()])
def test_name_that_is_no_hash_is_unknown(gallery: Visitor, name: str):
    assert code(get(gallery, name)) == "upload-unknown"


@pytest.mark.parametrize("role", ["", "voter", "unit"])
@pytest.mark.parametrize(
    "told",
    [
        pytest.param(UNKNOWN, id="of no entry"),
        # Submission does not follow ranking: to it the entry is still approved.
        pytest.param({"ok": {"own": False, "shown_in": ["u9-1"]}}, id="of an entry that was taken down"),
    ],
)
def test_file_that_no_visible_entry_has_is_answered_as_one_that_nobody_uploaded(
    gallery: Visitor, role: str, told: dict[str, Any]
):
    gallery.town.answers["submission", "media"] = told
    hidden = get(gallery, HIDDEN, role=role)
    gallery.town.answers["submission", "media"] = UNKNOWN
    unknown = get(gallery, UNSTORED, role=role)

    def telling(answer: Any) -> Any:
        body = {name: value for name, value in answer.json().items() if name != "instance"}
        return answer.status_code, body, {name for name in answer.headers if name != "x-request-id"}

    assert telling(hidden) == telling(unknown)
    assert telling(hidden)[0] == 404
    assert [call["body"]["sha256"] for call in gallery.town.calls_to("submission", "media")] == [HIDDEN, UNSTORED]


@pytest.mark.parametrize("sha256", [HIDDEN, UNSTORED])
def test_file_is_neither_known_nor_unknown_while_submission_is_away(gallery: Visitor, sha256: str):
    gallery.town.answers["submission", "media"] = ServiceAway("away")

    assert code(get(gallery, sha256)) == "service-away"


@pytest.mark.parametrize("sha256", [HIDDEN, UNSTORED])
def test_guesses_at_files_wait_for_one_another(gallery: Visitor, sha256: str):
    with ExitStack() as held:
        for _ in range(32):
            held.enter_context(gallery.app_context.file_lookups.slot("anyone"))

        refused = code(get(gallery, sha256)), get(gallery).status_code

    assert refused == ("busy", 200)


def test_file_that_the_view_leaves_out_is_anybody_s_where_its_entry_is_visible(gallery: Visitor):
    gallery.town.answers["submission", "media"] = {"ok": {"own": False, "shown_in": ["u1-1"]}}

    answer = get(gallery, HIDDEN)

    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("public")


def test_owner_sees_what_the_public_will_see(gallery: Visitor):
    gallery.town.answers["submission", "media"] = OWN

    answer = get(gallery, HIDDEN, role="unit")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert NOTE.encode() not in answer.content
    assert answer.headers["cache-control"] == "private, no-store"
    assert gallery.town.calls_to("submission", "media")[0]["actor"] == "u1"


@pytest.mark.slow
def test_owner_gets_back_what_is_no_media(gallery: Visitor):
    gallery.town.answers["submission", "media"] = OWN

    answer = get(gallery, NO_MEDIA, role="unit")

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (
        200,
        WORDS,
        "application/octet-stream",
    )
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(("role", "expected"), [("unit", 200), ("moderator", 404), ("judge", 404)])
def test_original_of_what_cannot_be_shown_goes_unasked_to_its_unit_alone(
    gallery: Visitor, monkeypatch: pytest.MonkeyPatch, role: str, expected: int
):
    """Staff ask for it by name, and the log of security events says so."""
    monkeypatch.setattr("shared.media.probe.PICTURE_LIMITS", Limits(cpu_s=10, wall_s=20.0, memory_bytes=1 << 20))
    gallery.town.answers["submission", "media"] = OWN

    answer = get(gallery, HIDDEN, role=role)

    assert (answer.status_code, answer.content == OTHER) == (expected, expected == 200)
    assert get(gallery, HIDDEN, role=role, query="?original=1").content == OTHER


def test_file_that_submission_allows_but_the_store_lacks_is_unknown(gallery: Visitor):
    gallery.town.answers["submission", "media"] = OWN

    assert code(get(gallery, UNSTORED, role="moderator")) == "upload-unknown"


@pytest.fixture
def widths(root: Path, copy: bytes) -> dict[str, bytes]:
    """Return the photo in its widths, as the media worker stores them."""
    assert copy
    copies, found = PublicCopies(root), {}
    with copies.original_and_folder(SHA) as (original, folder):
        pictures.prepare(original, folder / "p", "widths", *WIDTHS)
        for path in sorted(folder.iterdir()):
            name = path.name.removeprefix("p.")
            found[name] = path.read_bytes()
            copies.put_rendition(SHA, name, path)
    return found


def test_picture_is_given_in_each_width_and_format(gallery: Visitor, widths: dict[str, bytes]):
    answers = {name: get(gallery, f"{SHA}/{name}") for name in widths}

    assert sorted(widths) == sorted(f"{width}.{ending}" for width in WIDTHS for ending in ("webp", "jpg"))
    assert {name: answer.content for name, answer in answers.items()} == widths
    assert {answers[name].headers["content-type"] for name in widths if name.endswith("webp")} == {"image/webp"}
    assert {answers[name].headers["content-type"] for name in widths if name.endswith("jpg")} == {"image/jpeg"}
    for answer in answers.values():
        assert answer.headers["cache-control"] == f"public, max-age={CACHED_MAX_AGE_S}"
        assert answer.headers["content-disposition"] == "inline"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_picture_in_a_width_is_given_in_parts_as_head_and_not_twice(gallery: Visitor, widths: dict[str, bytes]):
    path = f"{SHA}/480.jpg"
    whole = widths["480.jpg"]

    part = get(gallery, path, Range="bytes=10-19")
    head = gallery.request("HEAD", f"/media/{path}", plain=True)
    again = get(gallery, path, If_None_Match=head.headers["etag"])

    assert (part.status_code, part.content) == (206, whole[10:20])
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(whole)))
    assert (again.status_code, again.content) == (304, b"")


def test_page_never_lacks_a_picture_that_is_not_prepared_in_its_width(gallery: Visitor, copy: bytes):
    answers = [get(gallery, f"{SHA}/{name}") for name in ("480.webp", "1920.jpg")]

    assert [(each.status_code, each.content, each.headers["content-type"]) for each in answers] == [
        (200, copy, "image/jpeg")
    ] * 2


@pytest.mark.parametrize("name", ["film.mp4", "poster-480.webp", "sound.m4a"])
def test_film_that_is_not_prepared_is_told_to_come_again(gallery: Visitor, name: str):
    assert code(get(gallery, f"{SHA}/{name}")) == "media-not-ready"


@pytest.mark.parametrize(
    "path",
    [
        f"{SHA}/481.webp", f"{SHA}/480.png", f"{SHA}/film.json", f"{SHA}/strip.jpg", f"{SHA}/..%2f480.jpg",
        f"{'e' * 64}/480.jpg", "x/480.jpg",
    ],
)  # fmt: skip
def test_rendition_that_nobody_made_or_may_see_is_unknown(gallery: Visitor, widths: dict[str, bytes], path: str):
    assert widths
    gallery.town.answers["submission", "media"] = UNKNOWN

    answer = get(gallery, path)

    assert answer.status_code == 404


@pytest.mark.parametrize(("role", "status"), [("", 404), ("voter", 404), ("unit", 200), ("moderator", 200)])
def test_rendition_of_a_file_that_is_not_shown_is_its_unit_s_and_staff_s(
    gallery: Visitor, root: Path, role: str, status: int
):
    draft = root / "draft"
    for name in ("480.webp", "strip.jpg"):
        draft.write_bytes(b"rendition")
        PublicCopies(root).put_rendition(HIDDEN, name, draft)
    gallery.town.answers["submission", "media"] = OWN if role in ("unit", "moderator") else UNKNOWN

    answers = [get(gallery, f"{HIDDEN}/{name}", role=role) for name in ("480.webp", "strip.jpg")]

    assert [each.status_code for each in answers] == [status] * 2
    assert [each for each in answers if "no-store" not in each.headers["cache-control"]] == []


def test_strip_of_a_shown_film_is_not_the_public_s(gallery: Visitor, root: Path):
    draft = root / "draft"
    draft.write_bytes(b"rendition")
    PublicCopies(root).put_rendition(SHA, "strip.jpg", draft)
    gallery.town.answers["submission", "media"] = {"ok": {"own": False, "shown_in": ["u1-1"]}}

    assert code(get(gallery, f"{SHA}/strip.jpg")) == "upload-unknown"
