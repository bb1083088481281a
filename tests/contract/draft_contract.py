"""What the store of drafts must do, in memory and on an engine."""

import threading
from typing import Any

import pytest

from services.submission.draft_store import Drafts
from services.submission.drafts import Change, StoredDraft, values
from shared.decider import Refused

WRITERS, CHANGES = 4, 8


def change(revision: int, fields: dict[str, Any], *, by: str = "li", at: int = 5) -> Change:
    return Change(revision, fields, by, at)


class DraftContract:
    """The contract; a subclass has the fixture `store`, which is empty."""

    @pytest.fixture
    def store(self) -> Drafts:
        raise NotImplementedError

    def test_draft_is_found_as_it_was_stored(self, store: Drafts) -> None:
        files = [{"sha256": "a" * 64, "name": "一.jpg"}]
        stored = store.change("U1", "U1-1", {}, change(0, {"title": "题", "files": files, f"alt.{'a' * 64}": None}))
        stored = store.change("U1", "U1-1", {}, change(0, {"themes": ["home"], f"alt.{'a' * 64}": "图"}))

        assert store.find("U1", "U1-1") == stored
        assert isinstance(stored, StoredDraft)
        assert stored.revision == 2

    def test_unit_finds_its_own_drafts_alone(self, store: Drafts) -> None:
        for unit, entry in (("U1", "U1-2"), ("U1", "U1-1"), ("U10", "U10-1"), ("U", "U-1")):
            store.change(unit, entry, {}, change(0, {"title": entry}))

        assert [each.entry for each in store.of_unit("U1")] == ["U1-1", "U1-2"]
        assert store.find("U2", "U2-1") == StoredDraft("U2", "U2-1")

    def test_refused_change_stores_nothing(self, store: Drafts) -> None:
        store.change("U1", "U1-1", {}, change(0, {"title": "甲"}))
        before = store.find("U1", "U1-1")

        assert isinstance(store.change("U1", "U1-1", {}, change(0, {"text": "文", "title": "乙"})), Refused)
        assert store.find("U1", "U1-1") == before

    def test_draft_that_changed_meanwhile_is_not_replaced(self, store: Drafts) -> None:
        first, second = (StoredDraft("U1", "U1-1", 1, at=at) for at in (1, 2))

        assert [store.save(each, seen=0) for each in (first, second)] == [True, False]
        assert [store.save(StoredDraft("U1", "U1-1", 2), seen=seen) for seen in (7, 1, 1)] == [False, True, False]

    def test_writers_at_once_lose_nothing(self, store: Drafts) -> None:
        """Each writes a field of its own, so all changes are merged, and each gets a revision of its own."""
        begin = threading.Barrier(WRITERS)
        revisions: list[int] = []

        def write(writer: int) -> None:
            begin.wait()
            for k in range(CHANGES):
                stored = store.change("U1", "U1-1", {}, change(0, {f"caption.{writer:063x}{k:x}": "说明"}))
                assert isinstance(stored, StoredDraft)
                revisions.append(stored.revision)

        run_all(write)

        assert sorted(revisions) == list(range(1, WRITERS * CHANGES + 1))
        assert len(values(store.find("U1", "U1-1"), {})) == WRITERS * CHANGES

    def test_of_writers_of_one_field_at_once_one_wins_and_the_others_are_told(self, store: Drafts) -> None:
        begin = threading.Barrier(WRITERS)
        results: list[StoredDraft | Refused] = []

        def write(writer: int) -> None:
            begin.wait()
            results.append(store.change("U1", "U1-1", {}, change(0, {"title": f"题{writer}"})))

        run_all(write)

        won = [each for each in results if isinstance(each, StoredDraft)]
        refused = [each for each in results if isinstance(each, Refused)]
        assert (len(won), {each.code for each in refused}) == (1, {"draft-changed"})
        assert {each.detail["fields"]["title"]["stored"]["value"] for each in refused} == {won[0].fields["title"].value}

    def test_change_during_the_hand_in_stays(self, store: Drafts) -> None:
        store.change("U1", "U1-1", {}, change(0, {"title": "题"}))
        store.change("U1", "U1-1", {}, change(1, {"text": "later"}))

        cleared = store.clear("U1", "U1-1", revision=1)

        assert store.find("U1", "U1-1") == cleared
        assert values(cleared, {}) == {"text": "later"}

    def test_old_drafts_are_dropped_and_newer_ones_stay(self, store: Drafts) -> None:
        for entry, at in (("U1-1", 5), ("U1-2", 9)):
            store.change("U1", entry, {}, change(0, {"title": "题"}, at=at))

        assert [store.drop_old(before=9), store.drop_old(before=9)] == [1, 0]
        assert [each.entry for each in store.every()] == ["U1-2"]


def run_all(write: Any) -> None:
    """Run the function in WRITERS threads at once, each with its number, and wait for them."""
    threads = [threading.Thread(target=write, args=(k,)) for k in range(WRITERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
