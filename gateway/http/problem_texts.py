"""The one table of problems: code → (HTTP status, Chinese, English). Data only; `problems.py` renders it.

A third pair of texts, where it stands, is the detail; `{names}` in it are filled from the facts of the occurrence.
Promises: every refusal of every domain has a line (a test reads the domains' own lists). A code never changes.
"""

from typing import NamedTuple


class Words(NamedTuple):
    status: int
    zh: str
    en: str
    detail_zh: str = ""
    detail_en: str = ""


# What the edge itself refuses.
EDGE: dict[str, Words] = {
    "not-found": Words(404, "没有这个地址", "There is nothing at this address"),
    "method-not-allowed": Words(405, "这个地址不接受此方法", "This address does not take this method"),
    "session-missing": Words(401, "请先登录", "Please sign in first"),
    "session-invalid": Words(401, "登录凭证无效，请重新登录", "This session is not valid, please sign in again"),
    "session-expired": Words(401, "登录已过期，请重新登录", "This session has ended, please sign in again"),
    "role-missing": Words(403, "您的身份不能进行此操作", "Your role does not allow this"),
    "cross-site": Words(403, "请求不是来自本站页面", "The request does not come from our own pages"),
    "login-refused": Words(401, "账号或密码（访问码）不对", "The name or the password (access code) is wrong"),
    "login-attempts": Words(
        429, "尝试次数过多，请稍后再试", "Too many attempts, please wait",
        "请在 {seconds} 秒后再试。", "Try again in {seconds} seconds.",
    ),
    "idempotency-key-missing": Words(400, "缺少请求头 Idempotency-Key", "The header Idempotency-Key is missing"),
    "idempotency-key-invalid": Words(
        400, "请求头 Idempotency-Key 不合规范", "The header Idempotency-Key is malformed",
        "须为 1 到 128 个可见的 ASCII 字符。", "It is 1 to 128 visible ASCII characters.",
    ),
    "idempotency-key-reused": Words(
        409, "同一个 Idempotency-Key 曾用于不同的内容", "This Idempotency-Key was used for another content"
    ),
    "json-broken": Words(400, "请求内容不是有效的 JSON 对象", "The body is not a valid JSON object"),
    "text-broken": Words(
        400, "文本编码无法识别", "The text's encoding is not understood",
        "请用 UTF-8，或在 Content-Type 注明 charset=gb18030。", "Use UTF-8, or say charset=gb18030 in Content-Type.",
    ),
    "invalid": Words(422, "内容格式不符合要求", "The content does not have the required shape"),
    "media-type-unknown": Words(
        415, "不支持的内容类型", "This content type is not taken",
        "此处接受 {accepted}。", "Accepted here: {accepted}.",
    ),
    "body-too-large": Words(
        413, "内容过大", "The body is too large",
        "最多 {allowed} 字节。", "At most {allowed} bytes.",
    ),
    "body-too-slow": Words(408, "内容传送太慢，已停止接收", "The body came too slowly and was given up"),
    "clock-is-real": Words(
        400, "正式活动以真实时间为准，不能指定活动时间", "A live campaign runs on real time: Campaign-Time is refused"
    ),
    "clock-before": Words(
        400, "指定的活动时间早于活动时钟", "Campaign-Time lies before the campaign's clock",
        "活动时钟现为 {now}。", "The clock stands at {now}.",
    ),
    "clock-invalid": Words(
        400,
        "Campaign-Time 须为毫秒整数，不晚于 3000 年",
        "Campaign-Time is a whole number of milliseconds, not after the year 3000",
    ),
    "position-invalid": Words(
        400, "at_least 写作 <日志>:<序号>，多个用英文逗号隔开", "at_least is <log>:<number>, several with commas"
    ),
    "position-not-reached": Words(
        503, "尚未读到所要求的位置，请稍后重试", "The position asked for has not been reached yet, please try again"
    ),
    "views-away": Words(503, "数据正在准备，请稍后重试", "The data is being prepared, please try again"),
    "service-away": Words(
        503, "服务暂时不可用，请稍后重试，操作未执行", "The service is away: nothing was done, please try again"
    ),
    "service-timeout": Words(
        503,
        "服务未及时答复，请用同一个 Idempotency-Key 重试",
        "No answer in time: repeat with the same Idempotency-Key",
    ),
    "overdue": Words(
        503,
        "服务未及时答复，请用同一个 Idempotency-Key 重试",
        "No answer in time: repeat with the same Idempotency-Key",
    ),
    "stopped": Words(
        503, "服务暂停，技术人员已收到告警", "The service has stopped at an event, and operations know",
        "停在事件 {event}。", "It stopped at event {event}.",
    ),
    "like-away": Words(
        503, "点赞服务暂时不可用，请稍后再试", "Likes cannot be taken just now, please try again"
    ),
    "busy": Words(429, "人数较多，请稍后再试", "Too many at once, please try again shortly"),
    "shed": Words(
        503, "访问人数较多，此项暂停显示，点赞不受影响，请稍后再看",
        "Too many visitors: this is not shown for now, likes are not affected, please come again shortly",
    ),
    "internal": Words(
        500, "系统出错，已记录", "Something went wrong, and it is on record",
        "如需反馈，请提供编号 {request}。", "If you report it, please quote {request}.",
    ),
    "file-name-missing": Words(
        400, "缺少请求头 File-Name", "The header File-Name is missing or malformed",
        "须为 URL 编码的文件名，最多 200 字。", "It is the URL-encoded name, at most 200 characters.",
    ),
    "file-empty": Words(422, "文件是空的", "The file is empty"),
    "file-incomplete": Words(400, "文件未传完", "The file did not arrive whole"),
    "storage-full": Words(
        503, "存储空间不足，请稍后重试", "There is no room to store the file, please try again later"
    ),
    "type-unknown": Words(422, "没有这个单位类型", "There is no such unit type"),
    "city-unknown": Words(422, "没有来自这个地区的成果", "No entry is from such a city"),
    "channel-unknown": Words(
        404, "没有这个发布渠道", "There is no such channel",
        "可选：{channels}。", "There are: {channels}.",
    ),
    "range-invalid": Words(400, "请求头 Range 不合规范", "The header Range is malformed"),
    "range-beyond": Words(
        416, "请求的部分超出文件", "The file has no such part",
        "文件共 {bytes} 字节。", "The file has {bytes} bytes.",
    ),
    "result-not-published": Words(404, "结果尚未公布", "The result has not been published"),
    "certificate-revoked": Words(410, "证书已失效，不再提供打印件", "This certificate is revoked, and is not printed"),
    "fonts-missing": Words(
        503, "服务器缺少中文字体，暂不能打印证书", "The server has no Chinese font: certificates cannot be printed",
        "可安装：{fonts}。", "Install one of: {fonts}.",
    ),
    "ticket-missing": Words(
        428, "请刷新页面后再点赞", "This order has no like ticket: load the page again",
        "缺少请求头 Like-Ticket，票据见 /api/v1/like-tickets。",
        "The header Like-Ticket is missing; tickets are at /api/v1/like-tickets.",
    ),
    "ticket-expired": Words(412, "页面已过期，请刷新后再点赞", "The like ticket has expired: load the page again"),
    "ticket-used": Words(
        409,
        "这张点赞票据已经用过，请刷新后再试",
        "This like ticket was used: take another; a repeated like counts once",
    ),
    "ticket-foreign": Words(
        412,
        "点赞票据与您的登录或成果不符，请刷新页面",
        "This like ticket is not of this session, or is for another entry",
    ),
    "too-fast": Words(429, "操作太快，请稍候再试", "Too fast, please wait a moment"),
    "challenge-needed": Words(
        403, "点赞前需要自动验证，请稍候", "A short automatic check is needed before this like",
        "请求解 challenge，将结果放入请求头 Challenge-Solution 后重试；填 none 则先受理、待核实。",
        "Solve `challenge` and repeat with the header Challenge-Solution; with `none` the like is taken as pending.",
    ),
    "ticket-unknown": Words(404, "没有这张受理单", "There is no such ticket"),
    "not-wechat": Words(403, "请求未通过校验", "The request did not pass the check"),
    "wechat-off": Words(404, "本活动未接入微信", "This campaign is not connected to WeChat"),
    "wechat-blocked": Words(
        403, "微信限制了这个账号，暂不能点赞", "WeChat restricts this account: it cannot like for now"
    ),
    "snapshot-user": Words(
        403, "这是快照页，不能点赞", "This is a snapshot page: it cannot like",
        "请点右下角“使用完整服务”，再重新打开页面。",
        "Tap “use the full service” at the bottom right, then open the page again.",
    ),
    "oauth-state": Words(
        400, "页面已过期，请重新进入", "This page is too old, please come in again",
        "请在同一个微信里重新打开页面。", "Open it again in the same WeChat.",
    ),
    "oauth-code": Words(400, "微信授权已失效，请重新进入", "WeChat's code is spent, please come in again"),
    "oauth-denied": Words(403, "未取得微信授权", "WeChat's authorisation was not given"),
    "link-first": Words(
        409, "请先在服务号里点赞一次", "Like once through the service account first",
        "之后小程序就能认出您。", "The mini-program knows you after that.",
    ),
    "link-over": Words(410, "链接已过期，请重新发送编号", "This link is over, please send the number again"),
    "handoff-over": Words(410, "二维码已过期，请刷新电脑页面", "This code is over: reload the page on the desktop"),
    "handoff-foreign": Words(403, "二维码不是这个浏览器的", "This code belongs to another browser"),
    "handoff-on-desktop": Words(
        403, "请在手机微信里确认", "Please confirm on the phone, in WeChat"
    ),
    "url-foreign": Words(403, "不是本站的网址", "This is not an address of this site"),
    "refused": Words(409, "不能进行此操作", "This cannot be done"),
}  # fmt: skip

