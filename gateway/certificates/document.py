"""Render a certificate as PDF or PNG from the facts of its event and the URL where it can be verified.

Promises: the same facts, URL and fonts give the same bytes, whenever they are rendered: the date in the document is the
day of issue. Texts of a unit are data for the template and never markup. Each line is set in one font that has all its
glyphs; a text with a character that no font has, or that is no character of its own, is not printed at all.
Does not promise a fast first call: finding the fonts takes a second or two, each document then about ten milliseconds.
The functions block: call them in a thread.
"""

import io
import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import segno
import typst

from gateway.certificates import fonts, glyphs
from gateway.http.problems import Problem
from gateway.http.reference_numbers import format_number
from shared.short_text import flaw, one_line
from shared.stamps import epoch_s

PNG_PPI = 110.0
#: The fields of a certificate that are printed.
PRINTED = ("certificate", "title", "unit", "type", "place", "campaign", "organiser", "day")
#: The printed fields that people wrote, and the lines of the document that hold them.
TEXTS = ("unit", "campaign", "title", "type", "organiser")
LINES = ("unit", "before", "title", "after", "organiser")
GLYPH_MISSING = "glyph-missing"
NAMES_IN_SENTENCE, NAMES_LISTED = 5, 100
_TEMPLATE = Path(__file__).with_name("paper.typ").read_bytes()
NOON = 12  # of UTC is the same day in every zone where campaigns are held
_UNBROKEN = re.compile(r"([!-~]{20})(?=[!-~]{8})")
_one_at_a_time = threading.Lock()  # each compiler holds caches, so several at once would need several times the memory


@dataclass(frozen=True, slots=True)
class Unprintable:
    """A text of a certificate that cannot be printed: its field, why, and the characters at fault, as `U+20C30`.

    `why` is `glyph-missing` or a code of `shared.short_text.FLAWS`. A joined emoji counts as one character.
    """

    field: str
    text: str
    why: str
    characters: tuple[str, ...]


def pdf(certificate: Mapping[str, Any], address: str) -> bytes:
    """Render the certificate as PDF/A. `address` is the URL behind its QR code, where anyone can check its status.

    Raise Problem `fonts-missing` if no installed font has Chinese characters, and `certificate-unprintable` if a text
    has a character that no installed font has.
    """
    return _compile(certificate, address, format="pdf", pdf_standards=[glyphs.STANDARD])


def png(certificate: Mapping[str, Any], address: str, *, ppi: float = PNG_PPI) -> bytes:
    """Render the certificate as PNG with `ppi` pixels per inch. Takes and raises the same as `pdf`."""
    pdf(certificate, address)  # a picture has no standard by which typst would name a missing glyph
    return _compile(certificate, address, format="png", ppi=ppi)


def unprintable(certificate: Mapping[str, Any], *, families: Sequence[str] | None = None) -> list[Unprintable]:
    """Return the texts of a certificate that cannot be printed, with their characters; empty if all can.

    `families` are the fonts to try, by default the installed ones. Needs no number, day or place. Raise Problem
    `fonts-missing`.
    """
    families = fonts.candidates() if families is None else families
    found = []
    for field in TEXTS:
        text, wrong = str(certificate[field]), flaw(str(certificate[field]))
        if wrong is not None:
            found.append(Unprintable(field, one_line(text), wrong.code, (wrong.character,) if wrong.character else ()))
        elif glyphs.face_of(_line(field, text), families) is None:
            absent = glyphs.missing(_line(field, text), families[0])
            signs = (" ".join(f"U+{ord(sign):04X}" for sign in each) for each in absent)
            found.append(Unprintable(field, text, GLYPH_MISSING, tuple(signs)))
    return found


