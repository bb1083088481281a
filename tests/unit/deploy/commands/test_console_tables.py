"""Every table of the command line fits 80 columns of a screen, however long the names are, and loses nothing."""

from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import main
from deploy.commands.certificates import certificate_lines
from deploy.commands.changes import list_lines, outage_lines
from deploy.commands.console_tables import Column, table_lines, wrapped
from deploy.commands.entry_names import EntryNames
from deploy.commands.ranking import method_lines, rank_lines
from deploy.commands.security import SHOWN
from deploy.commands.stability_report import report_lines
from deploy.commands.staff import COLUMNS as STAFF
from tests.files import CAMPAIGN_FILE
from tests.unit.deploy.commands.screen import columns

LONG = "河北省石家庄市第十二人民医院附属护理学院基层工会联合委员会女职工工作部"
NAMES = EntryNames({"U1-1": {"number": "A012", "unit": LONG, "title": LONG}})
ROW: dict[str, Any] = {
    "entry": "U1-1", "type": "state-owned", "place": 112, "likes": 1_234_567, "like_points_e4": 1_000_000,
    "expert_e4": 987_654, "final_e4": 1_000_000, "winner": True, "rank": "112.5",
}  # fmt: skip
CUT = {"moderation": 12, "vote.0": 1234}
JUDGE = {"judge": LONG, "marks": 120, "mean": "173/2", "spread": "5", "strictness": "-3/2", "correlation": 0.5}
SETS = [{"changes": "C12", "state": "applied", "corrections": [1] * 30, "by": LONG, "reason": LONG * 3}]
OUTAGE = {"outage": "O1", "start": 0, "end": 7_200_000, "minutes": 120, "revoked_at": None, "reason": LONG * 2}
CERTIFICATE = {"certificate": "ABCDEFGHIJKLMNOP", "entry": "U1-1", "status": "revoked", "why": "order", "unit": LONG}
KIND = {"variants": 10, "with_changes": 2, "most_changed": 1}
STABILITY: dict[str, Any] = {
    "spread_percent": 5, "variants": 1_000, "official_digest": "d" * 64, "winners": {"U1-1": "100.0"},
    "kinds": dict.fromkeys(("method", "conversion", "weights", "judge", "likes"), KIND), "trials": [],
    "border": [{
        "winner": True, "entry": "U1-1", "type": "state-owned", "place": "112", "final": "100.00",
        "like_points": "100.00", "expert": "98.77", "share": "99.9",
    }] * 41,
}  # fmt: skip
TABLES = {
    "rank": rank_lines({"table": {"rows": [ROW]}, "digest": "d" * 64, "cut": CUT}, NAMES),
    "rank by likes": rank_lines({"table": None, "likes": [ROW], "cut": CUT}, NAMES),
    "certificates": certificate_lines([CERTIFICATE], NAMES),
    "changes": list_lines(SETS),
    "outages": outage_lines({"hours": 24, "minutes_left": 1_320, "outages": [OUTAGE]}, "Asia/Shanghai"),
    "methods": method_lines(
        {"winners": {}, "method": "mean", "pooled_judges": [], "fell_back": {},
         "agreement": {"": {"alpha": "1/2", "judges": [JUDGE]}}}, NAMES,
    ),
    "stability": report_lines(STABILITY, NAMES),
    "staff changes": table_lines(STAFF, [["1234567890", "olga", ", ".join(["organiser", "moderator"]), "otto", "✓"]]),
    "security": table_lines(SHOWN, [[1_234_567, "sealed-words-read", LONG * 2]]),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_table_fits_the_console(name: str):
    assert [line for line in TABLES[name] if columns(line) > 80] == []


@pytest.mark.parametrize("name", ["rank", "rank by likes", "certificates", "changes", "outages", "methods", "security"])
def test_long_name_goes_on_in_the_next_line_and_nothing_is_lost(name: str):
    shown = {each: "".join(TABLES[name]).count(each) for each in set(LONG)}

    assert {each: count for each, count in shown.items() if count < LONG.count(each)} == {}


@pytest.mark.parametrize("lang", [(), ("--lang", "zh"), ("--lang", "en")], ids=["both", "zh", "en"])
def test_ranking_of_a_rehearsal_fits_the_console(lang: tuple[str, ...]):
    words = ["rules", "rehearse", str(CAMPAIGN_FILE), "--entries", "12", "--voters", "5", *lang]

    result = CliRunner().invoke(main, words)

    assert result.exit_code == 0
    assert [line for line in result.output.splitlines() if columns(line) > 80] == []


def test_columns_stand_below_each_other():
    lines = table_lines(
        [Column("单位", "unit", wraps=True), Column("赞", "likes", right=True)], [["厂", 7], ["ab", 12]]
    )

    assert {columns(line) for line in lines[2:]} == {columns(lines[2])}


def test_text_is_wrapped_by_its_width_and_no_line_begins_with_a_closing_mark():
    assert wrapped("一二三四，五六 seven。", 8) == ["一二三", "四，五六", "seven。"]
    assert wrapped("", 8) == [""]