# What submission refuses.
SUBMISSION: dict[str, Words] = {
    "campaign-not-open": Words(409, "活动尚未开始", "The campaign is not open"),
    "unit-unknown": Words(404, "名册中没有这个单位", "This unit is not in the roll"),
    "level-not-eligible": Words(
        409, "该级别的工会不在参加范围内", "Unions of this level do not take part",
        "名册中的级别是 {level}。", "The roll gives the level {level}.",
    ),
    "not-yours": Words(403, "这不是本单位的成果", "This entry is not your unit's"),
    "entry-unknown": Words(404, "没有这个成果", "There is no such entry"),
    "entry-approved": Words(409, "成果已审核通过，不能再改", "The entry is approved and stays as it is"),
    "entry-rejected": Words(409, "成果审核未通过，不能再报", "The entry was rejected"),
    "entry-withdrawn": Words(409, "成果已撤回", "The entry was withdrawn"),
    "entry-disqualified": Words(409, "成果已被取消资格", "The entry was disqualified"),
    "window-closed": Words(
        409, "不在开放时间内", "The window is not open",
        "开放时间：{start} 至 {end}（不含）。", "It is open from {start} until {end}.",
    ),
    "title-missing": Words(422, "缺少标题", "The title is missing"),
    "title-too-long": Words(
        422, "标题过长", "The title is too long",
        "现有 {counted} 字，最多 {allowed} 字。", "It has {counted} characters, at most {allowed}.",
    ),
    "profile-missing": Words(422, "缺少单位简介", "The unit's profile is missing"),
    "profile-too-long": Words(
        422, "单位简介过长", "The profile is too long",
        "现有 {counted} 字，最多 {allowed} 字。", "It has {counted} characters, at most {allowed}.",
    ),
    "text-missing": Words(422, "缺少典型材料", "The text is missing"),
    "text-too-long": Words(
        422, "典型材料过长", "The text is too long",
        "现有 {counted} 字，最多 {allowed} 字。", "It has {counted} characters, at most {allowed}.",
    ),
    "themes-missing": Words(422, "请至少选择一个主题", "Choose at least one theme"),
    "theme-unknown": Words(422, "没有这个主题", "There is no such theme", "主题 {theme}。", "Theme {theme}."),
    "theme-repeated": Words(422, "主题重复", "A theme is named twice", "主题 {theme}。", "Theme {theme}."),
    "h5-not-https": Words(422, "H5 链接须以 https:// 开头", "The H5 link must be a plain https address"),
    "file-repeated": Words(422, "同一个文件出现两次", "A file is there twice", "文件 {name}。", "File {name}."),
    "too-few-pictures": Words(
        422, "图片不足", "There are too few pictures",
        "现有 {counted} 张，至少 {required} 张。", "There are {counted}, at least {required} are needed.",
    ),
    "too-many-pictures": Words(
        422, "图片过多", "There are too many pictures",
        "现有 {counted} 张，最多 {allowed} 张。", "There are {counted}, at most {allowed}.",
    ),
    "picture-too-large": Words(422, "图片文件过大", "The picture file is too large"),
    "video-too-large": Words(422, "视频文件过大", "The video file is too large"),
    "audio-too-large": Words(422, "音频文件过大", "The audio file is too large"),
    "video-too-long": Words(422, "视频过长", "The video is too long"),
    "media-not-allowed": Words(422, "不接受这种格式的文件", "This kind of file is not taken"),
    "media-unreadable": Words(422, "文件已损坏，或不是它声称的格式", "The file is broken, or not what it claims to be"),
    "media-unsupported": Words(422, "不支持这种格式的文件", "This kind of file is not supported"),
    "media-too-large": Words(422, "图片像素过多", "The picture has too many pixels"),
    "media-timeout": Words(422, "无法在限定时间内读懂文件", "The file could not be understood in time"),
    "media-missing": Words(503, "文件暂时无法读取，请重试", "The stored file could not be read, please try again"),
    "upload-unknown": Words(404, "没有这个上传文件", "There is no such upload"),
    "consent-missing": Words(422, "请阅读并同意声明", "The declaration has not been accepted"),
    "consent-outdated": Words(409, "声明已更新，请重新阅读", "The declaration has changed, please read it again"),
    "deadline-past": Words(422, "截止时间不能早于现在", "The deadline lies in the past"),
    "deadline-past-likes": Words(422, "截止时间晚于点赞开始", "The deadline lies after likes begin"),
    "reason-missing": Words(422, "请写明理由", "A reason is needed"),
    "late-pass-differs": Words(409, "同名的补报许可内容不同", "Another late pass has this name"),
    "roll-broken": Words(
        422, "名册有误，未导入", "The roll has mistakes and was not imported",
        "共 {count} 处。", "There are {count}.",
    ),
    "roll-part-broken": Words(422, "名册分段有误", "A part of the roll is broken"),
    "roll-part-differs": Words(409, "名册分段与先前的不同", "A part of the roll differs from before"),
    "roll-part-missing": Words(409, "名册分段不齐", "A part of the roll is missing"),
    "roll-digest-differs": Words(409, "名册摘要不符", "The roll's digest differs"),
    "roll-unit-repeated": Words(422, "名册中单位重复", "A unit stands twice in the roll", "{unit}。", "{unit}."),
    "roll-closed": Words(409, "这份名册已经导入", "A roll of this name was imported before"),
}  # fmt: skip

