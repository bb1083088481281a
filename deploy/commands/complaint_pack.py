"""`baijia explain --pack`: what an organiser hands out or keeps when somebody asks why an entry stands where it does.

One zip: the explanation in words and as data, its likes by day beside the middle of its type, its type's ranking and
the quota trace, the rules in words, and a page that says by which cut and digests anyone can find the same again.
Promises: judges have numbers, not names; every file is of one cut; the same answers give the same bytes.
Does not promise an extract for publication: the ranking of the whole type is in it.
"""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from deploy.commands.explanation_text import lines
from services.ranking.calculation.final_ranking import format_score

Plain = Mapping[str, Any]
DAYS = ("day", "cast", "retracted", "voided", "held", "valid", "usual")
ROWS = ("place", "overall", "entry", "likes", "like_points", "expert", "final", "decided_by", "seat", "seat_reason")
SEATS = ("seat", "from", "to", "entry", "why")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the least that a zip can say: when it was packed is no part of it


def packed(explanation: Plain, table: Plain, sheet: Plain) -> bytes:
    """The zip, from ranking's answers `explanation`, `table` at its cut, and `rule_sheet`."""
    code = explanation["type"]["code"]
    rows = [each for each in table["table"]["rows"] if each["type"] == code]
    moved = [each for each in table["table"]["seats"] if each["why"] != "type-quota"]
    files = {
        "README.txt": _about(explanation, table),
        "explanation.txt": "\n".join(lines(explanation)) + "\n",
        "explanation.json": _json(explanation),
        "likes-by-day.csv": _csv(DAYS, explanation["likes"]["days"]),
        "ranking-of-type.csv": _csv(ROWS, rows),
        "quota-trace.csv": _csv(SEATS, moved),
        "rules.txt": _rules(sheet),
        "rules.json": _json(sheet),
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in files.items():
            pack.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode("utf-8-sig" if name.endswith(".csv") else "utf-8"))
    return written.getvalue()


def _about(explanation: Plain, table: Plain) -> str:
    return (
        f"{explanation['number'] or explanation['entry']}（{explanation['entry']}）\n"
        f"截至 / as of {json.dumps(explanation['cut'])}\n"
        f"排名摘要 / digest of the ranking {table['digest']}\n"
        f"规则哈希 / rule hash {explanation['rule_hash']}\n"
        "复核：任何持有事件日志的人可在同一截止点重算并得到相同摘要（baijia rebuild、baijia rank --as-of）。\n"
        "To check: whoever has the logs folds them to the same cut and finds the same digest"
        " (baijia rebuild, baijia rank --as-of).\n"
    )


def _rules(sheet: Plain) -> str:
    parts = [
        f"{part['zh']} / {part['en']}\n" + "".join(f"  {line['zh']} / {line['en']}\n" for line in part["lines"])
        for part in sheet["sections"]
    ]
    return "\n".join(parts) + f"\n规则哈希 / rule hash {sheet['rule_hash']}\n"


def _csv(names: tuple[str, ...], rows: list[Plain]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([_cell(each[name]) for name in names] for each in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Exact fractions with two decimals, as the result is shown: the exact ones are in the data."""
    if isinstance(value, str) and "/" in value and value.replace("/", "").replace("-", "").isdigit():
        return format_score(Fraction(value))
    return "" if value is None else value


def _json(data: Plain) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
