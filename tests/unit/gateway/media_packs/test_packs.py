"""Media packs: texts and pictures fit their channel, videos are the originals, and a manifest lists all."""

import hashlib
import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import hypothesis
import orjson
import pytest
from hypothesis import strategies as st
from PIL import Image

from gateway.media_packs import channels
from gateway.media_packs.channels import (
    CHANNELS,
    Story,
    caption,
    short_title,
)
from gateway.media_packs.zip_stream import Part, stream_zip
from shared.media import copies
from shared.media.copies import RECIPE, CannotPrepare
from shared.media.limited_process import Limits
from tests.unit.gateway.public.test_feeds import views
from tests.unit.gateway.town import CLOCK, CONTENT, Visitor, code

pytestmark = pytest.mark.slow  # decodes pictures in child processes

CONSENT = {"ok": {"entry": "u1-1", "version": 1, "words": "e" * 64, "zh": "本单位声明真实。", "at": CLOCK}}
NOTE, FILM = "SECRET-NOTE", b"f" * 5_000_000
EACH = pytest.mark.parametrize("channel", sorted(CHANNELS))
STORY = Story(
    "百家", "炼钢", "工会", "石家庄市", "国有", ("职工之家",), "简介", "第一段\n第二段", "https://x.test/e", ""
)


def photo(width: int, height: int, **how: Any) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (width, height), (166, 27, 27)).save(kept, "JPEG", **how)
    return kept.getvalue()


