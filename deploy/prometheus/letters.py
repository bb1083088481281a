"""Alerts about letters to units and staff."""

from deploy.prometheus.alert import TICKS, Alert, Case, steady

ALERTS = (
    Alert(
        name="LettersFailed",
        expr="max(baijia_failed_letters) > 0",
        for_s=300,
        pages=False,
        summary="Letters could not be delivered, or nobody knows whether they were; an organiser must decide.",
        fires=Case({'baijia_failed_letters{process="clock"}': steady(2)}, ({},)),
        quiet=Case({'baijia_failed_letters{process="clock"}': steady(0)}),
    ),
    Alert(
        name="LettersLate",
        expr="max(baijia_letters_age_seconds) > 600",
        for_s=0,
        pages=False,
        summary="For ten minutes the sender of letters has finished no round.",
        fires=Case({'baijia_letters_age_seconds{process="clock"}': f"300+15x{TICKS}"}, ({},)),
        quiet=Case({'baijia_letters_age_seconds{process="clock"}': steady(35)}),
    ),
)