# What voting refuses.
VOTING: dict[str, Words] = {
    "late": Words(409, "点赞已截止", "Likes are closed"),
    "clock-ahead": Words(503, "服务器时钟不一致，请稍后再试", "The servers' clocks disagree, please try again later"),
    "order-unreadable": Words(
        500, "服务器未能读取这次点赞", "The servers could not read this like",
        "点赞没有计入；问题已自动报告，请稍后再试。",
        "It was not counted. The problem was reported by itself; please try again later.",
    ),
    "day-over": Words(
        409, "那一天已经过去", "That day is over",
        "那天的点赞不再受理，也不再查询。", "Its likes are neither taken nor looked up any more.",
    ),
    "window-open": Words(409, "点赞尚未结束", "The likes window is still open"),
    "entry-frozen": Words(409, "成果暂停点赞", "This entry takes no likes for now"),
    "entry-out": Words(409, "成果已退出", "This entry is out"),
    "daily-limit": Words(
        409, "今天的点赞次数已用完", "Today's likes are used up",
        "每天最多 {limit} 个成果。", "At most {limit} entries a day.",
    ),
    "type-limit": Words(
        409, "今天对这一类单位的点赞次数已用完", "Today's likes for this unit type are used up",
        "每天每类最多 {limit} 个成果，今天还可以为其它类型的单位点赞。",
        "At most {limit} entries of a type a day; units of other types may still be liked today.",
    ),
    "receipt-unknown": Words(404, "没有这张回执", "There is no such receipt"),
    "link-taken": Words(409, "这个账号已与另一位点赞人关联", "This account is linked to another voter"),
    "link-to-self": Words(409, "不能与自己关联", "Nobody is linked to themselves"),
    "handoff-waiting": Words(409, "手机尚未确认", "The phone has not confirmed yet"),
    "handoff-spent": Words(409, "二维码已被使用", "This code was used already"),
    "wechat-away": Words(503, "微信暂时没有答复，请稍后再试", "WeChat does not answer just now, please try again"),
}  # fmt: skip

