"""Every Prometheus metric of the product in one module. Names end in their unit; labels never identify a person.

Promises: each label is a key of `LABELS`, and its values are few and known in advance: no name, no address, no id. Only
this module defines metrics (a test reads the sources). docs/reference/service-levels.md says which metric measures
which promise.
"""

from prometheus_client import Counter, Gauge, Histogram

#: The labels, each with the pattern that its whole value must match.
LABELS = {
    "account": r"wx[0-9a-f]{16}|service|subscription|none",  # our WeChat account, by appid or table
    "answer": r"counted|pending|already|gone|shown|refused|accepted|busy|away|answered|late|again",
    "call": r"[a-z][a-z0-9_/]{0,39}",  # our own code's name for a WeChat call
    "check": r"broker|views|likes|caught-up|rpc|ledger|keeping-up|following|consuming|connected|ticking|working|wechat",
    "class": r"chart|search|list",
    "code": r"[a-z][a-z0-9-]{0,59}",  # of a problem response or a refusal
    "door": r"dev|web|wechat|mini|text",
    "event": (  # of the security log
        r"signed-in|signed-out|sign-in-refused|sign-in-paced|session-refused|role-refused|origin-refused"
        r"|credentials-changed|staff-changed|original-read|call-refused|sealed-words-read|forgetting-ordered|left-out"
        r"|stepped-up|step-up-refused|network-refused"
    ),
    "kind": r"[a-z][a-z_-]{0,39}",  # our own code's name for a kind of WeChat push
    "log": r"moderation|submission|scoring|ranking|vote\.cases|vote\.\d{1,3}",
    "operation": r"insert|get|read",
    "outcome": r"[a-z][a-z0-9_-]{0,59}",
    "partition": r"\d{1,3}",
    "reason": r"[a-z][a-z-]{0,39}",
    "role": r"submission|moderation|scoring|ranking|vote\.cases|relay|projector|rebuild|follower|vote-writer|gateway",
    "route": r"(GET|POST|PUT|PATCH|HEAD|DELETE|OPTIONS) /[A-Za-z0-9_.{}/-]*",  # the pattern of the route table
    "state": r"waiting|running|done|failed",
    "status": r"[1-5]\d\d",
    "verdict": r"[a-z][a-z0-9-]{0,19}",  # of admission: what was charged for an order
}
_QUICK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1, 3, 5, 10)

# The gateway

#: HTTP responses by route and status.
HTTP = Counter("baijia_http_answers_total", "HTTP answers", ["route", "status"])
#: Orders of likes by the answer to the voter: counted, already, refused, accepted, busy, away.
LIKES = Counter("baijia_likes_total", "Likes answered", ["answer"])
#: Orders of likes, and voters' requests for their own likes, by the voter's door (how the voter came).
DOOR_LIKES = Counter("baijia_door_likes_total", "Likes by door", ["door"])
#: Likes that the vote writer refused, by code. Orders that admission refuses never reach the writer: they are counted
#: in `baijia_admission_total` and `baijia_like_tickets_refused_total`.
REFUSALS = Counter("baijia_like_refusals_total", "Likes refused", ["code"])
#: Time from the request of a like to its answer.
LIKE_S = Histogram("baijia_like_seconds", "Time of a like at the gateway", buckets=_QUICK_S)
#: How many orders one message to a partition holds.
BATCH_LIKES = Histogram("baijia_batch_likes", "Orders in a batch", buckets=(1, 4, 16, 64, 256, 1024))
#: How much the gateway refuses under load. 0: nothing; 1: charts; 2: also search; 3: lists also come from a cache;
#: 4: likes are also queued without waiting for their outcome.
SHED_LEVEL = Gauge("baijia_shed_level", "How much the gateway sheds")
#: Requests that were shed: answered 503, or with a cached list.
SHED = Counter("baijia_shed_answers_total", "Answers shed", ["class"])
#: How late a timer of the gateway's event loop fires.
LOOP_LAG_S = Gauge("baijia_loop_lag_seconds", "Delay of the event loop")
#: Seconds since ranking, or its stream, last sent this gateway anything.
VIEWS_AGE_S = Gauge("baijia_views_age_seconds", "Time since the last message about a view")

# Security

#: Events of the security log, also those that a flood left out of it.
SECURITY = Counter("baijia_security_events_total", "Security events", ["event"])

# Admission and WeChat

#: Likes that admission let in: none (free), challenge and challenge8 (after proof of work), hold (pending); and
#: orders that came too fast.
ADMISSION = Counter("baijia_admission_total", "Like orders weighed by admission", ["verdict"])
#: Like tickets that admission refused: missing, expired, used, foreign.
LIKE_TICKETS_REFUSED = Counter("baijia_like_tickets_refused_total", "Like tickets refused", ["reason"])
#: Proof-of-work challenges: issued, solved, failed, declined (the client would not solve it).
CHALLENGES = Counter("baijia_challenges_total", "Proof-of-work challenges", ["outcome"])
#: Calls to WeChat, counting each attempt, by result: ok, busy, quota, misconfigured, not-asked …
WECHAT_CALLS = Counter("baijia_wechat_calls_total", "Calls to WeChat", ["call", "outcome"])
#: 1 from the failure that opens the circuit breaker of an account's call until that call succeeds again.
WECHAT_BREAKER = Gauge(
    "baijia_wechat_breaker_open", "The circuit breaker of a WeChat call is open", ["account", "call"]
)
#: Pushes from WeChat's servers by account, kind, and result: answered, late, again, refused.
WECHAT_PUSHES = Counter("baijia_wechat_pushes_total", "Pushes from WeChat", ["account", "kind", "answer"])

