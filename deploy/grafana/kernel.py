"""Dashboard of logs and processes: followers, processes and engines behind the likes."""

from deploy.grafana.panel import Dashboard, Panel, quantiles

DASHBOARD = Dashboard(
    "baijia-kernel",
    "百家 · 日志与进程 Logs and processes",
    {
        "追随 Following": (
            Panel(
                title="排名滞后 Ranking lag",
                about="Age of the oldest commit that is not folded yet, by log. SLO: below 5 s.",
                lines={"{{log}}": 'max by (log) (baijia_lag_seconds{role="projector"})'},
                unit="s",
                limit=5,
            ),
            Panel(
                title="滞后 Lag of other followers",
                about="Age of the oldest commit that is not applied yet, by role and log.",
                lines={"{{role}} {{log}}": 'max by (role, log) (baijia_lag_seconds{role!="projector"})'},
                unit="s",
                limit=15,
            ),
            Panel(
                title="滞后提交数 Commits behind",
                about="Number of commits that are not applied yet, by role and log.",
                lines={"{{role}} {{log}}": "max by (role, log) (baijia_lag_commits)"},
            ),
            Panel(
                title="网关落后 Gateway views behind the relay",
                about="Commits that were relayed but are not yet in what the public sees.",
                lines={
                    "{{log}} {{process}}": (
                        'max by (log) (baijia_position{role="relay"}) - on (log) group_right () '
                        'max by (log, process) (baijia_position{role="gateway"})'
                    )
                },
            ),
            Panel(
                title="应用时的年龄 Age of commits when applied",
                about="How old a commit is when a follower applies it; this is the delay that readers see.",
                lines=quantiles("baijia_applied_age_seconds", "role"),
                unit="s",
            ),
            Panel(
                title="停住、空洞、重复 Stopped, holes, repeats",
                about="A stopped follower waits for corrected code.",
                lines={
                    "stopped {{role}}": "max by (role) (baijia_follower_stopped)",
                    "holes {{role}} /s": "sum by (role) (rate(baijia_holes_total[1m]))",
                    "repeats {{role}} /s": "sum by (role) (rate(baijia_repeats_total[1m]))",
                },
            ),
        ),
        "进程 Processes": (
            Panel(
                title="未就绪 Not ready",
                about="1 if a check of /readyz fails.",
                lines={"{{process}} {{check}}": "1 - min by (process, check) (baijia_ready)"},
                limit=1,
            ),
            Panel(
                title="请求 Requests by status",
                about="All routes except the static files of pages.",
                lines={"{{status}}": "sum by (status) (rate(baijia_http_answers_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="命令结果 Commands by outcome",
                about="Commands to the services, and voters' orders to the vote writers.",
                lines={"{{outcome}}": "sum by (outcome) (rate(baijia_orders_total[1m]))"},
                unit="reqps",
            ),
            Panel(
                title="事件循环 Event loop delay",
                about="At 250 ms the gateway begins to shed load.",
                lines={"{{process}}": "max by (process) (baijia_loop_lag_seconds)"},
                unit="s",
                limit=0.25,
            ),
            Panel(
                title="视图年龄 Age of views",
                about="Seconds since a gateway received anything from ranking. It asks every 30 s.",
                lines={"{{process}}": "max by (process) (baijia_views_age_seconds)"},
                unit="s",
                limit=90,
            ),
            Panel(
                title="提交 Commits per second",
                about="By log.",
                lines={"{{log}}": "sum by (log) (rate(baijia_events_a_commit_count[1m]))"},
            ),
        ),
        "引擎 Engines": (
            Panel(
                title="存储用时 Store latency",
                about="Inserts only, with majority and journal.",
                lines=quantiles("baijia_store_seconds", where='{operation="insert"}'),
                unit="s",
                limit=0.5,
            ),
            Panel(
                title="时钟差 Clock difference from the store",
                about="Likes are accepted by the wall clock.",
                lines={"ahead {{process}}": "baijia_clock_drift_seconds"},
                unit="s",
                limit=1,
            ),
            Panel(
                title="RabbitMQ",
                about="An alarm blocks every publisher.",
                lines={
                    "memory alarm": "max(rabbitmq_alarms_memory_used_watermark)",
                    "disk alarm": "max(rabbitmq_alarms_free_disk_space_watermark)",
                    "messages ready": "sum(rabbitmq_queue_messages_ready)",
                },
            ),
        ),
    },
)