# What scoring refuses.
SCORING: dict[str, Words] = {
    "not-a-judge": Words(409, "此人没有专家身份", "This person does not have the role of a judge"),
    "judge-unknown": Words(404, "没有这位专家", "There is no such judge"),
    "too-many-judges": Words(409, "专家人数已满", "There are too many judges", "最多 {most} 位。", "At most {most}."),
    "cohort-not-fixed": Words(409, "参评名单尚未确定", "The judged entries are not fixed yet"),
    "seed-fixed": Words(409, "正式活动的分配种子不能指定", "A live campaign's seed is fixed"),
    "assignment-infeasible": Words(
        409, "无法按规则分配", "The readings cannot be assigned within the rules",
        "{count} 个成果缺少专家。", "{count} entries lack judges.",
    ),
    "entries-not-unread": Words(
        409, "有的成果不在该专家的未评之列", "Some entries are not among those that the judge has yet to mark",
        "{entries}。", "{entries}.",
    ),
    "third-readings-unset": Words(409, "规则没有规定加评", "The rules know of no third reading"),
    "not-assigned": Words(403, "这个成果没有分配给您", "This entry is not assigned to you"),
    "conflicted": Words(409, "您须回避这个成果", "You stand in a conflict with this entry"),
    "sheet-submitted": Words(409, "评分表已提交，不能再改", "The sheet is submitted and does not change"),
    "mark-settled": Words(
        409, "重新开放评分只补缺评，此前的评分不能再改",
        "Judging is open again for missing marks only: those of before do not change",
    ),
    "mark-stands": Words(
        409, "评分已经截止，评分不能再撤回", "Judging has ended, and the mark stands",
        "如须回避，请告知组织者：组织者可以写明理由，排除这个评分。",
        "If you stand in a conflict, tell the organisers: they may exclude the mark, with a reason.",
    ),
    "sheet-incomplete": Words(409, "还有成果没有评分", "Some entries have no mark yet"),
    "criteria-differ": Words(
        422, "评分项与标准不符", "The marks are not for the rubric's criteria",
        "缺少：{missing}；多出：{extra}。", "Missing: {missing}; not known: {extra}.",
    ),
    "mark-out-of-range": Words(
        422, "分数须为规定范围内的整数", "A mark is a whole number within range",
        "{least} 到 {most} 分。", "From {least} to {most}.",
    ),
    "score-unknown": Words(404, "没有这个评分", "There is no such mark"),
    "score-excluded": Words(409, "这个评分已被排除", "This mark was excluded"),
}  # fmt: skip