# Requests to be forgotten

#: Persons who unsubscribed and whose keys this gateway could not get destroyed yet. It retries for as long as it runs.
UNFORGOTTEN = Gauge("baijia_unforgotten_persons", "Persons who unsubscribed and are not forgotten yet")
#: Time since the last pass that forgot everyone who had asked: it grows while their keys cannot be destroyed.
FORGETTING_AGE_S = Gauge("baijia_forgetting_age_seconds", "Time since the last complete pass of key destruction")

# Letters

#: Letters that no channel could deliver, or of which nobody knows whether they went out: an organiser must decide.
FAILED_LETTERS = Gauge("baijia_failed_letters", "Letters that failed or are uncertain")
#: Time since the sender of letters last finished a round, about every five seconds.
LETTERS_AGE_S = Gauge("baijia_letters_age_seconds", "Time since the last complete round of the sender of letters")

# Logs and their writers

#: Commits that this process appended, by log.
COMMITS = Counter("baijia_commits_total", "Commits appended", ["log"])
#: Events in a commit, by log: how much group commit gathers.
EVENTS_A_COMMIT = Histogram("baijia_events_a_commit", "Events in a commit", ["log"], buckets=(1, 4, 16, 64, 256))
#: How long an append took, decision and insert, in seconds.
APPEND_S = Histogram("baijia_append_seconds", "Time of an append", ["log"], buckets=_QUICK_S)
#: Outcomes of commands: stored, nothing-new, repeated, or the code of a refusal. Vote writers count the answers to
#: orders of likes here.
ORDERS = Counter("baijia_orders_total", "Orders answered", ["log", "outcome"])
#: How long each operation of the store took. Failed operations count with the time that they took.
STORE_S = Histogram("baijia_store_seconds", "Time of the store", ["operation"], buckets=_QUICK_S)

# Followers

#: The last commit that a follower or relay has processed, by log.
POSITION = Gauge("baijia_position", "Last commit processed", ["role", "log"])
#: Age of a commit when it was applied: the lag that a reader sees.
APPLIED_AGE_S = Histogram("baijia_applied_age_seconds", "Age of a commit when applied", ["role"], buckets=_QUICK_S)
#: Commits in the ledger that are not processed yet, by log.
LAG_COMMITS = Gauge("baijia_lag_commits", "Commits not processed", ["role", "log"])
#: Age of the oldest commit that is not processed, 0 where there is none: it grows while a follower is stopped.
LAG_S = Gauge("baijia_lag_seconds", "Age of the oldest commit not processed", ["role", "log"])
#: Commits dropped because they had been applied already.
REPEATS = Counter("baijia_repeats_total", "Commits dropped as repeats", ["role"])
#: Commits fetched from the ledger because the broker skipped them.
HOLES = Counter("baijia_holes_total", "Commits fetched from the ledger to fill a hole", ["role"])
#: 1 while a follower is stopped because an event could not be applied.
STOPPED = Gauge("baijia_follower_stopped", "A follower is stopped", ["role"])

# Media

#: Jobs of the media worker by their state.
MEDIA_JOBS = Gauge("baijia_media_jobs", "Jobs of the media worker", ["state"])
#: Jobs that ended here, by outcome: done, or the code of the failure.
MEDIA_ENDED_JOBS = Counter("baijia_media_ended_jobs_total", "Jobs of the media worker that ended", ["outcome"])
#: For how long the job has waited that waits longest.
MEDIA_WAIT_S = Gauge("baijia_media_oldest_wait_seconds", "Wait of the oldest job of the media worker")

# The like queues, and the process itself

#: Messages waiting in a partition's queue.
QUEUE_DEPTH = Gauge("baijia_queue_depth_messages", "Batches waiting", ["partition"])
#: How long a batch of likes waits in a partition's queue, measured with an empty batch that goes through the queue.
QUEUE_AGE_S = Gauge("baijia_queue_oldest_age_seconds", "Wait in a partition's queue", ["partition"])
#: Messages that are not a like batch and went to the dead-letter queue.
INVALID_BATCHES = Counter("baijia_no_batch_messages_total", "Messages that are not a batch", ["partition"])
#: Messages in the dead-letter queue: each may hold likes that voters were told are accepted.
DEAD_LETTERS = Gauge("baijia_dead_letter_messages", "Messages in the dead-letter queue")
#: 1 where this vote writer received a batch of the partition lately.
ACTIVE = Gauge("baijia_partition_active", "This writer has the partition", ["partition"])
#: How far this machine's clock is ahead of the store's.
DRIFT_S = Gauge("baijia_clock_drift_seconds", "Clock ahead of the store's")
#: 1 where a check of `/readyz` passes, 0 where it fails.
READY = Gauge("baijia_ready", "A readiness check passes", ["check"])
