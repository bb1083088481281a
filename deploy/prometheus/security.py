"""Alerts about sign-in and access: guessing of passwords, forged sessions, and readers outside their role."""

from deploy.prometheus.alert import Alert, Case, growing, steady


def _events(event: str, samples: str) -> dict[str, str]:
    return {f'baijia_security_events_total{{event="{event}",process="gateway-1"}}': samples}


ALERTS = (
    Alert(
        name="SignInsRefused",
        expr='sum(increase(baijia_security_events_total{event=~"sign-in-refused|sign-in-paced"}[10m])) > 60',
        for_s=0,
        pages=True,
        summary="In ten minutes more than sixty attempts to sign in were refused: somebody may be guessing passwords.",
        fires=Case(_events("sign-in-refused", growing(2)) | _events("sign-in-paced", growing(2)), ({},)),
        quiet=Case(_events("sign-in-refused", growing(1)) | _events("signed-in", growing(100))),
    ),
    Alert(
        name="AccessRefused",
        expr='sum by (event) (increase(baijia_security_events_total{event=~"role-refused|session-refused"}[10m])) > 60',
        for_s=0,
        pages=False,
        summary="In ten minutes more than sixty requests came with a forged session or for what a role may not do.",
        fires=Case(_events("session-refused", growing(3)), ({"event": "session-refused"},)),
        quiet=Case(_events("session-refused", growing(1)) | _events("role-refused", steady(500))),
    ),
    Alert(
        name="CallsRefused",
        expr='sum(increase(baijia_security_events_total{event="call-refused"}[10m])) > 0',
        for_s=0,
        pages=True,
        summary="A service refused a call that nobody of ours signed: keys differ, or somebody else is at the broker.",
        fires=Case(_events("call-refused", growing(1)), ({},)),
        quiet=Case(_events("call-refused", steady(3)) | _events("role-refused", growing(100))),
    ),
    Alert(
        name="SealedWordsRead",
        expr='sum(increase(baijia_security_events_total{event="sealed-words-read"}[1h])) > 500',
        for_s=0,
        pages=False,
        summary="In an hour, letters or names that are stored sealed were read more than five hundred times.",
        fires=Case(_events("sealed-words-read", growing(20)), ({},)),
        quiet=Case(_events("sealed-words-read", growing(5))),
    ),
)
