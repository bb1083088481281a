"""Every metric of the product on one screen. Names end in their unit; labels never hold a person."""

from prometheus_client import Counter, Gauge, Histogram

#: Commits that this process appended, by log.
COMMITS = Counter("baijia_commits_total", "Commits appended", ["log"])
#: Events in a commit, by log: how much group commit gathers.
EVENTS_A_COMMIT = Histogram("baijia_events_a_commit", "Events in a commit", ["log"], buckets=(1, 4, 16, 64, 256))
#: How long an append took, decision and insert, in seconds.
APPEND_S = Histogram("baijia_append_seconds", "Time of an append", ["log"])
#: Outcomes of orders: counted, refused by code, nothing new, repeated.
ORDERS = Counter("baijia_orders_total", "Orders answered", ["log", "outcome"])
#: The last commit that a follower or relay has dealt with, by log.
POSITION = Gauge("baijia_position", "Last commit dealt with", ["role", "log"])
#: Seconds between a commit's time and its being applied here.
LAG_S = Gauge("baijia_lag_seconds", "Age of the last commit when it was applied", ["role", "log"])
#: Commits dropped because they were held already.
REPEATS = Counter("baijia_repeats_total", "Commits dropped as repeats", ["role"])
#: Commits fetched from the ledger because the broker skipped them.
HOLES = Counter("baijia_holes_total", "Commits fetched from the ledger to fill a hole", ["role"])
#: 1 while a follower stands still because an event could not be applied.
STOPPED = Gauge("baijia_follower_stopped", "A follower stands still", ["role"])
#: HTTP answers by route and status.
HTTP = Counter("baijia_http_answers_total", "HTTP answers", ["route", "status"])
#: Likes by their answer: counted, already, refused, accepted, busy, away.
LIKES = Counter("baijia_likes_total", "Likes answered", ["answer"])
#: Questions to WeChat, each try of each, by what came of it: ok, busy, quota, misconfigured, not-asked …
WECHAT_CALLS = Counter("baijia_wechat_calls_total", "Questions to WeChat", ["call", "outcome"])
#: 1 from the failure that stops an account's questions of a kind until one of them comes through again.
WECHAT_BREAKER = Gauge("baijia_wechat_breaker_open", "WeChat is not asked for now", ["account", "call"])
#: Pushes of WeChat's servers by account, kind, and what became of them: answered, late, again, refused.
WECHAT_PUSHES = Counter("baijia_wechat_pushes_total", "Pushes from WeChat", ["account", "kind", "answer"])
#: Likes that admission let in: none (free), challenge and challenge8 (worked for), hold (pending); and too-fast orders.
ADMISSION = Counter("baijia_admission_total", "Like orders weighed by admission", ["verdict"])
#: Like tickets that did not hold: missing, expired, used, foreign.
TICKETS_REFUSED = Counter("baijia_like_tickets_refused_total", "Like tickets refused", ["reason"])
#: Proof-of-work challenges: issued, solved, failed, declined (the client would not solve it).
CHALLENGES = Counter("baijia_challenges_total", "Proof-of-work challenges", ["outcome"])