# What moderation, the organiser's desk, refuses.
MODERATION: dict[str, Words] = {
    "campaign-is-open": Words(409, "活动已经开始", "The campaign is open already"),
    "campaign-file-broken": Words(422, "活动文件有误", "The campaign file has mistakes"),
    "role-unknown": Words(422, "没有这个角色", "There is no such role", "{role}。", "{role}."),
    "judges-only-judge": Words(
        422, "专家不能兼任其他角色", "A judge has no other role",
        "其他角色能看到点赞、排名、他人评分或审核意见。", "Other roles see likes, ranks, others' marks or remarks.",
    ),
    "password-missing": Words(422, "请设置密码", "A password is needed"),
    "organisers-only": Words(
        403, "只有组织者可以任免组织者或更改其密码", "Only an organiser names organisers, or changes their passwords",
    ),
    "last-organiser": Words(409, "至少要保留一位组织者", "The last organiser stays"),
    "clock-goes-back": Words(
        409, "活动时钟不能倒拨", "The clock does not go back",
        "时钟现为 {now}。", "It stands at {now}.",
    ),
    "rules-changed": Words(
        409, "规则与您看到的不同，请重新核对", "The rules are not those that you saw: look again"
    ),
    "rules-locked": Words(409, "规则已锁定", "The rules are locked"),
    "rules-part-fixed": Words(
        409, "规则的这些部分已不能更改", "These parts of the rules may not change any more",
        "{parts}。", "{parts}.",
    ),
    "rules-not-locked": Words(409, "规则尚未锁定", "The rules are not locked yet"),
    "seed-commitment-broken": Words(422, "抽签种子的承诺值不合规范", "The commitment of the lot's seed is malformed"),
    "likes-begun": Words(
        409, "点赞已经开始", "Likes have begun",
        "始于 {start}。", "They began at {start}.",
    ),
    "shortlist-empty": Words(409, "没有可入围的成果", "There is nothing to shortlist"),
    "shortlist-differs": Words(
        409, "名单与按规则提出的不同，请重新核对", "The list is not the one that the rule proposes: look again"
    ),
    "entry-not-pending": Words(
        409, "成果不在待审状态", "The entry does not wait for a decision",
        "现为 {status}。", "It is {status}.",
    ),
    "entry-returned": Words(409, "成果已退回修改", "The entry was returned for mending"),
    "entry-submitted": Words(409, "成果正在审核", "The entry is under review"),
    "complaint-unknown": Words(
        404, "没有这个受理编号", "There is no such complaint",
        "请核对编号：16 位字母和数字 2 至 7。", "Please check the number: 16 letters and digits from 2 to 7.",
    ),
    "words-missing": Words(422, "请写明内容", "Please say what it is about"),
    "release-in-the-past": Words(
        422, "公布时间已过", "The time of publication is past",
        "活动时钟现为 {now}。", "The clock stands at {now}.",
    ),
    "release-not-due": Words(409, "未到公布时间", "Publication is not due"),
    "mark-needs-words": Words(
        422, "请写明理由", "Please say why",
        "总分 {total}：低于 {below} 分或高于 {above} 分时，须写明理由。",
        "The mark is {total}: below {below} or above {above} it needs words.",
    ),
    "entry-shortlisted": Words(
        409, "成果已入围，不能再改审核结论", "The entry is shortlisted, and its decision stays",
        "编号 {number}。", "Number {number}.",
    ),
    "entry-not-approved": Words(409, "成果尚未通过审核", "The entry is not approved"),
    "claimed-by-other": Words(
        409, "成果正由他人审核", "Somebody else is reviewing this entry",
        "{by}，至 {until}。", "{by}, until {until}.",
    ),
    "version-changed": Words(
        409, "成果已有新版本，请重新审阅", "There is a newer version: look again",
        "最新为第 {latest} 版。", "The latest is version {latest}.",
    ),
    "grade-missing": Words(422, "请打分", "A grade is needed"),
    "grade-out-of-range": Words(422, "分数应为 0 到 100", "The grade is 0 to 100"),
    "remarks-missing": Words(422, "请写明需要修改之处", "Say what is to be mended"),
    "subject-unknown": Words(404, "没有这个人员", "There is no such person"),
    "subject-in-office": Words(409, "此人仍在任职，请先免职", "This person still has an office: dismiss first"),
    "network-key-kept": Words(409, "网络信号的密钥尚未到销毁之时", "The key of network signals is still to be kept"),
    "window-unknown": Words(422, "没有这个阶段", "There is no such phase"),
    "window-impossible": Words(422, "结束须晚于开始", "The end must lie after the start"),
    "window-over": Words(409, "该阶段已经结束", "This phase is over", "止于 {end}。", "It ended at {end}."),
    "window-begun": Words(
        409, "该阶段已经开始，只能延后结束", "This phase has begun: only its end may move later",
        "{start} 至 {end}。", "{start} to {end}.",
    ),
    "window-in-the-past": Words(422, "开始时间已过", "The start lies in the past"),
    "window-order": Words(
        409, "阶段的先后不能颠倒", "The phases keep their order", "{first}、{second}。", "{first}, {second}."
    ),
    "window-overlap": Words(
        409, "两个阶段重叠", "Two phases would overlap", "{first}、{second}。", "{first}, {second}."
    ),
}  # fmt: skip

