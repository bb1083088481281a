"""The dashboard of like week: what a voter notices, top to bottom in the order in which it is looked at."""

from deploy.grafana.panel import Dashboard, Panel, quantiles


def _share(answer: str) -> str:
    return f'sum(rate(baijia_likes_total{{answer="{answer}"}}[1m])) / sum(rate(baijia_likes_total[1m]))'


DASHBOARD = Dashboard(
    "baijia-like-week",
    "百家 · 点赞周 Like week",
    {
        "点赞 Likes": (
            Panel(
                title="回答 Answers a second",
                about="counted is on disk; accepted has a ticket; busy is 429; away is 503.",
                lines={"{{answer}}": "sum by (answer) (rate(baijia_likes_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="用时 Time of a like",
                about="From the request to the answer, at the gateway. SLO: p95 below 0.3 s.",
                lines=quantiles("baijia_like_seconds"),
                unit="s",
                limit=0.3,
            ),
            Panel(
                title="拒绝原因 Refused by reason",
                about="window-closed in a crowd: look at the clock and the window.",
                lines={"{{code}}": "sum by (code) (rate(baijia_like_refusals_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="入口 By door",
                about="A door that falls to nothing while others go on is a door that is shut.",
                lines={"{{door}}": "sum by (door) (rate(baijia_door_likes_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="重复与被拒 Repeated and refused",
                about="Shares of all answers.",
                lines={"already": _share("already"), "refused": _share("refused")},
                unit="percentunit",
            ),
            Panel(
                title="降级 Shedding",
                about="1 charts, 2 search, 3 lists are old, 4 likes are queued without waiting.",
                lines={
                    "level {{process}}": "max by (process) (baijia_shed_level)",
                    "shed {{class}} /s": "sum by (class) (rate(baijia_shed_answers_total[1m]))",
                },
                limit=1,
            ),
        ),
        "队列与写入 Queues and writers": (
            Panel(
                title="等待 Wait in the queue",
                about="By partition, measured by an empty batch that passes through. More writers help.",
                lines={"{{partition}}": "max by (partition) (baijia_queue_oldest_age_seconds)"},
                unit="s",
                limit=5,
            ),
            Panel(
                title="队列长度 Batches waiting",
                about="20,000 is full: then voters are told 429. Dead letters: what was no batch.",
                lines={
                    "{{partition}}": "max by (partition) (baijia_queue_depth_messages)",
                    "dead letters": "max(baijia_dead_letter_messages)",
                },
            ),
            Panel(
                title="分区归属 Partitions a writer has",
                about="`make status` says which.",
                lines={"{{process}} {{instance}}": "sum by (process, instance) (baijia_partition_active)"},
            ),
            Panel(
                title="每批点赞 Likes in a batch",
                about="Few: the gateway waits for few. Many: it gathers, and appends are slower than arrivals.",
                lines=quantiles("baijia_batch_likes"),
            ),
            Panel(
                title="写入用时 Time of an append",
                about="Decision and insert, by log.",
                lines={
                    "p99 {{log}}": "histogram_quantile(0.99, sum by (le, log) (rate(baijia_append_seconds_bucket[1m])))"
                },
                unit="s",
            ),
            Panel(
                title="每次提交的事件 Events in a commit",
                about="The mean, by log. 256 is full.",
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
                about="Anything but ok is looked at by its call.",
                lines={"{{call}} {{outcome}}": "sum by (call, outcome) (rate(baijia_wechat_calls_total[1m]))"},
                unit="reqps",
                width=12,
            ),
            Panel(
                title="额度 Refused for the quota, in a day",
                about="WeChat's day ends at midnight in Shanghai.",
                lines={"{{call}}": 'sum by (call) (increase(baijia_wechat_calls_total{outcome="quota"}[1d]))'},
                limit=1,
                width=12,
            ),
            Panel(
                title="熔断 Breakers",
                about="1 while WeChat is not asked, for it failed.",
                lines={"{{account}} {{call}}": "max by (account, call) (baijia_wechat_breaker_open)"},
                limit=1,
                width=12,
            ),
            Panel(
                title="推送 Pushes by answer",
                about="late: the answer came by itself after five seconds. refused: not signed by WeChat.",
                lines={"{{answer}}": "sum by (answer) (rate(baijia_wechat_pushes_total[1m]))"},
                unit="reqps",
                width=12,
            ),
        ),
        "准入 Admission": (
            Panel(
                title="准入 Likes by verdict",
                about="none is free; challenge was worked for; hold is pending.",
                lines={"{{verdict}}": "sum by (verdict) (rate(baijia_admission_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="验证 Challenges",
                about="declined by many: a page of ours does not solve them, or machines do not.",
                lines={"{{outcome}}": "sum by (outcome) (rate(baijia_challenges_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="点赞券 Tickets that did not hold",
                about="expired: the page was open for longer than ten minutes.",
                lines={"{{reason}}": "sum by (reason) (rate(baijia_like_tickets_refused_total[1m]))"},
                unit="reqps",
            ),
        ),
    },
)
