"""The zip that answers a complaint, built from real answers of ranking."""

import csv
import io
import json
import zipfile
from typing import Any

from services.ranking.analysis.complaint_pack import build_own_pack, build_pack
from services.ranking.analysis.excluded_likes import DayOfLikes
from services.ranking.analysis.explain import explain
from services.ranking.analysis.rule_sheet import plain
from services.ranking.calculation.final_ranking import Ranking, rank
from tests.unit.ranking.examples import ROOT, SEED, campaign, candidate

RULES = campaign(quotas=(1, 1, 1))
ROWS = [candidate("A", 9, 80, 82, 84), candidate("B", 4), candidate("C", 1), candidate("D", 2, type="private")]
DAYS = (DayOfLikes("2021-06-07", cast=6, retracted=1, voided=1, held=0, usual=2),)
CUT = {"vote.0": 3}
NAMES = {each: f"{each}001" for each in "ABCD"}


def pack(entry: str = "B") -> dict[str, str]:
    return {name: text.decode("utf-8-sig") for name, text in raw(entry).items()}


def raw(entry: str = "B") -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(written(entry))) as found:
        return {name: found.read(name) for name in found.namelist()}


def written(entry: str = "B") -> bytes:
    explanation = explain(ROWS, RULES, entry, draw=(SEED, ROOT), blind=b"k", days=DAYS)
    ranked = rank(ROWS, RULES, seed=SEED, root=ROOT)
    assert isinstance(explanation, dict)
    assert isinstance(ranked, Ranking)
    answer: dict[str, Any] = {**explanation, "number": "A002", "cut": CUT}
    return build_pack(answer, {"digest": ranked.digest(), "table": ranked.canonical_rows()}, plain(RULES), NAMES)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_pack_holds_words_data_days_ranking_trace_and_rules():
    assert sorted(pack()) == [
        "README.txt",
        "explanation.json",
        "explanation.txt",
        "likes-by-day.csv",
        "quota-trace.csv",
        "ranking-of-type.csv",
        "rules.json",
        "rules.txt",
    ]


def test_ranking_is_that_of_the_entrys_type_as_it_is_shown():
    rows = table(pack()["ranking-of-type.csv"])

    assert [(each["place"], each["entry"], each["likes"], each["like_points"]) for each in rows] == [
        ("1", "A001", "9", "100.00"),
        ("2", "B001", "4", "50.00"),
        ("3", "C001", "1", "0.00"),
    ]


def test_days_stand_beside_the_middle_of_the_type():
    (day,) = table(pack()["likes-by-day.csv"])

    assert (day["cast"], day["valid"], day["usual"]) == ("6", "4", "2")


def test_trace_names_the_seats_that_moved():
    (move,) = table(pack()["quota-trace.csv"])

    assert (move["from"], move["to"], move["entry"]) == ("foreign", "state", "B001")


def test_pack_names_cut_and_digest_and_no_judge():
    explanation = pack()

    assert json.loads(explanation["explanation.json"])["cut"] == CUT
    assert json.loads(explanation["explanation.json"])["digest"] in explanation["README.txt"]
    assert not any("judge-" in text for text in explanation.values())


def test_tables_open_in_a_spreadsheet_with_their_chinese_whole():
    assert raw()["likes-by-day.csv"].startswith(b"\xef\xbb\xbf")


def test_same_answers_give_the_same_bytes():
    assert written() == written()


def test_zip_of_the_unit_has_no_other_entry_in_it():
    explanation = explain(ROWS, RULES, "B", draw=(SEED, ROOT), blind=b"k", days=DAYS)
    assert isinstance(explanation, dict)
    assert explanation["ties"]["above"] is not None

    with zipfile.ZipFile(
        io.BytesIO(build_own_pack({**explanation, "number": "A002", "cut": CUT}, plain(RULES)))
    ) as own:
        files = {name: own.read(name).decode("utf-8-sig") for name in own.namelist()}

    assert sorted(files) == [
        "README.txt",
        "explanation.json",
        "explanation.txt",
        "likes-by-day.csv",
        "rules.json",
        "rules.txt",
    ]
    assert set(json.loads(files["explanation.json"])["ties"].values()) == {None}