# What ranking refuses.
RANKING: dict[str, Words] = {
    "polls-open": Words(409, "点赞尚未全部截止", "Not every partition of the poll is closed"),
    "cohort-already-fixed": Words(409, "参评名单已确定", "The judged entries are fixed already"),
    "cohort-empty": Words(409, "没有可参评的成果", "There is nothing to judge"),
    "likes-held": Words(
        409, "还有暂缓计入的点赞待处理", "Some likes are still held", "{likes} 个。", "{likes} of them."
    ),
    "marks-missing": Words(409, "有的成果评分不足", "Some entries have too few marks"),
    "too-few-marks": Words(409, "有的成果评分不足", "Some entries have too few marks"),
    "seed-mismatch": Words(409, "抽签种子与承诺值不符", "The seed of the lot is not the one committed"),
    "result-outdated": Words(409, "排名已有变化，请重新提出结果", "The ranking has changed: propose the result again"),
    "proposal-unknown": Words(404, "没有这份结果草案", "There is no such proposal"),
    "proposal-replaced": Words(409, "这份草案已被新的取代", "This proposal was replaced by a newer one"),
    "digest-differs": Words(409, "摘要与草案不符", "The digest is not the proposal's"),
    "not-an-organiser": Words(403, "只有组织者可以签署", "Only an organiser may do this"),
    "already-signed": Words(409, "您已签署过", "You have signed already"),
    "result-published": Words(409, "结果已经公布", "The result is published"),
    "signatures-missing": Words(
        409, "签名不足", "Signatures are missing", "已有 {have} 个，需要 {needed} 个。", "{have} of {needed}."
    ),
    "notice-running": Words(
        409, "公示期尚未结束", "The publication notice has not ended", "至 {until}。", "It ends at {until}."
    ),
    "objections-open": Words(
        409, "还有异议尚未答复", "Some objections are not answered yet", "{objections}。", "{objections}."
    ),
    "objections-upheld": Words(
        409, "有异议成立，这份结果不能最终确定", "An objection to this result is upheld: it cannot become final",
        "{objections}。请更正后重新提出结果；若结果无须更正，请改写答复并说明理由。",
        "{objections}. Correct and propose again; if nothing is to be corrected, decide it anew and say why.",
    ),
    "objection-late": Words(
        409, "公示期已过，不再受理异议", "The notice has ended: objections are no longer taken",
        "受理截止于 {until}。如有情况反映，请用“投诉与建议”。",
        "They were taken until {until}. “Complaints and suggestions” stays open.",
    ),
    "objection-unknown": Words(
        404, "没有这个异议编号", "There is no such objection",
        "请核对编号：16 位字母和数字 2 至 7。", "Please check the number: 16 letters and digits from 2 to 7.",
    ),
    "objection-settled": Words(409, "结果已确定，答复不能再改", "The result is final, and the answer stays"),
    "result-not-final": Words(409, "结果尚未最终确定", "The result is not final yet"),
    "entry-not-winner": Words(
        409, "有的成果不在入选名单内", "Some of these entries are no winners", "{entries}。", "{entries}."
    ),
    "certificate-unknown": Words(
        404, "没有这个证书编号", "There is no certificate of this number",
        "请核对编号：16 位字母和数字 2 至 7。若编号无误，此证书不是本活动颁发的。",
        "Please check the number: 16 letters and digits from 2 to 7. If it is right, this campaign did not issue it.",
    ),
    "exhibition-not-open": Words(409, "展播尚未开始", "The exhibition is not open"),
    "entry-not-exhibited": Words(404, "展播中没有这个成果", "This entry is not in the exhibition"),
    "scenario-exists": Words(409, "这个名称已用于另一情景", "This name stands for another scenario"),
    "scenarios-full": Words(
        409, "保存的情景已满", "There is room for no more scenarios", "最多 {most} 个。", "At most {most}."
    ),
    "scenario-unknown": Words(404, "没有这个情景", "There is no such scenario"),
    "entry-not-ranked": Words(404, "排名中没有这个成果", "This entry is not in the ranking"),
    "judge-unknown": Words(422, "没有这位专家的评分", "There is no mark by this judge"),
    "like-unknown": Words(422, "没有这些点赞", "There are no such likes"),
    "day-unknown": Words(
        422, "点赞期间没有这一天", "There is no such day in like week", "{days}。", "{days}."
    ),
    "rule-unreadable": Words(422, "读不懂这条规则", "This rule cannot be read", "{words}", "{words}"),
    "cut-unknown": Words(422, "记录还没有到这个位置", "The record has not come to this cut"),
}  # fmt: skip

