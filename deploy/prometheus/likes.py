"""Alerts about likes, for failures that voters notice; the limits are those of docs/reference/service-levels.md."""

from deploy.prometheus.alert import (
    Alert,
    Case,
    growing,
    late,
    steady,
)


def _answered(**by_answer: float) -> dict[str, str]:
    return {f'baijia_likes_total{{answer="{answer}"}}': growing(by) for answer, by in by_answer.items()}


def _share(answer: str) -> str:
    return f'sum(rate(baijia_likes_total{{answer="{answer}"}}[5m])) / sum(rate(baijia_likes_total[5m]))'


def _timed(metric: str, labels: str, quick: float, slow: float) -> dict[str, str]:
    """Return histogram series that grow by `quick` values below 0.15 s and `slow` values between 0.5 s and 1 s."""
    buckets = {"0.15": quick, "0.3": quick, "0.5": quick, "1": quick + slow, "+Inf": quick + slow}
    return {f'{metric}_bucket{{{labels}le="{le}"}}': growing(by) for le, by in buckets.items()}


ALERTS = (
    Alert(
        name="LikesAway",
        expr=f"{_share('away')} > 0.01",
        for_s=120,
        pages=True,
        summary="More than 1 % of likes are answered 503; it is unknown whether they count.",
        fires=Case(_answered(counted=1000, away=20), ({},)),
        quiet=Case(_answered(counted=1000, away=5)),
    ),
    Alert(
        name="LikesBusy",
        expr=f"{_share('busy')} > 0.01",
        for_s=120,
        pages=True,
        summary="More than 1 % of likes are answered 429 because queues are full.",
        fires=Case(_answered(counted=1000, busy=20), ({},)),
        quiet=Case(_answered(counted=1000, busy=5)),
    ),
    Alert(
        name="LikesSlow",
        expr="histogram_quantile(0.95, sum by (le) (rate(baijia_like_seconds_bucket[5m]))) > 0.3",
        for_s=300,
        pages=True,
        summary="One like in twenty takes longer than 0.3 s.",
        fires=Case(_timed("baijia_like_seconds", "", 90, 10), ({},)),
        quiet=Case(_timed("baijia_like_seconds", "", 99, 1)),
    ),
    Alert(
        name="MostLikesRefused",
        expr=f"{_share('refused')} > 0.5",
        for_s=600,
        pages=False,
        summary="More than half of the likes are refused.",
        fires=Case(_answered(counted=100, refused=300), ({},)),
        quiet=Case(_answered(counted=300, refused=100)),
    ),
    Alert(
        name="QueueOld",
        expr="max by (partition) (baijia_queue_oldest_age_seconds) > 5",
        for_s=60,
        pages=True,
        summary="Likes wait longer than 5 s in a partition's queue.",
        fires=Case({'baijia_queue_oldest_age_seconds{partition="3"}': steady(9)}, ({"partition": "3"},)),
        quiet=Case({'baijia_queue_oldest_age_seconds{partition="3"}': steady(2)}),
    ),
    Alert(
        name="PartitionWithoutWriter",
        expr=(
            "max by (partition) (baijia_queue_oldest_age_seconds) "
            "unless on (partition) (max by (partition) (baijia_partition_active) == 1)"
        ),
        for_s=60,
        pages=True,
        summary="No vote writer has received a batch of this partition lately.",
        fires=Case(
            {
                'baijia_queue_oldest_age_seconds{partition="0"}': steady(0.1),
                'baijia_queue_oldest_age_seconds{partition="1"}': steady(60),
                'baijia_partition_active{partition="0"}': steady(1),
                'baijia_partition_active{partition="1"}': steady(0),
            },
            ({"partition": "1"},),
        ),
        quiet=Case(
            {
                'baijia_queue_oldest_age_seconds{partition="1"}': steady(0.1),
                'baijia_partition_active{partition="1",process="vote-writer-1"}': steady(0),
                'baijia_partition_active{partition="1",process="vote-writer-2"}': steady(1),
            }
        ),
    ),
    Alert(
        name="OrdersUnreadable",
        expr='sum(increase(baijia_orders_total{outcome="order-unreadable"}[10m])) > 0',
        for_s=0,
        pages=True,
        summary="Vote writers refuse likes because they cannot read them.",
        fires=Case(
            {
                'baijia_orders_total{log="vote.3",outcome="counted"}': growing(100),
                'baijia_orders_total{log="vote.3",outcome="order-unreadable"}': late(steps=50),
            },
            ({},),
        ),
        quiet=Case(
            {
                'baijia_orders_total{log="vote.3",outcome="counted"}': growing(100),
                'baijia_orders_total{log="vote.3",outcome="order-unreadable"}': steady(7),
            }
        ),
    ),
    Alert(
        name="DeadLetters",
        expr="max(baijia_dead_letter_messages) > 0",
        for_s=0,
        pages=True,
        summary="Messages could not be read as batches of likes: likes that were answered as accepted are not counted.",
        fires=Case({'baijia_dead_letter_messages{process="clock"}': steady(1)}, ({},)),
        quiet=Case({'baijia_dead_letter_messages{process="clock"}': steady(0)}),
    ),
    Alert(
        name="Shedding",
        expr="max(baijia_shed_level) >= 1",
        for_s=120,
        pages=False,
        summary="A gateway sheds load: charts first, waiting for the result of a like last.",
        fires=Case({'baijia_shed_level{process="gateway"}': steady(2)}, ({},)),
        quiet=Case({'baijia_shed_level{process="gateway"}': steady(0)}),
    ),
)
