"""Render a certificate as PDF or PNG from the facts of its event and the URL where it can be verified.

Promises: the same facts, URL and fonts give the same bytes, whenever they are rendered: the date in the document is the
day of issue. Texts of a unit are data for the template and never markup.
Does not promise a fast first call: finding the fonts takes a second or two, each document then about ten milliseconds.
The functions block: call them in a thread.
"""

import io
import json
import re
import threading
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import segno
import typst

from gateway.certificates import fonts
from gateway.http.reference_numbers import format_number
from shared.stamps import epoch_s

PNG_PPI = 110.0
#: The fields of a certificate that are printed.
PRINTED = ("certificate", "title", "unit", "type", "place", "campaign", "organiser", "day")
_TEMPLATE = Path(__file__).with_name("paper.typ").read_bytes()
_CHINA = timezone(timedelta(hours=8))
_UNBROKEN = re.compile(r"([!-~]{20})(?=[!-~]{8})")
_one_at_a_time = threading.Lock()  # each compiler holds caches, so several at once would need several times the memory


def pdf(certificate: Mapping[str, Any], address: str) -> bytes:
    """Render the certificate as PDF. `address` is the URL behind its QR code, where anyone can check its status.

    Raise Problem if no installed font has Chinese characters.
    """
    return _compile(certificate, address, format="pdf")


def png(certificate: Mapping[str, Any], address: str, *, ppi: float = PNG_PPI) -> bytes:
    """Render the certificate as PNG with `ppi` pixels per inch. Takes and raises the same as `pdf`."""
    return _compile(certificate, address, format="png", ppi=ppi)


def _compile(certificate: Mapping[str, Any], address: str, **how: Any) -> bytes:
    facts = _facts(certificate, address)
    inputs = {"facts": json.dumps(facts, ensure_ascii=False), "code": _code(address)}
    issued = datetime.combine(date.fromisoformat(certificate["day"]), time(), _CHINA)
    with _one_at_a_time:
        compiler = typst.Compiler(font_paths=fonts.installed())
        document = compiler.compile(input=_TEMPLATE, sys_inputs=inputs, timestamp=int(epoch_s(issued)), **how)
    assert isinstance(document, bytes)  # a document of one page
    return document


def _facts(certificate: Mapping[str, Any], address: str) -> dict[str, Any]:
    day = date.fromisoformat(certificate["day"])
    place = "" if certificate["place"] is None else f"第 {certificate['place']} 名，"
    return {
        "fonts": fonts.chinese(),
        "heading": "荣誉证书",
        "heading_en": "CERTIFICATE",
        "unit": _breakable(certificate["unit"]),
        "before": f"在“{certificate['campaign']}”活动中，报送的成果",
        "title": _breakable(f"《{certificate['title']}》"),
        "after": f"入选（{certificate['type']}），{place}特发此证。",
        "organiser": certificate["organiser"],
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


def _breakable(text: str) -> str:
    """Insert zero-width spaces into long words, which may otherwise be wider than the page."""
    return _UNBROKEN.sub("\\1\u200b", text)


def _code(address: str) -> str:
    """Return the QR code of the URL as SVG."""
    buffer = io.BytesIO()
    segno.make(address, error="m", micro=False).save(buffer, kind="svg", border=2, xmldecl=False)
    return buffer.getvalue().decode()
