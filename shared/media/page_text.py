"""Read title, description and text of a web page. Runs in a limited child process.

Promises: the text is what stands in the page and not in its scripts or styles, in one form: Unicode NFC, without what
shows nothing, with one blank between words, so that a page which only breaks its lines otherwise has the same hash.
Does not promise what scripts would show: `link_pages/browser.py` asks a browser.
"""

import codecs
import hashlib
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from shared.names import is_invisible

TITLE_MAX_CHARS, DESCRIPTION_MAX_CHARS, TEXT_MAX_CHARS = 200, 500, 100_000
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_HEAD_BYTES = 4_096
_SILENT = frozenset(("script", "style", "template", "noscript", "title", "svg", "iframe", "object"))


def read_page(path: Path, charset: str) -> dict[str, Any]:
    """Return title, description, text, and the SHA-256 of title and text, of a page in a file.

    `charset` is the encoding that the server named, or empty.
    """
    parser = _Page()
    parser.feed(decoded(path.read_bytes(), charset))
    parser.close()
    title = normal(parser.title or parser.named.get("og:title", ""))[:TITLE_MAX_CHARS]
    about = parser.named.get("description") or parser.named.get("og:description", "")
    return described(title, normal(about)[:DESCRIPTION_MAX_CHARS], " ".join(parser.pieces))


def described(title: str, description: str, text: str) -> dict[str, Any]:
    """Return the facts of a page whose title, description and text were read by whatever means."""
    title, text = normal(title)[:TITLE_MAX_CHARS], normal(text)[:TEXT_MAX_CHARS]
    digest = hashlib.sha256(f"{title}\n{text}".encode("utf-8", "replace")).hexdigest()
    return {"title": title, "description": description, "text": text, "sha256": digest}


def normal(text: str) -> str:
    """Return a text in the form in which pages are compared."""
    shown = "".join(each for each in unicodedata.normalize("NFC", text) if each.isspace() or not is_invisible(each))
    return " ".join(shown.split())


def decoded(body: bytes, charset: str) -> str:
    """Return the text of a page by the encoding that the server or the page names, or else UTF-8 or GB18030."""
    named = _META_CHARSET.search(body[:_HEAD_BYTES])
    for each in (charset, named[1].decode("ascii") if named else "", "utf-8"):
        name = "gb18030" if each.lower() in ("gb2312", "gbk") else each  # pages that name a part mean the whole
        try:
            if name and codecs.lookup(name)._is_text_encoding:
                return body.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    try:
        return body.decode("gb18030")
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace")


class _Page(HTMLParser):
    """Gathers the title, the named descriptions and the text of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.named: dict[str, str] = {}
        self.pieces: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a description, or that a silent element begins."""
        if tag == "meta":
            found = {name: value or "" for name, value in attrs}
            name = (found.get("name") or found.get("property", "")).lower()
            self.named.setdefault(name, found.get("content", ""))
        elif tag in _SILENT:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note that a silent element ends."""
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Gather a piece of text."""
        if self._inside and self._inside[-1] == "title":
            self.title = self.title or data
        elif not self._inside:
            self.pieces.append(data)
