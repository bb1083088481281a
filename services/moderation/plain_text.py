"""Letters and digits of a text in one form, for comparing texts and finding words in them."""

import unicodedata


def plain_text(text: str) -> tuple[str, list[int]]:
    """Return a text without blanks, marks and invisible characters, in one form of width and case, and where each
    character stood.
    """
    chars, places = [], []
    for place, char in enumerate(text):
        for each in unicodedata.normalize("NFKC", char).casefold():
            if each.isalnum():
                chars.append(each)
                places.append(place)
    return "".join(chars), places
