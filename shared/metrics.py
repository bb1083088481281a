"""Every metric of the product on one screen. Names end in their unit; labels never hold a person.

Promises: a label is one of `LABELS`, whose values are few and known before anybody comes: no name, no address, no id.
Nothing else in the product makes a metric (a test reads the sources). What each is for: docs/operations.md.
"""

from prometheus_client import Counter, Gauge, Histogram

#: What a label may hold, as a pattern of the whole value.
LABELS = {
    "account": r"wx[0-9a-f]{16}|service|subscription|none",  # an account of ours in WeChat, by its appid or its table
    "answer": r"counted|pending|already|gone|shown|refused|accepted|busy|away|answered|late|again",
    "call": r"[a-z][a-z0-9_/]{0,39}",  # the name of a WeChat call in our own code
    "check": r"broker|views|likes|caught-up|ledger|keeping-up|following|consuming|connected|ticking|wechat",
    "class": r"chart|search|list",
    "code": r"[a-z][a-z0-9-]{0,59}",  # of a problem
    "door": r"dev|web|wechat|mini|text",
    "kind": r"[a-z][a-z_-]{0,39}",  # of a push of WeChat's, as our code names it
    "log": r"moderation|submission|scoring|ranking|vote\.cases|vote\.\d{1,3}",
    "operation": r"insert|get|read",
    "outcome": r"[a-z][a-z0-9_-]{0,59}",
    "partition": r"\d{1,3}",
    "reason": r"[a-z][a-z-]{0,39}",
    "role": r"submission|moderation|scoring|ranking|vote\.cases|relay|projector|rebuild|follower|vote-writer|gateway",
    "route": r"(GET|POST|PUT|DELETE) /[A-Za-z0-9_.{}/-]*",  # as the table of routes writes it, not as it was asked for
    "status": r"[1-5]\d\d",
    "verdict": r"[a-z][a-z0-9-]{0,19}",  # of admission
}
_QUICK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1, 3, 5, 10)

# The gateway

#: HTTP answers by route and status.
HTTP = Counter("baijia_http_answers_total", "HTTP answers", ["route", "status"])
#: Likes by their answer: counted, already, refused, accepted, busy, away.
LIKES = Counter("baijia_likes_total", "Likes answered", ["answer"])
#: Orders of likes, and looks at one's own, by the door that they came through.
DOORS = Counter("baijia_door_likes_total", "Likes by door", ["door"])
#: Likes that the writer refused, by its code. What admission refuses never reaches it, and is counted in
#: `baijia_admission_total` and `baijia_like_tickets_refused_total`.
REFUSALS = Counter("baijia_like_refusals_total", "Likes refused", ["code"])
#: From a like's request to its answer.
LIKE_S = Histogram("baijia_like_seconds", "Time of a like at the gateway", buckets=_QUICK_S)
#: Orders in one message to a partition.
BATCH_LIKES = Histogram("baijia_batch_likes", "Orders in a batch", buckets=(1, 4, 16, 64, 256, 1024))
#: 0: nothing is shed; 1 charts; 2 search; 3 lists are old; 4 likes are queued without waiting.
SHED_LEVEL = Gauge("baijia_shed_level", "How much the gateway sheds")
#: What was shed: answered 503, or a list from what was kept.
SHED = Counter("baijia_shed_answers_total", "Answers shed", ["class"])
#: How late the gateway's own timer is.
LOOP_LAG_S = Gauge("baijia_loop_lag_seconds", "Delay of the event loop")
#: Seconds since ranking, or its stream, told this gateway anything.
VIEWS_AGE_S = Gauge("baijia_views_age_seconds", "Time since a view was told")

# Admission, and the doors of WeChat

#: Likes that admission let in: none (free), challenge and challenge8 (worked for), hold (pending); and too-fast orders.
ADMISSION = Counter("baijia_admission_total", "Like orders weighed by admission", ["verdict"])
#: Like tickets that did not hold: missing, expired, used, foreign.
TICKETS_REFUSED = Counter("baijia_like_tickets_refused_total", "Like tickets refused", ["reason"])
#: Proof-of-work challenges: issued, solved, failed, declined (the client would not solve it).
CHALLENGES = Counter("baijia_challenges_total", "Proof-of-work challenges", ["outcome"])
#: Questions to WeChat, each try of each, by what came of it: ok, busy, quota, misconfigured, not-asked …
WECHAT_CALLS = Counter("baijia_wechat_calls_total", "Questions to WeChat", ["call", "outcome"])
#: 1 from the failure that stops an account's questions of a kind until one of them comes through again.
WECHAT_BREAKER = Gauge("baijia_wechat_breaker_open", "WeChat is not asked for now", ["account", "call"])
#: Pushes of WeChat's servers by account, kind, and what became of them: answered, late, again, refused.
WECHAT_PUSHES = Counter("baijia_wechat_pushes_total", "Pushes from WeChat", ["account", "kind", "answer"])

