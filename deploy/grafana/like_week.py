"""Dashboard of like week: what voters notice comes first, then its causes, in the order in which to look."""

from deploy.grafana.panel import Dashboard, Panel, quantiles


def _share(answer: str) -> str:
    return f'sum(rate(baijia_likes_total{{answer="{answer}"}}[1m])) / sum(rate(baijia_likes_total[1m]))'


DASHBOARD = Dashboard(
    "baijia-like-week",
    "百家 · 点赞周 Like week",
    {
        "点赞 Likes": (
            Panel(
                title="回答 Answers per second",
                about="counted: on disk. accepted: the voter has an order ticket. busy: 429. away: 503.",
                lines={"{{answer}}": "sum by (answer) (rate(baijia_likes_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="用时 Like latency",
                about="From request to answer at the gateway. SLO: p95 below 0.3 s.",
                lines=quantiles("baijia_like_seconds"),
                unit="s",
                limit=0.3,
            ),
            Panel(
                title="拒绝原因 Refusals by reason",
                about="Many window-closed: check the clock and the window.",
                lines={"{{code}}": "sum by (code) (rate(baijia_like_refusals_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="入口 Likes by door",
                about="A door that drops to zero while the others go on is broken.",
                lines={"{{door}}": "sum by (door) (rate(baijia_door_likes_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="重复与被拒 Repeated and refused",
                about="Share of all answers.",
                lines={"already": _share("already"), "refused": _share("refused")},
                unit="percentunit",
            ),
            Panel(
                title="降级 Load shedding",
                about="1: no charts. 2: no search. 3: old lists. 4: likes are queued without waiting for the writer.",
                lines={
                    "level {{process}}": "max by (process) (baijia_shed_level)",
                    "shed {{class}} /s": "sum by (class) (rate(baijia_shed_answers_total[1m]))",
                },
                limit=1,
            ),
        ),
        "队列与写入 Queues and writers": (
            Panel(
                title="等待 Waiting time in the queue",
                about="By partition, measured by an empty batch that passes through the queue. More writers help.",
                lines={"{{partition}}": "max by (partition) (baijia_queue_oldest_age_seconds)"},
                unit="s",
                limit=5,
            ),
            Panel(
                title="队列长度 Batches waiting",
                about="A queue is full at 20,000; then voters get 429. Dead letters: unreadable messages.",
                lines={
                    "{{partition}}": "max by (partition) (baijia_queue_depth_messages)",
                    "dead letters": "max(baijia_dead_letter_messages)",
                },
            ),
            Panel(
                title="分区归属 Partitions per writer",
                about="`make status` lists them.",
                lines={"{{process}} {{instance}}": "sum by (process, instance) (baijia_partition_active)"},
            ),
            Panel(
                title="每批点赞 Likes per batch",
                about="Small batches: likes arrive slowly. Large batches: they arrive faster than they are appended.",
                lines=quantiles("baijia_batch_likes"),
            ),
            Panel(
                title="写入用时 Append latency",
                about="Decision and insert, by log.",
                lines={
                    "p99 {{log}}": "histogram_quantile(0.99, sum by (le, log) (rate(baijia_append_seconds_bucket[1m])))"
                },
                unit="s",
            ),
            Panel(
                title="每次提交的事件 Events per commit",
                about="The mean, by log. A commit is full at 256.",
                lines={
                    "{{log}}": (
                        "sum by (log) (rate(baijia_events_a_commit_sum[1m])) / "
                        "sum by (log) (rate(baijia_events_a_commit_count[1m]))"
                    )
                },
            ),
        ),
        "微信 WeChat": (
            Panel(
                title="调用 Calls by outcome",
                about="For any outcome except ok, look at the call.",
                lines={"{{call}} {{outcome}}": "sum by (call, outcome) (rate(baijia_wechat_calls_total[1m]))"},
                unit="reqps",
                width=12,
            ),
            Panel(
                title="额度 Quota refusals per day",
                about="WeChat's day ends at midnight in Shanghai.",
                lines={"{{call}}": 'sum by (call) (increase(baijia_wechat_calls_total{outcome="quota"}[1d]))'},
                limit=1,
                width=12,
            ),
            Panel(
                title="熔断 Circuit breakers",
                about="1 while calls are not sent to WeChat because earlier ones failed.",
                lines={"{{account}} {{call}}": "max by (account, call) (baijia_wechat_breaker_open)"},
                limit=1,
                width=12,
            ),
            Panel(
                title="推送 Pushes by answer",
                about="late: the answer took over five seconds and was sent separately. refused: not signed by WeChat.",
                lines={"{{answer}}": "sum by (answer) (rate(baijia_wechat_pushes_total[1m]))"},
                unit="reqps",
                width=12,
            ),
        ),
        "准入 Admission": (
            Panel(
                title="准入 Likes by verdict",
                about="none: accepted without conditions. challenge: accepted after a challenge. hold: pending.",
                lines={"{{verdict}}": "sum by (verdict) (rate(baijia_admission_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="验证 Challenges",
                about="Many declined: either one of our pages does not solve them, or bots do not.",
                lines={"{{outcome}}": "sum by (outcome) (rate(baijia_challenges_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="点赞券 Refused like tickets",
                about="expired: the page was open for more than ten minutes.",
                lines={"{{reason}}": "sum by (reason) (rate(baijia_like_tickets_refused_total[1m]))"},
                unit="reqps",
            ),
        ),
    },
)
