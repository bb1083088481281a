"""`/readyz` is reliable: each process reports that it is not ready while an engine is cut off, and ready once it is
back.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from shared.metrics import LABELS
from tests.integration.processes import Process, rpc_caller
from tests.integration.temporary_campaign import Place
from tests.integration.test_engines_away import (
    PROCESSES,
    ProxiedPlace,
    gateway_client,
    like,
    proxied_place,
    running_processes,
    voters,
)
from tests.integration.threads import wait
from tests.integration.voting import open_to_gateway

pytestmark = pytest.mark.slow

#: What each process may report as missing while an engine is away; it must report at least one of these.
WITHOUT = {
    "mongo": {
        "moderation": {"ledger"}, "ranking": {"ledger"}, "vote-writer": {"ledger"}, "relay": {"ledger", "connected"},
        "projector": {"ledger"}, "media-worker": {"working"},
    },
    "amqp": {
        "vote-writer": {"consuming"}, "relay": {"connected"}, "gateway": {"broker", "likes"}, "clock": {"ticking"},
    },
}  # fmt: skip


@contextmanager
def all_processes(place: Place) -> Iterator[tuple[ProxiedPlace, dict[str, Process]]]:
    """Start all processes behind proxies and wait until they are ready."""
    open_to_gateway(place)
    with proxied_place(place) as path, running_processes(path.place, *PROCESSES) as processes:
        for each in processes.values():
            each.wait_ready()
        yield path, processes


def reports_missing(process: Process, expected: set[str]) -> bool:
    """Return whether the process is not ready, and names one of the expected reasons."""
    told = process.ready()
    return told.get("ready") is False and bool(expected & set(told["missing"]))


@pytest.mark.parametrize("engine", ["mongo", "amqp"])
def test_process_without_its_engine_is_not_ready_and_is_again_when_it_is_back(place: Place, engine: str):
    with all_processes(place) as (path, processes):
        getattr(path, engine).refuse()
        for name, expected in WITHOUT[engine].items():
            wait(
                lambda n=name, e=expected: reports_missing(processes[n], e),
                what=f"{name} reports one of {expected} as missing",
            )
        living = {name: httpx.get(f"http://127.0.0.1:{each.port}/healthz").json() for name, each in processes.items()}
        getattr(path, engine).accept()
        for each in processes.values():
            each.wait_ready()

    assert living == {name: {"healthy": True} for name in PROCESSES}


def test_service_is_ready_only_once_the_broker_has_its_queue(place: Place):
    with proxied_place(place) as path:
        path.amqp.refuse()
        with running_processes(path.place, "moderation") as processes:
            wait(
                lambda: reports_missing(processes["moderation"], {"rpc"}),
                what="moderation reports its queue as missing",
            )
            path.amqp.accept()
            processes["moderation"].wait_ready()
            with rpc_caller(place) as caller:
                answer = caller.call("moderation", "rules")

    assert answer["refused"]["code"] == "campaign-not-open"


def test_queues_are_watched_and_the_writer_tells_its_partitions(place: Place):
    with all_processes(place) as (_, processes):
        wait(
            lambda: len(values(processes["vote-writer"], "baijia_partition_active")) == 8,
            what="the writer reports all partitions",
        )
        wait(
            lambda: len(values(processes["clock"], "baijia_queue_oldest_age_seconds")) == 8,
            what="the clock reports the age of all queues",
        )
        short = max(values(processes["clock"], "baijia_queue_oldest_age_seconds"))
        processes["vote-writer"].kill()
        wait(
            lambda: min(values(processes["clock"], "baijia_queue_oldest_age_seconds")) > 3, what="the queues grow older"
        )
        processes["vote-writer"].start()
        wait(
            lambda: max(values(processes["clock"], "baijia_queue_oldest_age_seconds")) < 3,
            what="the queues are served again",
        )
        drift = values(processes["clock"], "baijia_clock_drift_seconds")

    assert short < 3
    assert [abs(each) < 5 for each in drift] == [True]


def test_pages_of_all_processes_hold_no_label_but_those_that_are_known(place: Place):
    with all_processes(place) as (_, processes), gateway_client(processes["gateway"]) as client:
        people = voters(client, 3)
        for voter in people * 2:
            like(client, voter)
        like(client, people[0], "nowhere")
        pages = {name: httpx.get(f"http://127.0.0.1:{each.port}/metrics").text for name, each in processes.items()}

    assert {name: unknown_labels(page) for name, page in pages.items()} == {name: [] for name in PROCESSES}
    assert [k for k in range(3) if place.keys.voter(f"openid-{k}") in "".join(pages.values())] == []
    assert 'baijia_likes_total{answer="already"} 3.0' in pages["gateway"]


def values(process: Process, metric: str) -> list[float]:
    """Return the values of a metric, one for each set of labels."""
    page = httpx.get(f"http://127.0.0.1:{process.port}/metrics").text
    lines = [line for line in page.splitlines() if re.match(rf"{metric}(\{{|\s)", line)]
    return [float(line.rpartition(" ")[2]) for line in lines]


def unknown_labels(page: str) -> list[str]:
    """Return the samples of the product's metrics whose labels are not on the list of allowed ones."""
    found = []
    for line in page.splitlines():
        labels = dict(re.findall(r'(\w+)="([^"]*)"', line)) if line.startswith("baijia_") else {}
        labels.pop("le", None)
        if any(label not in LABELS or not re.fullmatch(LABELS[label], value) for label, value in labels.items()):
            found.append(line)
    return found
