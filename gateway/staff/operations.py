"""What the metrics of all processes say: processes, lag, queues, rates, partitions, clocks, shedding and alerts. Pure.

Promises: an alert has the name of Prometheus's alert and of its runbook, and the same limit (a test compares both).
Does not promise what Prometheus does: an alert here holds at this moment, and not for minutes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from gateway.backends.process_metrics import Reading


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one process."""

    process: str
    name: str
    labels: dict[str, str]
    value: float


#: Name of the alert, metric, and the limit that its value may reach.
LIMITS: tuple[tuple[str, str, float], ...] = (
    ("RankingLags", "baijia_lag_seconds", 5),
    ("RelayLags", "baijia_lag_seconds", 5),
    ("ServiceLags", "baijia_lag_seconds", 15),
    ("ViewsOld", "baijia_views_age_seconds", 90),
    ("QueueOld", "baijia_queue_oldest_age_seconds", 5),
    ("DeadLetters", "baijia_dead_letter_messages", 0),
    ("ClockDrift", "baijia_clock_drift_seconds", 1),
    ("MediaJobsLate", "baijia_media_oldest_wait_seconds", 900),
    ("LettersFailed", "baijia_failed_letters", 0),
    ("LettersLate", "baijia_letters_age_seconds", 600),
)
LAG_SHOWN_S = 0.05  # seconds: who is not behind by so much is counted and not listed
STATES = ("ProcessDown", "NotReady", "FollowerStopped", "Shedding", "BrokerAlarm")
#: The target that is RabbitMQ, and which of its figures the page shows, by their names there.
BROKER = "rabbitmq"
BROKER_FIGURES = {
    "ready": "rabbitmq_queue_messages_ready",
    "unacknowledged": "rabbitmq_queue_messages_unacked",
    "queues": "rabbitmq_queues",
    "connections": "rabbitmq_connections",
    "consumers": "rabbitmq_consumers",
    "memory": "rabbitmq_process_resident_memory_bytes",
    "memory_limit": "rabbitmq_resident_memory_limit_bytes",
    "disk_free": "rabbitmq_disk_space_available_bytes",
    "disk_limit": "rabbitmq_disk_space_available_limit_bytes",
}
BROKER_ALARMS = {
    "memory": "rabbitmq_alarms_memory_used_watermark",
    "disk": "rabbitmq_alarms_free_disk_space_watermark",
}
ALERTS = (*(name for name, _, _ in LIMITS), *STATES)
_ROLES = {"RankingLags": ("projector",), "RelayLags": ("relay",)}
RATES = ("baijia_likes_total", "baijia_http_answers_total", "baijia_commits_total")


def samples(reading: Reading) -> list[Sample]:
    """Return the samples of our own metrics in a reading, and of RabbitMQ's. A page that cannot be read has none."""
    found = []
    for page in reading.pages:
        prefix = "rabbitmq_" if _is_broker(page.process) else "baijia_"
        try:
            families = list(text_string_to_metric_families(page.text or ""))
        except ValueError:
            continue
        found += [
            Sample(page.process, each.name, dict(each.labels), each.value)
            for family in families
            if family.name.startswith(prefix)
            for each in family.samples
        ]
    return found


def facts(before: Reading, now: Reading) -> dict[str, Any]:
    """Return what the page shows of two readings."""
    current = samples(now)
    down = [page.process for page in now.pages if page.text is None]
    lags = _rows(current, "baijia_lag_seconds", ("role", "log"), also="baijia_lag_commits")
    return {
        "broker": _brokers(now, current),
        "processes": _processes(now, current),
        "alerts": list(_alerts(current, down)),
        "lags": [row | {"behind": row["value"] >= LAG_SHOWN_S or bool(row["also"])} for row in lags],
        "queues": _queues(current),
        "rates": _rates(before, now, current),
        "shed": [{"process": each.process, "level": int(each.value)} for each in _named(current, "baijia_shed_level")],
        "drifts": _rows(current, "baijia_clock_drift_seconds", ()),
        "media": _rows(current, "baijia_media_jobs", ("state",)),
    }


def _named(found: Sequence[Sample], name: str) -> list[Sample]:
    return [each for each in found if each.name == name]


