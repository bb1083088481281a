"""What to do after a refusal of the command line, by its code, in Chinese and English.

The texts of the refusals of services are the gateway's (`gateway/http/problem_texts.py`); these name the command that
leads on. A code that is missing has no way out but its own text.
"""

Way = tuple[str, str]
NO_WAY: Way = ("", "")

_ENTRIES: Way = (
    "请核对海报编号（如 A012，大小写、全角均可）；`baijia rank` 列出全部编号",
    "Check the poster number, such as A012, in any case; `baijia rank` lists them all",
)
_START: Way = (
    "用 `make status` 查看，用 `make up` 启动，然后重试；什么都没有写入",
    "Look with `make status`, start it with `make up`, and try again; nothing was written",
)
_AGAIN: Way = (
    "稍后重试；用 `make status` 和 `make logs` 查看原因。命令可能已经生效，先查看再重复",
    "Try again later; `make status` and `make logs` show why. The command may have taken effect: look before repeating",
)
_OPEN: Way = (
    "先开通活动：`baijia campaign setup`（浏览器）或 `baijia campaign open FILE`；其他活动用 BAIJIA_CAMPAIGN 指定",
    "Open the campaign first: `baijia campaign setup` (browser) or `baijia campaign open FILE`;"
    " BAIJIA_CAMPAIGN chooses another campaign",
)
_CHECK: Way = ("用 `baijia campaign check FILE` 逐行检查", "Check it line by line with `baijia campaign check FILE`")
_MARKS: Way = (
    "等专家交齐评分，或用 `--as-of` 看评分之前的排名（按点赞）",
    "Wait until the judges have handed in all marks, or use `--as-of` for an earlier ranking, by likes",
)

