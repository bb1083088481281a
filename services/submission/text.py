"""The one counter of characters.

The notice says "at most 3,000 characters". Every place that counts (the form, the refusal, the page) counts here,
so that nobody is told 3,000 by one and 3,001 by another.

Promises: `length` is the number of Unicode code points of `normal(text)`: line ends made one (CRLF and CR become LF),
then NFC. The same text typed on another system, or with accents stored apart, has the same length; a Chinese character
is one whether or not it lies outside the first plane. A browser gets the same number by
`[...text.replace(/\\r\\n?/g, "\\n").normalize("NFC")].length`.

Does not promise: what a reader would call one sign. An emoji joined of several counts as several, and blanks and line
ends count. Nothing is trimmed.
"""

import unicodedata


def normal(text: str) -> str:
    """The form that is counted, and that is worth storing."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def length(text: str) -> int:
    return len(normal(text))