def store(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


@pytest.fixture
def exhibiting(visit: Any, tmp_path: Path) -> Visitor:
    """Return a gateway with an exhibition whose first entry has a picture, a video and two sounds in the store.

    Video and sounds have their copies for the public already, as submission writes them.
    """
    files, root = [], tmp_path / "media" / "demo"
    originals = (("picture", photo(1600, 900, comment=NOTE), ""), ("video", b"film" + NOTE.encode(), "mp4"),
                 ("audio", b"sound", "m4a"), ("audio", b"other sound", "download.wma"))  # fmt: skip
    for kind, body, ending in originals:
        sha256 = hashlib.sha256(body).hexdigest()
        store(root / sha256[:2] / sha256, body)
        if ending:
            store(root / "public" / RECIPE / sha256[:2] / f"{sha256}.{ending}", FILM)
        files.append({"sha256": sha256, "kind": kind, "subtitles": "WEBVTT\n" if kind == "video" else ""})
    visitor: Visitor = visit(views=views())
    visitor.town.answers["submission", "public_entry"] = {"ok": {**CONTENT, "files": files}}
    visitor.town.answers["submission", "consent"] = CONSENT
    return visitor


def fetched(visitor: Visitor, channel: str, entry: str = "A001", role: str = "organiser") -> Any:
    return visitor.request("GET", f"/exhibition/{entry}/packs/{channel}.zip", plain=True, role=role)


def opened(answer: Any) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@EACH
def test_manifest_names_every_file_with_its_digest_and_the_version(exhibiting: Visitor, channel: str):
    files = opened(fetched(exhibiting, channel))

    told = orjson.loads(files.pop("manifest.json"))

    assert (told["entry"], told["number"], told["version"], told["channel"]) == ("u1-1", "A001", 1, channel)
    assert told["provisional"] is True
    assert {each["name"]: each["sha256"] for each in told["files"]} == {
        name: hashlib.sha256(body).hexdigest() for name, body in files.items()
    }


@EACH
def test_pictures_are_of_the_channels_sizes_and_film_and_sounds_are_the_copies_for_the_public(
    exhibiting: Visitor, channel: str
):
    files = opened(fetched(exhibiting, channel))

    sizes = {name: Image.open(io.BytesIO(body)).size for name, body in files.items() if name.endswith(".jpg")}
    covers = {
        f"{each.name}-{each.width}x{each.height}.jpg": (each.width, each.height) for each in CHANNELS[channel].covers
    }
    assert sizes == {**covers, "pictures/01.jpg": (1080, 608)}
    played = {name: body for name, body in files.items() if name.startswith(("video", "audio"))}
    assert played == {"video-1.mp4": FILM, "video-1.vtt": b"WEBVTT\n", "audio-1.m4a": FILM, "audio-2.wma": FILM}
    assert [name for name, body in files.items() if NOTE.encode() in body] == []


@EACH
def test_pack_says_what_the_unit_declared_and_that_the_result_is_provisional(exhibiting: Visitor, channel: str):
    files = opened(fetched(exhibiting, channel))

    rights = files["rights.txt"].decode("utf-8-sig")
    assert ("本单位声明真实。" in rights, "e" * 64 in rights, "第 1 版" in rights) == (True, True, True)
    assert "暂定，以最终结果为准" in rights
    assert "暂定，以最终结果为准" in files["caption.txt"].decode("utf-8-sig")


def test_same_pack_is_the_same_bytes(exhibiting: Visitor):
    assert fetched(exhibiting, "douyin").content == fetched(exhibiting, "douyin").content


def test_pack_is_nobodys_to_keep(exhibiting: Visitor):
    answer = fetched(exhibiting, "douyin")

    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="A001-v1-douyin.zip"'


@pytest.mark.parametrize(
    ("entry", "channel", "expected"),
    [
        ("A001", "myspace", "channel-unknown"),
        ("A002", "douyin", "entry-not-exhibited"),
        ("u9-1", "douyin", "entry-not-exhibited"),
    ],
)
def test_pack_that_there_is_not(exhibiting: Visitor, entry: str, channel: str, expected: str):
    assert code(fetched(exhibiting, channel, entry)) == expected


def test_before_the_exhibition_there_are_no_packs(visitor: Visitor):
    assert code(fetched(visitor, "douyin")) == "exhibition-not-open"


def test_second_pack_of_one_person_at_once_waits(exhibiting: Visitor):
    with exhibiting.app_context.packs.slot("organiser-li"):
        assert code(fetched(exhibiting, "douyin")) == "busy"

    assert fetched(exhibiting, "douyin").status_code == 200
    assert fetched(exhibiting, "douyin").status_code == 200


@EACH
@pytest.mark.parametrize("city", ["", "石家庄"])
def test_text_says_that_it_is_provisional_and_of_which_type_with_a_city_or_without(channel: str, city: str):
    story = Story("百家", "题", "工会", city, "国有", (), "简介", "正文", "https://example.org", "暂定")

    text = dict(caption(CHANNELS[channel], story).fields)["正文"]

    assert ("（暂定）" in text, "国有" in text, city in text) == (True, True, True)


WORDS = st.text(max_size=200)
STORIES = st.builds(
    Story, WORDS, WORDS, WORDS, WORDS, WORDS, st.lists(WORDS, max_size=8).map(tuple), WORDS,
    st.text(max_size=3000), st.just("https://example.org/entries/A001"), st.sampled_from(["", "暂定，以最终结果为准"]),
)  # fmt: skip


@EACH
@hypothesis.given(story=STORIES)
def test_no_text_is_longer_than_its_channel_takes(channel: str, story: Story):
    limits = CHANNELS[channel]
    most = {"标题": limits.title, "短标题": limits.short_title[1], "作者": limits.author, "摘要": limits.digest,
            "正文": limits.text}  # fmt: skip

    told = dict(caption(limits, story).fields)

    assert {name: len(text) for name, text in told.items() if len(text) > most[name]} == {}
    assert all("\n" not in told[name] for name in told if name != "正文")


def test_text_of_a_post_ends_with_its_page_and_its_tags():
    text = dict(caption(CHANNELS["douyin"], STORY).fields)["正文"]

    assert text == "工会（石家庄市，国有）\n简介\n第一段\n第二段\n全文：https://x.test/e\n#百家 #职工之家"


def test_long_text_is_cut_before_its_page_and_never_after_it():
    long = Story(*(getattr(STORY, name) for name in Story.__slots__[:7]), "字" * 5000, *("https://x.test/e", ""))

    text = dict(caption(CHANNELS["channels"], long).fields)["正文"]

    assert len(text) <= 1000
    assert text.endswith("…\n全文：https://x.test/e\n#百家 #职工之家")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("炼钢，职工之家！", "炼钢职工之家"),
        ("家", "家的成果展播"),
        ("", "单位成果展播"),
        ("《家》", "《家》成果展播"),
        ("一二三四五六七八九十一二三四五六七八", "一二三四五六七八九十一二三四五六"),
        ("100%：《家》", "100%：《家》"),
    ],
)
def test_short_title_has_the_signs_and_the_length_that_are_taken(title: str, expected: str):
    assert short_title(title, (6, 16)) == expected


def test_cut_text_says_so():
    assert channels.shorten("一二三四五", 4) == "一二三…"
    assert channels.shorten("一二三四", 4) == "一二三四"


def test_picture_that_cannot_be_prepared_leaves_the_archive_incomplete(
    exhibiting: Visitor, monkeypatch: pytest.MonkeyPatch
):
    """The guard is tried with an ordinary picture and low limits."""
    monkeypatch.setattr(copies, "PICTURE_LIMITS", Limits(cpu_s=10, wall_s=20.0, memory_bytes=1 << 20))

    with pytest.raises(CannotPrepare):
        fetched(exhibiting, "douyin")


def test_archive_of_a_large_film_is_never_whole_in_memory(tmp_path: Path):
    film = tmp_path / "film"
    with film.open("wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()

    total = sum(map(len, stream_zip([Part("video-1.mp4", film)], at=CLOCK, manifest={})))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > 200_000_000
    assert peak < 20_000_000
