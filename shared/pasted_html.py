"""Turn pasted HTML, such as Word puts into the clipboard, into a plain text of readable paragraphs.

Promises: the result has no markup; a heading, a paragraph and a row of a table stand in a line of their own, list items
carry a dot or their number, and cells are set apart by `｜`; nothing of styles, scripts, comments or hidden parts of
Word is left. nh3 decides what is markup, so no parser of ours meets hostile input. The functions are pure.
Does not promise to keep pictures, links' addresses, or formatting within a line.
"""

import re
from html.parser import HTMLParser

import nh3

from shared.text_rule import normal_form

MAX_CHARS = 2_000_000
CELL = "｜"
_KEPT = {
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section", "article", "header", "footer",
    "table", "ul", "ol", "dl", "dt", "dd", "figure", "hr", "br", "li", "tr", "td", "th", "caption",
}  # fmt: skip
#: Dropped with all that stands in them.
_DROPPED = {"script", "style", "title", "head", "template", "noscript", "iframe", "object", "svg", "math"}
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")


def plain_text(html: str) -> str:
    """Return the readable text of an HTML document or fragment, in the normal form of `text_rule`."""
    reader = _Reader()
    reader.feed(nh3.clean(_without_hidden(html), tags=_KEPT, clean_content_tags=_DROPPED, attributes={}))
    reader.close()
    return normal_form(reader.text())


def _without_hidden(html: str) -> str:
    """Return the HTML without Word's marks of conditional parts, which are no comments and would be read as text."""
    return re.sub(r"<!\[(if|endif)[^>]*>", "", html, flags=re.IGNORECASE)


class _Reader(HTMLParser):
    """Collect lines from HTML that nh3 has cleaned: known tags alone, without attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._lists: list[int | None] = []  # the next number of each open ordered list, None for other lists
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 -- a parser's signature
        if tag in ("td", "th"):
            if self._cells:
                self._line = self._line.rstrip() + CELL
            self._cells += 1
            return
        if self._cells and tag not in ("tr", "table"):
            # A paragraph within a cell stays in the line of its row.
            self._line += "" if not self._line or self._line.endswith((" ", CELL)) else " "
            return
        self._end_line()
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            self._line = "• " if number is None else f"{number}. "
            if number is not None:
                self._lists[-1] = number + 1
        elif tag == "tr":
            self._cells = 0

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            return
        if tag in ("tr", "table"):
            self._cells = 0
        if self._cells:
            return
        self._end_line()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()

    def handle_data(self, data: str) -> None:
        text = _BLANKS.sub(" ", data)
        self._line += text.lstrip() if not self._line or self._line.endswith((" ", CELL)) else text

    def text(self) -> str:
        """Return the lines that were read, without empty ones at the ends."""
        self._end_line()
        return "\n".join(self._lines)

    def _end_line(self) -> None:
        line = self._line.strip()
        if line and line != "•":
            self._lines.append(line)
        self._line = ""