def _processes(now: Reading, current: Sequence[Sample]) -> list[dict[str, Any]]:
    missing = defaultdict(list)
    for each in _named(current, "baijia_ready"):
        if not each.value:
            missing[each.process].append(each.labels.get("check", ""))
    return [
        {
            "process": page.process,
            "state": "down" if page.text is None else "waits" if missing[page.process] else "ready",
            "missing": sorted(missing[page.process]),
        }
        for page in now.pages
        if not _is_broker(page.process)
    ]


def _is_broker(process: str) -> bool:
    """Return whether a target is RabbitMQ, or one of its nodes."""
    return process == BROKER or process.startswith(f"{BROKER}-")


def _brokers(now: Reading, current: Sequence[Sample]) -> list[dict[str, Any]]:
    """Return RabbitMQ's own figures, node by node: messages, memory, its disk, and the alarms that it has raised.

    A figure that it does not give is None. Without the target there are no nodes.
    """
    found = []
    for page in now.pages:
        if not _is_broker(page.process):
            continue
        values = {each.name: each.value for each in current if each.process == page.process}
        figures = {key: values.get(name) for key, name in BROKER_FIGURES.items()}
        alarms = [key for key, name in BROKER_ALARMS.items() if values.get(name)]
        found.append({"node": page.process, "answers": page.text is not None, **figures, "alarms": alarms})
    return found


def _rows(current: Sequence[Sample], name: str, labels: tuple[str, ...], *, also: str = "") -> list[dict[str, Any]]:
    """Return the values of a metric, the greatest first, with those of the metric `also` of the same labels."""
    more = {(each.process, *map(each.labels.get, labels)): each.value for each in _named(current, also)}
    rows = [
        {
            "process": each.process,
            **{label: each.labels.get(label, "") for label in labels},
            "value": each.value,
            "also": more.get((each.process, *map(each.labels.get, labels))),
        }
        for each in _named(current, name)
    ]
    return sorted(rows, key=lambda row: (-abs(row["value"]), row["process"]))


def _queues(current: Sequence[Sample]) -> list[dict[str, Any]]:
    """Return for each partition what waits, for how long, and by how many writers it is read."""
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"depth": 0, "age_s": 0.0, "writers": 0})
    for each in current:
        partition = each.labels.get("partition")
        if partition is None:
            continue
        row = found[partition]
        if each.name == "baijia_queue_depth_messages":
            row["depth"] = max(row["depth"], int(each.value))
        elif each.name == "baijia_queue_oldest_age_seconds":
            row["age_s"] = max(row["age_s"], each.value)
        elif each.name == "baijia_partition_active":
            row["writers"] += int(each.value)
    return [{"partition": name, **found[name]} for name in sorted(found, key=lambda name: (len(name), name))]


def _rates(before: Reading, now: Reading, current: Sequence[Sample]) -> list[dict[str, Any]]:
    """Return how much of each counter happened a second since the reading before; None without one."""
    span, earlier = now.at_s - before.at_s, samples(before)
    found = []
    for name in RATES:
        totals = [sum(each.value for each in _named(of, name)) for of in (earlier, current)]
        known = bool(before.pages) and span > 0 and totals[1] >= totals[0]
        found.append({"name": name, "a_second": (totals[1] - totals[0]) / span if known else None, "total": totals[1]})
    return found


def _alerts(current: Sequence[Sample], down: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield each alert that holds now, with where it holds."""
    where: dict[str, list[str]] = {name: [] for name in ALERTS}
    where["ProcessDown"] += down
    for each in current:
        place = " ".join([each.process, *(each.labels[name] for name in sorted(each.labels))])
        for name, metric, limit in LIMITS:
            if each.name == metric and _concerns(name, each) and abs(each.value) > limit:
                where[name].append(place)
        if each.name == "baijia_ready" and not each.value:
            where["NotReady"].append(place)
        if each.name == "baijia_follower_stopped" and each.value:
            where["FollowerStopped"].append(place)
        if each.name in BROKER_ALARMS.values() and each.value:
            where["BrokerAlarm"].append(place)
        if each.name == "baijia_shed_level" and each.value >= 1:
            where["Shedding"].append(place)
    for name, places in where.items():
        if places:
            yield {"name": name, "where": sorted(places), "runbook": f"{name}.md"}


def _concerns(name: str, each: Sample) -> bool:
    """Return whether a sample of lag belongs to this alert, by the role of its follower."""
    if each.name != "baijia_lag_seconds":
        return True
    role = each.labels.get("role", "")
    return role in _ROLES[name] if name in _ROLES else role not in ("projector", "relay")
