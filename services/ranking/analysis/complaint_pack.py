"""Build the complaint pack, a zip that answers the question why an entry has its place.

An organiser hands it out or keeps it on file. It holds the explanation as text and as data, the entry's likes by day
beside the median of its type, the ranking of its type with the quota trace, the rules as text, and a page that names
the cut (up to which commit each log was read) and the digests with which anyone can verify the result.

Promises: judges have numbers instead of names; all files describe the same cut; the same answers give the same bytes.
The zip for the unit concerned has no other entry in it. Does not promise that the organisers' zip is fit for
publication: it holds the ranking of the whole type.
"""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from services.ranking.analysis.explanation_text import NO_NAMES, Names, lines, name_of
from services.ranking.calculation.final_ranking import format_score

Plain = Mapping[str, Any]
DAYS = ("day", "cast", "retracted", "voided", "held", "valid", "usual")
ROWS = ("place", "overall", "entry", "likes", "like_points", "expert", "final", "decided_by", "seat", "seat_reason")
SEATS = ("seat", "from", "to", "entry", "why")
_EPOCH = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest time that a zip can hold, so that the time of packing does not change the bytes


def build_pack(explanation: Plain, table: Plain, sheet: Plain, names: Names = NO_NAMES) -> bytes:
    """Return the bytes of the organisers' zip, built from three of ranking's answers.

    They are the answers to `explanation`, `table` (at the same cut) and `rule_sheet`. `names` has the poster numbers by
    which the lists name entries, by id.
    """
    code = explanation["type"]["code"]
    rows = [each for each in table["table"]["rows"] if each["type"] == code]
    moved = [each for each in table["table"]["seats"] if each["why"] != "type-quota"]
    more = {
        "ranking-of-type.csv": _csv(ROWS, [_named(each, names) for each in rows]),
        "quota-trace.csv": _csv(SEATS, [_named(each, names) for each in moved]),
    }
    return _zip({**_own_files(explanation, sheet, table["digest"], names), **more})


def build_own_pack(explanation: Plain, sheet: Plain) -> bytes:
    """Return the bytes of the zip for the unit whose entry it is, from the explanation in the published result."""
    return _zip(
        _own_files({**explanation, "ties": dict.fromkeys(explanation["ties"])}, sheet, explanation["digest"], NO_NAMES)
    )


def _own_files(explanation: Plain, sheet: Plain, digest: str, names: Names) -> dict[str, str]:
    return {
        "README.txt": _about(explanation, digest, names),
        "explanation.txt": "\n".join(lines(explanation, names)) + "\n",
        "explanation.json": _json(explanation),
        "likes-by-day.csv": _csv(DAYS, explanation["likes"]["days"]),
        "rules.txt": _rules(sheet),
        "rules.json": _json(sheet),
    }


def _zip(files: Mapping[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in sorted(files.items()):
            pack.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode("utf-8-sig" if name.endswith(".csv") else "utf-8"))
    return written.getvalue()


def _named(row: Plain, names: Names) -> Plain:
    """Return a row with the name of its entry in place of the id."""
    return {**row, "entry": names.get(row["entry"], row["entry"])}


def _about(explanation: Plain, digest: str, names: Names) -> str:
    return (
        f"{name_of(explanation, names)}\n"
        f"截至 / as of {json.dumps(explanation['cut'])}\n"
        f"排名摘要 / digest of the ranking {digest}\n"
        f"规则哈希 / rule hash {explanation['rule_hash']}\n"
        "复核：任何持有事件日志的人可在同一截止点重算并得到相同摘要（baijia rebuild、baijia rank --as-of）。\n"
        "To verify: anyone who has the logs can fold them to the same cut and get the same digest"
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
    """Return a cell with a fraction rounded to two decimals, as in the published result; the JSON has it exact."""
    if isinstance(value, str) and "/" in value and value.replace("/", "").replace("-", "").isdigit():
        return format_score(Fraction(value))
    return "" if value is None else value


def _json(data: Plain) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
