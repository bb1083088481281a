"""Texts of the home page by phase, the exhibition's filter and the big screen: key → (Chinese, English). Data only."""

WORDS: dict[str, tuple[str, str]] = {
    "home.judging.open": (
        "专家正在评审。点赞结果已经公布，见点赞榜。",
        "Experts are judging. Likes are final, and the leaderboards show them.",
    ),
    "cards.rest": ("再看 {count} 个", "{count} more"),
    "home.winners": (
        "各类前列的成果，全部名单见公示。",
        "First of each type; the notice lists all.",
    ),
    "home.winners.all": ("全部入选名单（{count} 个）", "All winners ({count})"),
    "about.boards": (
        "{site}：各类单位、各主题、各地区的点赞榜。",
        "{site}: leaderboards by unit type, theme and city.",
    ),
    "about.exhibition": (
        "{site}成果展播：按类型、主题、地区查看，也可以搜索。",
        "Exhibition of {site}: browse by type, theme and city, or search.",
    ),
    "about.schedule": ("{site}各阶段的起止时间。", "When each phase of {site} begins and ends."),
    "about.rules": ("{site}的评选规则，附算例。", "The rules of {site} in plain words, with a worked example."),
    "about.notice": ("{site}的入选名单公示，欢迎监督。", "The result of {site}, published for everyone to check."),
    "about.search": ("在{site}的成果中搜索。", "Search the entries of {site}."),
    "pills.chosen": ("已选条件", "Chosen filters"),
    "pills.remove": ("去掉条件：{name}", "Remove filter: {name}"),
    "pills.more": ("按类型、主题、地区筛选", "Filter by type, theme or city"),
    "exhibition.empty": ("没有符合条件的成果。", "No entry matches."),
    "screen": ("大屏", "Big screen"),
    "screen.about": ("{site}大屏：实时进展。", "{site} on a big screen, as it goes."),
    "screen.updated": ("每 {seconds} 秒自动更新", "Updates every {seconds} seconds"),
    "screen.entries": ("入围成果", "Shortlisted entries"),
    "screen.shown": ("已公开成果", "Public entries"),
    "screen.cities": ("参加地区", "Cities"),
    "screen.winners": ("入选成果", "Winners"),
    "screen.likes": ("有效点赞", "Valid likes"),
    "screen.top": ("各类点赞前列", "Most liked by unit type"),
    "screen.turns": ("成果展示（每分钟轮换）", "Entries, others every minute"),
    "screen.offline": ("连接中断，显示的是 {time} 的内容。", "No connection: this is as of {time}."),
}