# Who asked to be forgotten

#: Persons who unsubscribed, and whom this gateway could not have forgotten yet. It tries on as long as it lives.
UNFORGOTTEN = Gauge("baijia_unforgotten_persons", "Persons who unsubscribed and are not forgotten yet")
#: How long ago all who had asked for it by then were forgotten: it grows while their keys cannot be destroyed.
FORGETTING_AGE_S = Gauge("baijia_forgetting_age_seconds", "Time since the last whole pass of the forgetter")

# Logs and those who append to them

#: Commits that this process appended, by log.
COMMITS = Counter("baijia_commits_total", "Commits appended", ["log"])
#: Events in a commit, by log: how much group commit gathers.
EVENTS_A_COMMIT = Histogram("baijia_events_a_commit", "Events in a commit", ["log"], buckets=(1, 4, 16, 64, 256))
#: How long an append took, decision and insert, in seconds.
APPEND_S = Histogram("baijia_append_seconds", "Time of an append", ["log"], buckets=_QUICK_S)
#: Outcomes of orders: counted, refused by code, nothing new, repeated.
ORDERS = Counter("baijia_orders_total", "Orders answered", ["log", "outcome"])
#: How long the store took, by what it was asked. Failures are in it, as long as they lasted.
STORE_S = Histogram("baijia_store_seconds", "Time of the store", ["operation"], buckets=_QUICK_S)

# Those who follow

#: The last commit that a follower or relay has dealt with, by log.
POSITION = Gauge("baijia_position", "Last commit dealt with", ["role", "log"])
#: Age of a commit when it was applied: the lag that a reader sees.
APPLIED_AGE_S = Histogram("baijia_applied_age_seconds", "Age of a commit when applied", ["role"], buckets=_QUICK_S)
#: Commits in the ledger that are not dealt with yet, by log.
LAG_COMMITS = Gauge("baijia_lag_commits", "Commits not dealt with", ["role", "log"])
#: Age of the oldest commit that is not dealt with, 0 where there is none: it grows while a follower stands still.
LAG_S = Gauge("baijia_lag_seconds", "Age of the oldest commit not dealt with", ["role", "log"])
#: Commits dropped because they were held already.
REPEATS = Counter("baijia_repeats_total", "Commits dropped as repeats", ["role"])
#: Commits fetched from the ledger because the broker skipped them.
HOLES = Counter("baijia_holes_total", "Commits fetched from the ledger to fill a hole", ["role"])
#: 1 while a follower stands still because an event could not be applied.
STOPPED = Gauge("baijia_follower_stopped", "A follower stands still", ["role"])

# The queues of likes, and the process itself

#: Messages that wait in a partition's queue.
QUEUE_DEPTH = Gauge("baijia_queue_depth_messages", "Batches waiting", ["partition"])
#: How long a batch waits there now: measured by an empty batch that passes through, or still waits.
QUEUE_AGE_S = Gauge("baijia_queue_oldest_age_seconds", "Wait in a partition's queue", ["partition"])
#: Messages that were no batch, and went to the queue of the dead.
NO_BATCHES = Counter("baijia_no_batch_messages_total", "Messages that were no batch", ["partition"])
#: Messages in the queue of the dead: each may hold likes that voters were told are accepted.
DEAD_LETTERS = Gauge("baijia_dead_letter_messages", "Messages in the queue of the dead")
#: 1 where this vote writer was given a batch of the partition lately.
ACTIVE = Gauge("baijia_partition_active", "This writer has the partition", ["partition"])
#: This machine's clock ahead of the store's.
DRIFT_S = Gauge("baijia_clock_drift_seconds", "Clock ahead of the store's")
#: 1 where a check of `/readyz` holds, 0 where it does not.
READY = Gauge("baijia_ready", "A check of readiness holds", ["check"])
