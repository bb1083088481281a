"""Hints beside the logs: near-duplicates of other units, words of a list, and how they reach the moderators."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.content_checks import WORD_LIST, WordList, read_word_list
from services.moderation.events import Hit, ItemCheck
from services.moderation.hint_store import HintStore
from services.moderation.hint_worker import AGAIN_MS, HintWorker
from services.moderation.near_duplicates import NearDuplicates
from services.submission.events import EntrySubmitted, EntryWithdrawn, File
from shared.commit import Head, form
from shared.stamps import stamp
from shared.testing.memory_ledger import MemoryLedger
from tests.files import CAMPAIGN_FILE
from tests.memory_documents import MemoryDatabase
from tests.unit.moderation.test_desk_service import town_of
from tests.unit.submission.hosted import Town

TEXT = (
    "我们工会今年为夜班职工建了食堂，配了值班厨师，做到凌晨两点仍有热饭热菜；又在车间旁边设立了休息室，"
    "添置了躺椅、微波炉和饮水机，职工满意度从六成提高到九成五，请假人数下降三成。"
)
OTHER = (
    "社区工会把退休老师请回来办讲堂，每周三晚上讲法律、讲健康、讲国学，三年来共办一百四十二讲，"
    "听众超过九千人次，许多家长带着孩子一起来，邻里纠纷明显减少，物业费收缴率提高。"
)
LOOK, NEAR, FAR = "f0f0f0f0a5a5c3c3", "f0f0f0f0a5a5c3c0", "0f0f1e1e5a5a3c3c"


def picture(sha: str, look: str = "") -> File:
    return File(sha * 64, "picture", "jpeg", "a.jpg", 9, 9, 9, 0, look)


def handed(entry: str, text: str = "", *files: File, version: int = 1, unit: str = "") -> EntrySubmitted:
    whose = unit or entry.rpartition("-")[0]
    return EntrySubmitted(entry, version, whose, "state", "题", "简介", text, ("home",), None, files, None, 7)


def folded(*facts: object) -> NearDuplicates:
    found = NearDuplicates()
    for each in facts:
        found.apply(each)
    return found


def partners(found: NearDuplicates, entry: str) -> list[tuple[str, str, int]]:
    return [(each["entry"], each["what"], each["score"]) for each in found.of(entry)]


def test_same_text_of_another_unit_is_found_whatever_its_marks_and_width() -> None:
    found = folded(handed("U1-1", TEXT), handed("U2-1", TEXT.replace("，", ",  ").replace("；", "\n")))

    assert partners(found, "U1-1") == [("U2-1", "text", 100)]
    assert found.of("U1-1")[0]["matches"] == [TEXT[:80]]
    assert partners(found, "U2-1") == [("U1-1", "text", 100)]


def test_text_that_was_changed_a_little_is_found_with_the_pieces_that_stayed() -> None:
    changed = TEXT.replace("值班厨师", "专职厨师").replace("六成", "七成")
    found = folded(handed("U1-1", TEXT), handed("U2-1", changed))

    (hint,) = found.of("U1-1")
    assert (hint["entry"], hint["version"], hint["what"]) == ("U2-1", 1, "text")
    assert 60 <= hint["score"] < 100
    assert all(each in TEXT for each in hint["matches"])
    assert len(hint["matches"]) == 3


def test_other_texts_short_texts_and_entries_of_one_unit_are_no_duplicates() -> None:
    facts = (
        handed("U1-1", TEXT),
        handed("U2-1", OTHER),
        handed("U1-2", TEXT),
        handed("U3-1", "短"),
        handed("U4-1", "短"),
    )

    assert [partners(folded(*facts), each.entry) for each in facts] == [[], [], [], [], []]


def test_pictures_are_found_by_their_bytes_and_by_their_look() -> None:
    found = folded(
        handed("U1-1", "", picture("a"), picture("b", LOOK)),
        handed("U2-1", "", picture("a")),
        handed("U3-1", "", picture("c", NEAR)),
        handed("U4-1", "", picture("d", FAR)),
    )

    assert partners(found, "U1-1") == [("U2-1", "picture", 100), ("U3-1", "picture", 97)]
    assert [each["matches"] for each in found.of("U1-1")] == [[["a" * 64, "a" * 64]], [["b" * 64, "c" * 64]]]
    assert partners(found, "U4-1") == []


def test_pictures_of_nearly_one_colour_are_no_duplicates_by_their_look() -> None:
    plain = "8000000000000000"

    assert (
        partners(folded(handed("U1-1", "", picture("a", plain)), handed("U2-1", "", picture("b", plain))), "U1-1") == []
    )


def test_later_version_and_withdrawal_end_what_was_found() -> None:
    pair = handed("U1-1", TEXT), handed("U2-1", TEXT)

    assert partners(folded(*pair, handed("U1-1", OTHER, version=2)), "U2-1") == []
    assert partners(folded(*pair, EntryWithdrawn("U1-1", "U1", "", 9)), "U2-1") == []


def test_event_names_every_entry_whose_duplicates_change() -> None:
    found = folded(handed("U1-1", TEXT), handed("U2-1", OTHER))

    assert found.apply(handed("U3-1", TEXT)) == {"U1-1", "U3-1"}
    assert found.apply(handed("U3-1", OTHER, version=2)) == {"U1-1", "U2-1", "U3-1"}


@given(st.permutations([("U1-1", TEXT), ("U2-1", TEXT[:70] + OTHER[:60]), ("U3-1", OTHER), ("U4-1", TEXT)]))
def test_order_of_the_hand_ins_changes_nothing(entries: list[tuple[str, str]]) -> None:
    found = folded(*(handed(*each) for each in entries))
    again = folded(*(handed(*each) for each in sorted(entries)))

    assert [found.of(each) for each, _ in sorted(entries)] == [again.of(each) for each, _ in sorted(entries)]


# Words


def word_list(*words: str) -> WordList:
    return WordList({each.casefold(): each for each in words}, "e1")


def test_words_are_found_at_their_place_across_blanks_marks_and_widths() -> None:
    text = "前言。严禁赌 博，也禁ＡＢ-c。"

    found = {each.item: each for each in word_list("赌博", "abC").check(handed("U1-1", text))}["text"]

    assert found == ItemCheck("text", "hit", None, (Hit("赌博", 5, 8, 100), Hit("abC", 11, 15, 100)))
    assert (text[5:8], text[11:15]) == ("赌 博", "ＡＢ-c")


def test_caption_of_a_file_is_looked_at_too() -> None:
    captioned = handed("U1-1", TEXT, picture("a"), replace(picture("b"), caption="门口的赌博告示"))

    assert [each.item for each in word_list("赌博").check(captioned) if each.hits] == ["files/1"]


def test_items_without_a_word_are_clean() -> None:
    assert [(each.item, each.state) for each in word_list("赌博").check(handed("U1-1", TEXT))] == [
        ("title", "clean"), ("profile", "clean"), ("text", "clean"),
    ]  # fmt: skip


def test_list_is_read_with_comments_and_a_missing_one_is_none(tmp_path: Path) -> None:
    assert read_word_list(tmp_path) is None
    (tmp_path / WORD_LIST).write_text("\ufeff赌 博 # 治安\n\n# 注释\n！！\nABC\n", encoding="utf-8")
    read = read_word_list(tmp_path)
    assert read is not None
    assert read.words == {"赌博": "赌 博", "abc": "ABC"}
    (tmp_path / WORD_LIST).write_bytes(b"\xff\xfe\x00")
    assert read_word_list(tmp_path) is None
    (tmp_path / WORD_LIST).write_text("# 空\n")
    assert read_word_list(tmp_path) is None


# The worker and the desk


Hinted = tuple[HintWorker, HintStore, MemoryLedger]


@pytest.fixture
def hinted() -> Callable[..., Hinted]:
    database = MemoryDatabase()

    def build(ledger: MemoryLedger, *checks: Any) -> Hinted:
        store = HintStore(database)
        return HintWorker(ledger, store, lambda: checks), store, ledger

    return build


def insert(ledger: MemoryLedger, *facts: object) -> None:
    ledger.insert(form(Head("submission"), facts, commands=[], stamp=stamp()))


def test_worker_that_starts_again_computes_the_same_and_forgets_what_is_no_more(hinted: Callable[..., Hinted]) -> None:
    worker, store, ledger = hinted(MemoryLedger())
    insert(ledger, handed("U1-1", TEXT), handed("U2-1", TEXT), handed("U3-1", OTHER))
    worker.step()
    before = {each: store.duplicates_of(each) for each in ("U1-1", "U2-1", "U3-1")}
    store.put_duplicates({"U9-1": [{"entry": "U1-1"}]}, revision="older")

    again, _, _ = hinted(ledger)
    again.step()

    assert {each: store.duplicates_of(each) for each in before} == before
    assert (store.flagged(), store.duplicates_of("U9-1")) == ({"U1-1", "U2-1"}, [])


def test_worker_looks_at_each_version_once_and_again_by_another_list(hinted: Callable[..., Hinted]) -> None:
    worker, store, ledger = hinted(MemoryLedger(), word_list("食堂"))
    insert(ledger, handed("U1-1", TEXT))

    assert [worker.step(), worker.step()] == [1, 0]
    (waiting,) = store.waiting_checks()
    assert (waiting.entry, waiting.version, waiting.source) == ("U1-1", 1, "words")
    assert waiting.items[2].hits == (Hit("食堂", 13, 15, 100),)
    store.mark_noted([waiting])
    assert store.waiting_checks() == []
    again, _, _ = hinted(ledger, WordList({"厨师": "厨师"}, "e2"))
    assert again.step() == 1
    assert [each.items[2].hits[0].label for each in store.waiting_checks()] == ["厨师"]


@dataclass(slots=True)
class AwayThenClean:
    """A check whose service is away at first."""

    source: str = "wechat"
    edition: str = "1"
    is_away: bool = True

    def check(self, version: EntrySubmitted) -> tuple[ItemCheck, ...]:
        state, why = ("not-checked", "away") if self.is_away else ("clean", None)
        return (ItemCheck(f"text of {version.entry}", state, why, ()),)


def test_version_that_could_not_be_looked_at_is_tried_again_after_ten_minutes() -> None:
    ledger, store, check, clock = MemoryLedger(), HintStore(MemoryDatabase()), AwayThenClean(), [0]
    worker = HintWorker(ledger, store, lambda: [check], now_ms=lambda: clock[0])
    insert(ledger, handed("U1-1", TEXT))

    looked = [worker.step(), worker.step()]
    clock[0], check.is_away = AGAIN_MS, False
    looked += [worker.step(), worker.step()]

    assert looked == [1, 0, 1, 0]
    assert [each.items[0].state for each in store.waiting_checks()] == ["clean"]


def test_moderators_see_what_the_worker_found_and_the_log_keeps_the_checks(tmp_path: Path) -> None:
    town = town_of(tmp_path, CAMPAIGN_FILE.read_text())
    store = HintStore(database_of(town))
    store.put_duplicates(
        {"U1-1": [{"entry": "U2-1", "version": 1, "what": "text", "score": 93, "matches": ["夜班食堂"]}]},
        revision="1.1",
    )
    store.put_check("U1-1", 1, "words", (ItemCheck("text", "hit", None, (Hit("赌博", 0, 2, 100),)),), edition="e1")

    taken = [town.ok("take_checks", "clock", "operator")["checks"] for _ in range(2)]
    queue = town.ok("queue", "mo", "moderator", flag="near-duplicate")
    notes = town.ok("notes", "mo", "moderator", entry="U1-1")

    assert taken == [1, 0]
    assert [(each["entry"], each["flags"]) for each in queue["entries"]] == [
        ("U1-1", ["machine-hint", "near-duplicate"])
    ]
    assert queue["facets"]["flag"]["near-duplicate"] == 1
    assert [(each["entry"], each["score"], each["title"]) for each in notes["duplicates"]] == [("U2-1", 93, "题2")]
    assert notes["hints"][0]["items"][0]["hits"] == [{"label": "赌博", "start": 0, "end": 2, "score": 100}]
    assert town.ok("desk", "mo", "moderator", entry="U1-1")["status"] == "submitted"


def database_of(town: Town) -> Any:
    return town._services["moderation"].log.database


def test_result_that_changed_while_it_was_taken_is_taken_again() -> None:
    store = HintStore(MemoryDatabase())
    items = [(ItemCheck("text", state, None, ()),) for state in ("clean", "hit")]
    store.put_check("U1-1", 1, "words", items[0], edition="e1")
    waiting = store.waiting_checks()
    store.put_check("U1-1", 1, "words", items[1], edition="e2")

    store.mark_noted(waiting)

    assert [each.items for each in store.waiting_checks()] == [items[1]]


def test_every_event_of_submission_may_come_first() -> None:
    facts = [EntryWithdrawn("U1-1", "U1", "", 9), handed("U2-1", TEXT)]

    assert [folded(*each).of("U1-1") for each in itertools.permutations(facts)] == [[], []]
