"""The campaign's own texts of letters, from the optional table `[letters]` of a campaign file.

    [letters.returned]
    title_zh = "《{entry}》请修改后重新提交"
    words_zh = '''
    {unit}：
    {reasons}
    请在 {until} 前修改：{page}
    '''

Promises: a text names only places that are filled, and an invitation names its link. Texts are no rules: they may
change while the rules are locked, and are not hashed. A text that is missing is the default.
"""

from typing import Any

from services.moderation import letter_texts
from services.moderation.campaign_file.toml_reader import Table

TITLE_MAX_CHARS, WORDS_MAX_CHARS = 120, 4_000


def read(root: Table) -> dict[str, Any]:
    """Return the texts as plain data, kind -> key -> text, and report their problems."""
    if not root.has("letters"):
        return {}
    table = root.table("letters")
    found: dict[str, Any] = {}
    for kind in letter_texts.DEFAULTS:
        if table.has(kind):
            found[kind] = _texts(table.table(kind), kind)
    table.close()
    return found


def _texts(table: Table, kind: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for lang in letter_texts.LANGUAGES:
        for key, most in ((f"title_{lang}", TITLE_MAX_CHARS), (f"words_{lang}", WORDS_MAX_CHARS)):
            if table.has(key):
                texts[key] = _text(table, key, most, kind)
    table.close()
    return texts


def _text(table: Table, key: str, most: int, kind: str) -> str:
    text = table.text(key) if key.startswith("title_") else table.multiline(key).strip()
    path = (*table.path, key)
    if table.broken(key):
        return ""
    if len(text) > most:
        zh, en = (
            f"{key} 最多 {most} 字，实际 {len(text)} 字",
            f"{key} may have at most {most} characters, not {len(text)}",
        )
        table.report.error(path, "too-long", zh, en)
    for place in letter_texts.unknown_places(text):
        known = "、".join(f"{{{each}}}" for each in sorted(letter_texts.PLACES))
        zh, en = f"{key} 中没有 {{{place}}}，可用：{known}", f"{key} names {{{place}}}; what is filled in: {known}"
        table.report.error(path, "unknown-value", zh, en)
    if kind == "invitation" and key.startswith("words_") and "{link}" not in text:
        zh, en = f"{key} 须含 {{link}}，否则收信人无法开通账号", f"{key} must name {{link}}: without it nobody can join"
        table.report.error(path, "missing-key", zh, en)
    return text
