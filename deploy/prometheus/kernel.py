"""Alerts about the followers, processes and engines behind the likes."""

from deploy.prometheus.alert import Alert, Case, growing, steady


def _lag(role: str, log: str, value: float) -> dict[str, str]:
    return {f'baijia_lag_seconds{{role="{role}",log="{log}"}}': steady(value)}


def _inserts(quick: float, slow: float) -> dict[str, str]:
    buckets = {"0.1": quick, "0.3": quick, "0.5": quick, "1": quick + slow, "+Inf": quick + slow}
    return {f'baijia_store_seconds_bucket{{operation="insert",le="{le}"}}': growing(by) for le, by in buckets.items()}


_ALARMS = "rabbitmq_alarms_memory_used_watermark", "rabbitmq_alarms_free_disk_space_watermark"

ALERTS = (
    Alert(
        name="RankingLags",
        expr='max by (log) (baijia_lag_seconds{role="projector"}) > 5',
        for_s=60,
        pages=True,
        summary="The ranking is more than 5 s behind a log.",
        fires=Case(_lag("projector", "vote.1", 8), ({"log": "vote.1"},)),
        quiet=Case(_lag("projector", "vote.1", 3) | _lag("relay", "vote.1", 60)),
    ),
    Alert(
        name="RelayLags",
        expr='max by (log) (baijia_lag_seconds{role="relay"}) > 5',
        for_s=60,
        pages=True,
        summary="The relay is more than 5 s behind a log.",
        fires=Case(_lag("relay", "vote.1", 8), ({"log": "vote.1"},)),
        quiet=Case(_lag("relay", "vote.1", 3)),
    ),
    Alert(
        name="ServiceLags",
        expr='max by (role, log) (baijia_lag_seconds{role!~"projector|relay"}) > 15',
        for_s=120,
        pages=False,
        summary="A service, or a gateway's views, is more than 15 s behind a log.",
        fires=Case(_lag("scoring", "moderation", 20), ({"role": "scoring", "log": "moderation"},)),
        quiet=Case(_lag("scoring", "moderation", 10) | _lag("projector", "moderation", 60)),
    ),
    Alert(
        name="ViewsOld",
        expr="max(baijia_views_age_seconds) > 90",
        for_s=60,
        pages=False,
        summary="A gateway has received nothing from ranking for more than 90 s, so the public sees old data.",
        fires=Case({'baijia_views_age_seconds{process="gateway"}': steady(200)}, ({},)),
        quiet=Case({'baijia_views_age_seconds{process="gateway"}': steady(29)}),
    ),
    Alert(
        name="FollowerStopped",
        expr="max by (role) (baijia_follower_stopped) == 1",
        for_s=0,
        pages=True,
        summary="A follower has stopped at an event that it cannot apply.",
        fires=Case({'baijia_follower_stopped{role="projector"}': steady(1)}, ({"role": "projector"},)),
        quiet=Case({'baijia_follower_stopped{role="projector"}': steady(0)}),
    ),
    Alert(
        name="ProcessDown",
        expr='min by (process) (up{job="baijia"}) == 0',
        for_s=60,
        pages=True,
        summary="A process does not answer on its metrics port.",
        fires=Case({'up{job="baijia",process="relay"}': steady(0)}, ({"process": "relay"},)),
        quiet=Case({'up{job="baijia",process="relay"}': steady(1), 'up{job="rabbitmq"}': steady(0)}),
    ),
    Alert(
        name="NotReady",
        expr="min by (process, check) (baijia_ready) == 0",
        for_s=120,
        pages=True,
        summary="A process has not been ready for two minutes; the check says what is missing.",
        fires=Case(
            {'baijia_ready{process="relay",check="connected"}': steady(0)},
            ({"process": "relay", "check": "connected"},),
        ),
        quiet=Case({'baijia_ready{process="relay",check="connected"}': f"0x4 1x{4 * 15}"}),
    ),
    Alert(
        name="StoreSlow",
        expr=(
            'histogram_quantile(0.99, sum by (le) (rate(baijia_store_seconds_bucket{operation="insert"}[5m]))) > 0.5'
        ),
        for_s=300,
        pages=False,
        summary="One insert in a hundred takes longer than half a second.",
        fires=Case(_inserts(90, 10), ({},)),
        quiet=Case(_inserts(1000, 1)),
    ),
    Alert(
        name="ClockDrift",
        expr="abs(baijia_clock_drift_seconds) > 1",
        for_s=120,
        pages=True,
        summary="The clocks of this machine and of the store are more than a second apart.",
        fires=Case(
            {'baijia_clock_drift_seconds{process="clock"}': steady(-3)},
            ({"process": "clock"},),
        ),
        quiet=Case({'baijia_clock_drift_seconds{process="clock"}': steady(0.2)}),
    ),
    Alert(
        name="BrokerAlarm",
        expr=f"max({_ALARMS[0]}) > 0 or max({_ALARMS[1]}) > 0",
        for_s=0,
        pages=True,
        summary="RabbitMQ is short of memory or disk and blocks every publisher.",
        fires=Case({_ALARMS[0]: steady(0), _ALARMS[1]: steady(1)}, ({},)),
        quiet=Case({_ALARMS[0]: steady(0), _ALARMS[1]: steady(0)}),
    ),
)
