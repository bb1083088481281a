"""Hints beside the logs on the real database: the worker reads a real ledger, and its results reach the log once."""

import pytest

from services.moderation.hint_store import HintStore
from services.moderation.hint_worker import HintWorker
from shared.commit import Head, form
from shared.mongo_ledger import MongoLedger
from shared.stamps import stamp
from tests.integration.temporary_campaign import Place
from tests.unit.moderation.test_hints import OTHER, TEXT, handed, word_list

pytestmark = pytest.mark.slow


def test_worker_stores_hints_and_a_second_one_computes_the_same(place: Place):
    ledger, store = MongoLedger(place.database), HintStore(place.database)
    facts = [handed("U1-1", TEXT), handed("U2-1", TEXT), handed("U3-1", OTHER)]
    ledger.insert(form(Head("submission"), facts, commands=[], stamp=stamp()))
    worker = HintWorker(ledger, store, lambda: [word_list("食堂")])

    looked = [worker.step(), worker.step()]
    before = {each.entry: store.duplicates_of(each.entry) for each in facts}
    HintWorker(ledger, store, lambda: []).step()

    assert looked == [3, 0]
    assert store.flagged() == {"U1-1", "U2-1"}
    assert [(each["entry"], each["what"], each["score"]) for each in before["U1-1"]] == [("U2-1", "text", 100)]
    assert {each.entry: store.duplicates_of(each.entry) for each in facts} == before


def test_results_wait_until_they_are_noted(place: Place):
    ledger, store = MongoLedger(place.database), HintStore(place.database)
    ledger.insert(form(Head("submission"), [handed("U1-1", TEXT)], commands=[], stamp=stamp()))
    HintWorker(ledger, store, lambda: [word_list("食堂")]).step()

    waiting = store.waiting_checks()
    store.mark_noted(waiting)

    assert [(each.entry, each.version, each.source, each.items[2].hits[0].label) for each in waiting] == [
        ("U1-1", 1, "words", "食堂")
    ]
    assert store.waiting_checks() == []