def refuse_unprintable(certificates: Iterable[Mapping[str, Any]]) -> None:
    """Raise Problem `certificate-unprintable` if a text of the certificates cannot be printed.

    It lists the names with their characters. Raise Problem `fonts-missing` too.
    """
    rows = [{"entry": each["entry"], **asdict(found)} for each in certificates for found in unprintable(each)]
    if rows:
        shown = [f"{row['text']}（{' '.join(row['characters'])}）" for row in rows[:NAMES_IN_SENTENCE]]
        raise Problem(
            "certificate-unprintable",
            facts={"count": len(rows), "names": rows[:NAMES_LISTED], "shown": shown},
        )


def _compile(certificate: Mapping[str, Any], address: str, **how: Any) -> bytes:
    texts = [str(certificate[field]) for field in TEXTS]
    if any(flaw(text) or glyphs.has_variant(text) for text in texts):
        refuse_unprintable([certificate])
    facts = _facts(certificate, address)
    main = fonts.chinese()[0]
    try:
        return _typeset(certificate, address, {**facts, "faces": dict.fromkeys(LINES, main)}, how)
    except typst.TypstError as problem:
        if not glyphs.is_missing_glyph(problem):
            raise
    refuse_unprintable([certificate])
    families = fonts.candidates()
    faces = {line: glyphs.face_of(facts[line], families) or main for line in LINES}
    try:
        return _typeset(certificate, address, {**facts, "faces": faces}, how)
    except typst.TypstError as problem:
        if not glyphs.is_missing_glyph(problem):
            raise
        raise Problem(
            "certificate-unprintable", facts={"count": 1, "names": [], "shown": [certificate["title"]]}
        ) from problem


def _typeset(certificate: Mapping[str, Any], address: str, facts: Mapping[str, Any], how: Mapping[str, Any]) -> bytes:
    inputs = {"facts": json.dumps(facts, ensure_ascii=False), "code": _code(address)}
    issued = datetime.combine(date.fromisoformat(certificate["day"]), time(NOON), UTC)
    with _one_at_a_time:
        compiler = typst.Compiler(font_paths=fonts.installed())
        document = compiler.compile(input=_TEMPLATE, sys_inputs=inputs, timestamp=int(epoch_s(issued)), **how)
    assert isinstance(document, bytes)  # a document of one page
    return document


def _facts(certificate: Mapping[str, Any], address: str) -> dict[str, Any]:
    day = date.fromisoformat(certificate["day"])
    place = "" if certificate["place"] is None else f"第 {certificate['place']} 名，"
    return {
        "font": fonts.chinese()[0],
        "heading": "荣誉证书",
        "heading_en": "CERTIFICATE",
        "unit": _line("unit", certificate["unit"]),
        "before": _line("campaign", certificate["campaign"]),
        "title": _line("title", certificate["title"]),
        "after": _line("type", certificate["type"]) + f"，{place}特发此证。",
        "organiser": _line("organiser", certificate["organiser"]),
        "day_in_words": f"{day.year} 年 {day.month} 月 {day.day} 日",
        "year": day.year,
        "month": day.month,
        "day_of_month": day.day,
        "certificate": certificate["certificate"],
        "number_word": "证书编号",
        "shown": format_number(certificate["certificate"]),
        "check": "扫码查验本证书当前是否有效",
        "address": address,
    }


def _line(field: str, text: str) -> str:
    """Return the text of a field as it stands in its line of the document: without the sign U+FEFF, which shows nothing
    and which PDF/A forbids.
    """
    text = text.replace("\ufeff", "")
    wrapped = {"campaign": f"在“{text}”活动中，报送的成果", "title": f"《{text}》", "type": f"入选（{text}）"}.get(
        field, text
    )
    return _breakable(wrapped)


def _breakable(text: str) -> str:
    """Insert zero-width spaces into long words, which may otherwise be wider than the page."""
    return _UNBROKEN.sub("\\1\u200b", text)


def _code(address: str) -> str:
    """Return the QR code of the URL as SVG."""
    buffer = io.BytesIO()
    segno.make(address, error="m", micro=False).save(buffer, kind="svg", border=2, xmldecl=False)
    return buffer.getvalue().decode()
