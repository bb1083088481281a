"""Alerts about requests to be forgotten that could not be carried out in time."""

from deploy.prometheus.alert import TICKS, Alert, Case, steady

ALERTS = (
    Alert(
        name="ForgettingLate",
        expr="max(baijia_unforgotten_persons) > 0",
        for_s=600,
        pages=False,
        summary="A person unsubscribed and could not be forgotten for ten minutes.",
        fires=Case({'baijia_unforgotten_persons{process="gateway-1"}': steady(1)}, ({},)),
        quiet=Case({'baijia_unforgotten_persons{process="gateway-1"}': "1x30 0x30"}),
    ),
    Alert(
        name="KeysNotDestroyed",
        expr="max(baijia_forgetting_age_seconds) > 900",
        for_s=0,
        pages=False,
        summary="For a quarter of an hour, keys of persons who asked to be forgotten could not be destroyed.",
        fires=Case({'baijia_forgetting_age_seconds{process="clock"}': f"300+15x{TICKS}"}, ({},)),
        quiet=Case({'baijia_forgetting_age_seconds{process="clock"}': steady(170)}),
    ),
)