WAYS_OUT: dict[str, Way] = {
    # Of the command line itself
    "not-running": _START,
    "engines-missing": _START,
    "store-away": (
        "用 `make status` 查看，用 `make up` 启动；地址来自 BAIJIA_MONGO_URI（没有设置时是本机启动的活动）",
        "Look with `make status`, start it with `make up`; the address is that of BAIJIA_MONGO_URI, or of the campaign"
        " that this machine started",
    ),
    "broker-away": (
        "用 `make status` 查看，用 `make up` 启动；地址来自 BAIJIA_AMQP_URI（没有设置时是本机启动的活动）",
        "Look with `make status`, start it with `make up`; the address is that of BAIJIA_AMQP_URI, or of the campaign"
        " that this machine started",
    ),
    "broker-blocked": (
        "磁盘或内存将满：用 `make status` 查看，腾出空间后重试；什么都没有写入",
        "Its disk or memory is short: look with `make status`, make room, and try again; nothing was written",
    ),
    "service-away": _START,
    "service-failed": (
        "用 `make logs` 查看这个服务的日志；命令是否生效，先查看再重复",
        "`make logs` shows the log of that service; look whether the command took effect before repeating it",
    ),
    "service-timeout": _AGAIN,
    "overdue": _AGAIN,
    "stopped": (
        "用 `baijia log show` 看这个事件，按 deploy/runbooks/FollowerStopped.md 处理",
        "Look at that event with `baijia log show`, and follow deploy/runbooks/FollowerStopped.md",
    ),
    "busy": ("几秒后重试", "Try again in a few seconds"),
    "settings-unreadable": (
        "核对 BAIJIA_ 开头的环境变量，见 docs/reference/settings.md",
        "Check the environment variables that begin with BAIJIA_, see docs/reference/settings.md",
    ),
    "corrupt": (
        "不要改动数据库；按 docs/how-to/restore.md 与备份比较",
        "Change nothing in the database; compare it with a backup, see docs/how-to/restore.md",
    ),
    "event-unreadable": (
        "这些数据由更新的版本写入，请用那个版本的 baijia",
        "A newer version wrote this data: use the `baijia` of that version",
    ),
    "file-unreadable": (
        "核对路径和权限；文本文件须为 UTF-8 编码",
        "Check the path and its permissions; text files must be UTF-8",
    ),
    "keys-missing": (
        "在活动所在的机器上运行，或把 BAIJIA_DATA 设为活动的数据目录",
        "Run this on the campaign's machine, or set BAIJIA_DATA to the campaign's data folder",
    ),
    "campaign-file-broken": _CHECK,
    "campaign-file-unreadable": _CHECK,
    "file-exists": ("换一个文件名，或先移走原文件", "Choose another name, or move that file away first"),
    "log-unknown": ("用上面列出的名称之一", "Use one of the names above"),
    "event-type-unknown": (
        "事件类型列在 docs/reference/events.md",
        "docs/reference/events.md lists the types of events",
    ),
    "rebuild-differs": (
        "先停止更改，保留两份数据，按 docs/how-to/restore.md 处理",
        "Stop changing things, keep both copies, and follow docs/how-to/restore.md",
    ),
    "key-remains": (
        "命令已经下达。用 `make status` 看 clock 进程是否在运行，按 deploy/runbooks/KeysNotDestroyed.md 处理",
        "The order stands. Look with `make status` whether the clock process runs, and follow"
        " deploy/runbooks/KeysNotDestroyed.md",
    ),
    "no-lines": ("用 `--date` 选有记录的一天", "Choose a day that has lines with `--date`"),
    "wechat-unset": (
        "在 BAIJIA_WECHAT_FILE 中写明公众号密钥文件，见 docs/how-to/wechat.md",
        "Name the file with the accounts' secrets in BAIJIA_WECHAT_FILE, see docs/how-to/wechat.md",
    ),
    "menu-missing": (
        "在活动文件里写 [[wechat.menu]]，见 docs/how-to/wechat.md",
        "Write [[wechat.menu]] into the campaign file, see docs/how-to/wechat.md",
    ),
    "dead-letters-remain": (
        "用 `baijia likes dead` 看原因，用 `baijia likes bury FOLDER` 移到文件",
        "`baijia likes dead` says why; `baijia likes bury FOLDER` moves them into files",
    ),
    "certificate-unprintable": (
        "更正单位名称后重新签发，其余证书已写好",
        "Correct the unit's name and issue it again; the other certificates are written",
    ),
    "subject-malformed": (
        "编号是受理回执上的 16 位字母和数字",
        "The number is that of the acknowledgement: 16 letters and digits",
    ),
    # Of services
    "caller-unknown": (
        '在活动所在的机器上运行，用 `eval "$(python -m deploy.manager env)"` 取得设置，特别是 BAIJIA_DATA',
        "Run this on the campaign's machine with its settings, BAIJIA_DATA above all: `eval \"$(python -m"
        ' deploy.manager env)"`',
    ),
    "role-missing": (
        "这一步须由有此身份的人登录网页 /organiser 办理",
        "Somebody with that role does this in a browser, after signing in: /organiser",
    ),
    "campaign-not-open": _OPEN,
    "campaign-is-open": (
        "此活动已在运行，规则的改动在 /organiser/campaign 提出；另开活动请换 BAIJIA_CAMPAIGN",
        "It runs already. Propose changes of its rules on /organiser/campaign; for another campaign set another"
        " BAIJIA_CAMPAIGN",
    ),
    "public-url-missing": (
        "设置 BAIJIA_PUBLIC_URL 后重启，或加 `--rehearsal` 开一次演练",
        "Set BAIJIA_PUBLIC_URL and restart, or open a rehearsal with `--rehearsal`",
    ),
    "invalid": ("按 `--help` 核对参数的写法", "Check how the arguments are written with `--help`"),
    "entry-unknown": _ENTRIES,
    "entry-not-ranked": _ENTRIES,
    "marks-missing": _MARKS,
    "too-few-marks": _MARKS,
    "seed-mismatch": (
        "密钥文件不是锁定规则时的那一份，按 docs/how-to/restore.md 恢复",
        "The key file is not the one that the rules were locked with: restore it, see docs/how-to/restore.md",
    ),
    "cut-unknown": (
        "用 `baijia rank` 输出的位置，或省略 `--as-of`",
        "Use a cut that `baijia rank` printed, or leave out `--as-of`",
    ),
    "judge-unknown": ("用 `baijia methods` 列出有评分的专家", "`baijia methods` lists the judges who have marked"),
    "day-unknown": (
        "写点赞期间的一天，如 2021-06-07；`baijia explain A012` 列出各天",
        "Write a day of like week, such as 2021-06-07; `baijia explain A012` lists the days",
    ),
    "like-unknown": (
        "文件每行写一个点赞的地址，如 vote.3/120/0；`baijia log show vote.3` 列出地址",
        "Write one address of a like per line, such as vote.3/120/0; `baijia log show vote.3` lists addresses",
    ),
    "rule-unreadable": (
        "写法见 `baijia recount --help` 和 docs/how-to/own-campaign.md",
        "See `baijia recount --help` and docs/how-to/own-campaign.md for how rules are written",
    ),
    "scenario-unknown": ("用 `baijia recount --list` 列出情景", "`baijia recount --list` lists the scenarios"),
    "scenario-exists": ("换一个名称", "Choose another name"),
    "scenarios-full": (
        "用 `baijia recount --list` 查看；不保存也可以重算",
        "`baijia recount --list` shows them; a recount works without being saved",
    ),
    "changes-unknown": ("用 `baijia changes` 列出变更组", "`baijia changes` lists the change sets"),
    "change-unknown": ("用 `baijia staff changes` 列出待确认的变更", "`baijia staff changes` lists what waits"),
    "second-person-missing": (
        "请另一位组织者在 /organiser/staff 确认",
        "Let another organiser confirm it on /organiser/staff",
    ),
    "organisers-only": (
        "请组织者在 /organiser/staff 办理",
        "Let an organiser do this on /organiser/staff",
    ),
    "last-organiser": ("先任命另一位组织者", "Appoint another organiser first"),
    "subject-unknown": (
        "写作 staff.NAME、voter.PSEUDONYM、complaint.NUMBER、objection.NUMBER 或 question.NUMBER",
        "Write staff.NAME, voter.PSEUDONYM, complaint.NUMBER, objection.NUMBER or question.NUMBER",
    ),
    "subject-in-office": (
        "先由组织者在 /organiser/staff 免职",
        "An organiser dismisses them first, on /organiser/staff",
    ),
    "list-broken": (
        "写法见 docs/how-to/own-campaign.md；文件须为 UTF-8 编码的 JSON",
        "docs/how-to/own-campaign.md shows how it is written; the file must be JSON in UTF-8",
    ),
}
