"""How the pages of a campaign look and who runs it, from the optional table `[theme]` of a campaign file.

    [theme]
    name_zh = "百家成果展"
    colour = "#a61b1b"
    logo = "logo.svg"
    contact = "0311-8888 8888"
    filing = "冀ICP备00000000号"

Promises: the colour can be read on every ground that pages put it on, by the contrast of WCAG 2.2 (4.5 to 1); a picture
is an SVG without scripts, or a PNG, WebP or JPEG, and not too large. A theme is no rule: it may change while the rules
are locked, and it is not hashed.
Does not promise that a picture is the one that the organiser meant.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from services.moderation.campaign_file.toml_reader import Table

Theme = dict[str, Any]
PICTURE_MAX_BYTES = {"logo": 32 * 1024, "banner": 256 * 1024}
COLOUR = "#a61b1b"
GROUNDS = ("#ffffff", "#f6f1ec")  # of pages, with which the colour is combined
CONTRAST_MIN = 4.5
_DATA = re.compile(r"data:image/(?:png|jpeg|webp|svg\+xml);base64,([A-Za-z0-9+/]+={0,2})")
_FILE = re.compile(r"[^\s/\\<>][^/\\<>]{0,99}\.(?:svg|png|webp|jpe?g)", re.IGNORECASE)
_STARTS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_SVG = "image/svg+xml"
_ACTIVE = frozenset({"script", "foreignobject", "iframe", "embed", "object", "audio", "video"})


def read_theme(root: Table, files: Mapping[str, bytes] | None = None) -> Theme:
    """Return the theme of a campaign file as plain data, and report its problems.

    `files` are the pictures beside the file, by name; None if they are not at hand, so that a name alone is accepted.
    Without `[theme]` the theme is empty, and pages use the defaults.
    """
    if not root.has("theme"):
        return {}
    table = root.table("theme")
    theme: Theme = {}
    for name in ("name_zh", "name_en", "organiser", "contact", "filing"):
        if table.has(name):
            theme[name] = table.text(name)
    if table.has("colour"):
        theme["colour"] = _colour(table)
    for name, most in PICTURE_MAX_BYTES.items():
        if table.has(name):
            theme[name] = _picture(table, name, most, files)
    table.close()
    return theme


def embed(content: bytes) -> str | None:
    """Return a picture as the text of a campaign file that needs no file beside it; None if it is no picture."""
    kind = _kind(content)
    return None if kind is None else f"data:{kind};base64,{base64.b64encode(content).decode()}"


def picture_names(data: Mapping[str, Any]) -> list[str]:
    """Return the names of the files that the data of a campaign file names as pictures."""
    table = data.get("theme")
    found = [table.get(name) for name in ("logo", "banner")] if isinstance(table, dict) else []
    return [each for each in found if isinstance(each, str) and _FILE.fullmatch(each)]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (`#rrggbb`) by WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _colour(table: Table) -> str:
    colour = table.text("colour", pattern="#[0-9A-Fa-f]{6}").lower()
    if table.broken("colour"):
        return COLOUR
    ratio = min(contrast(colour, ground) for ground in GROUNDS)
    if ratio < CONTRAST_MIN:
        shown = f"{ratio:.2f}"
        zh = f"colour 与页面底色的对比度只有 {shown}，至少要 {CONTRAST_MIN}，请用更深的颜色"
        en = f"colour has a contrast of {shown} with the ground of pages, {CONTRAST_MIN} is needed: take a darker one"
        table.report.error((*table.path, "colour"), "contrast-low", zh, en)
    return colour


def _picture(table: Table, key: str, most: int, files: Mapping[str, bytes] | None) -> dict[str, str]:
    written = table.multiline(key)
    path = (*table.path, key)
    if table.broken(key):
        return {}
    if written.lstrip().startswith("<"):
        content = written.strip().encode()
    elif (data := _DATA.fullmatch(written.strip())) and len(data[1]) % 4 == 0:
        content = base64.b64decode(data[1])
    elif not _FILE.fullmatch(written):
        zh = f"{key} 须是 SVG 图形、上传的图片（data: 开头），或同一文件夹中的 svg、png、webp、jpg 文件名"
        en = (
            f"{key} must be an SVG, a picture that was uploaded (`data:`), or the name of an svg, png, webp or jpg file"
        )
        table.report.error(path, "picture-unknown", zh, en)
        return {}
    elif files is None:
        return {"type": "", "data": ""}
    elif written not in files:
        zh, en = f"没有文件 {written!r}", f"there is no file {written!r}"
        table.report.error(path, "picture-missing", zh, en)
        return {}
    else:
        content = files[written]
    if len(content) > most:
        zh = f"{key} 最多 {most} 字节，实际 {len(content)} 字节"
        en = f"{key} may have at most {most} bytes, not {len(content)}"
        table.report.error(path, "too-long", zh, en)
        return {}
    kind = _kind(content)
    if kind is None:
        zh = f"{key} 须是 PNG、WebP、JPEG，或不含脚本和外部引用的 SVG"
        en = f"{key} must be a PNG, a WebP, a JPEG, or an SVG without scripts and without references to other files"
        table.report.error(path, "picture-unknown", zh, en)
        return {}
    return {"type": kind, "data": base64.b64encode(content).decode()}


def _kind(content: bytes) -> str | None:
    """Return the media type of a picture by its content; None for anything else."""
    for start, kind in _STARTS.items():
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return _SVG if _is_plain_svg(content) else None


def _is_plain_svg(content: bytes) -> bool:
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        return False
    if _local(root.tag) != "svg":
        return False
    for each in root.iter():
        if _local(each.tag) in _ACTIVE:
            return False
        for name, value in each.attrib.items():
            if _local(name).startswith("on") or (_local(name) == "href" and not value.startswith("#")):
                return False
    return True


def _local(name: object) -> str:
    return str(name).rpartition("}")[2].lower()
