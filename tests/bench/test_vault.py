"""The time to forget one person among 100,000 who have a key, and to make a new key meanwhile. No bar."""

import secrets
import threading
import time
from pathlib import Path

import pytest

from shared.mongo_vault import PAGE, MongoVaultStore, vault_of
from shared.sealing import Sealer
from shared.wrapping import KEY_BYTES, KeyFile
from tests.bench.report import Report
from tests.integration.temporary_campaign import Place

pytestmark = [pytest.mark.bench, pytest.mark.slow]
PERSONS = 100_000
EVERY_S = 0.02


def test_forgetting_among_many_is_stated(place: Place, tmp_path: Path, report: Report) -> None:
    fill(place, tmp_path)
    vault, slowest_s, stop = vault_of(place.settings, place.database), [0.0], threading.Event()

    def make() -> None:
        beside = vault_of(place.settings, place.database)
        while not stop.wait(EVERY_S):
            began = time.perf_counter()
            beside.key_of(f"voter.{secrets.token_hex(12)}")
            slowest_s[0] = max(slowest_s[0], time.perf_counter() - began)

    maker = threading.Thread(target=make)
    maker.start()
    began, busy = time.perf_counter(), time.process_time()
    vault.forget([f"voter.{1:024x}"])
    took_s, busy_s = time.perf_counter() - began, time.process_time() - busy
    stop.set()
    maker.join()

    report.state("forgetting one person among 100,000", took_s, unit="s")
    report.state("forgetting one person among 100,000, processor time of Python", busy_s, unit="s")
    report.state("slowest new key meanwhile", slowest_s[0], unit="s")


def fill(place: Place, data: Path) -> None:
    """Store a wrapped key for each of 100,000 persons."""
    wrapping, store = KeyFile(data, place.campaign).read(), MongoVaultStore(place.database)
    for start in range(0, PERSONS, PAGE):
        persons = [f"voter.{k:024x}" for k in range(start, start + PAGE)]
        ids = {person: f"p.{person}.{secrets.token_hex(4)}" for person in persons}
        sealers = {person: Sealer(wrapping.key, key_id=key_id) for person, key_id in ids.items()}
        fresh = {person: sealer.seal(secrets.token_bytes(KEY_BYTES)) for person, sealer in sealers.items()}
        store.fill(wrapping.generation, fresh)
