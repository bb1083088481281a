"""Alerts about the media worker."""

from deploy.prometheus.alert import Alert, Case, steady

ALERTS = (
    Alert(
        name="MediaJobsLate",
        expr="max(baijia_media_oldest_wait_seconds) > 900",
        for_s=300,
        pages=False,
        summary="A picture or film has waited for more than a quarter of an hour to be prepared.",
        fires=Case({'baijia_media_oldest_wait_seconds{process="media-worker"}': steady(1_200)}, ({},)),
        quiet=Case({'baijia_media_oldest_wait_seconds{process="media-worker"}': steady(300)}),
    ),
)