WORDS: dict[str, Words] = EDGE | SUBMISSION | VOTING | SCORING | MODERATION | RANKING

# What is wrong with one field, or with one cell of a roll: code → (Chinese, English).
FIELDS: dict[str, tuple[str, str]] = {
    "required": ("必填", "is required"),
    "null": ("不能为空", "may not be null"),
    "unknown": ("没有这个字段", "is not known here"),
    "not-an-object": ("应为对象", "must be an object"),
    "not-a-list": ("应为列表", "must be a list"),
    "not-text": ("应为文字", "must be text"),
    "not-whole": ("应为整数", "must be a whole number"),
    "not-true-or-false": ("应为真或假", "must be true or false"),
    "control-characters": ("含有控制字符", "holds control characters"),
    "too-long": ("过长", "is too long"),
    "too-short": ("过短", "is too short"),
    "too-many": ("过多", "has too many items"),
    "out-of-range": ("超出范围", "is out of range"),
    "malformed": ("格式不对", "is malformed"),
    "not-allowed": ("不在可选范围内", "is not one of the choices"),
    "repeated": ("重复", "is there twice"),
    "one-at-a-time": ("一次只能选一项", "may be named alone only"),
    "invalid": ("不符合要求", "is not valid"),
    "missing": ("缺少", "is missing"),
    "column-missing": ("缺少这一列", "the column is missing"),
    "column-unknown": ("没有这一列", "the column is not known"),
    "column-repeated": ("这一列重复", "the column is there twice"),
    "too-many-rows": ("行数过多", "there are too many rows"),
    "too-many-cells": ("单元格多于表头", "there are more cells than the header has"),
    "not-csv": ("不是有效的 CSV", "is not valid CSV"),
    "empty": ("没有内容", "is empty"),
}
