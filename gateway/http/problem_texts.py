"""The table of all problems: code → HTTP status, title and detail in Chinese and English.

The module is data only; `problems.py` renders it. A detail is optional; its `{names}` are filled from the facts of the
occurrence.

Promises: every refusal of every domain is in the table (a test reads the lists of the domains). A code never changes.
"""

from typing import NamedTuple


class Words(NamedTuple):
    """The HTTP status of one problem, and its title and detail in Chinese and English."""

    status: int
    zh: str
    en: str
    detail_zh: str = ""
    detail_en: str = ""


# Problems of the gateway itself.
EDGE: dict[str, Words] = {
    "not-found": Words(404, "没有这个地址", "Not found"),
    "method-not-allowed": Words(405, "这个地址不接受此方法", "Method not allowed"),
    "session-missing": Words(401, "请先登录", "Sign in first"),
    "session-invalid": Words(401, "登录凭证无效，请重新登录", "Your session is not valid, please sign in again"),
    "session-expired": Words(401, "登录已过期，请重新登录", "Your session has expired, please sign in again"),
    "session-ended": Words(
        401, "会话已结束（退出登录、密码变动或两小时未使用），请重新登录",
        "Your session has ended (signed out, password changed, or two hours unused), please sign in again",
    ),
    "step-up-needed": Words(
        401, "请再次确认是您本人", "Confirm that it is you",
        "这一步要求在五分钟内重新输入过密码或验证码。"
        "请向 POST /api/v1/my/step-up 提交后，带请求头 Step-Up-Proof 重发。",
        "This asks for your password or code again, entered within the last five minutes. Send it to "
        "POST /api/v1/my/step-up, and repeat the request with the header Step-Up-Proof.",
    ),
    "step-up-refused": Words(403, "密码或验证码不对", "Wrong password or code"),
    "code-needed": Words(
        401, "请输入验证码", "Enter a code", "手机验证器显示的六位数字，或一个恢复码。密码须再输入一次。",
        "The six digits of your authenticator, or a recovery code. Type the password again, too.",
    ),
    "code-refused": Words(
        422, "验证码不对", "Wrong code", "请核对手机时间，输入当前显示的六位数字。",
        "Check the clock of your phone, and type the six digits that it shows now.",
    ),
    "authenticator-demanded": Words(
        409, "本活动要求您的岗位启用两步验证", "Your role in this campaign needs an authenticator",
        "可以更换，不能停用。", "You may replace it, but not remove it.",
    ),
    "authenticator-changed": Words(
        409, "您打开这一页之后，密码或验证器已有改变",
        "Your password or authenticator has changed since you opened this page",
        "请重新打开“账号与安全”，从头设置。", "Open “Account and security” again, and begin anew.",
    ),
    "authenticator-missing": Words(
        403, "请先设置验证器", "Set up an authenticator first",
        "本活动要求您的岗位启用两步验证，请到“账号与安全”页设置。",
        "Your role in this campaign needs one. The page “Account and security” sets it up.",
    ),
    "network-refused": Words(
        403, "工作人员的操作只能在指定网络内进行", "Staff may work from certain networks only",
        "您的网络地址是 {address}，不在允许的范围内。请换到单位网络，或联系运维人员。",
        "Your address is {address}, which is not among them. Use your office's network, or ask whoever runs the site.",
    ),
    "role-missing": Words(403, "您的身份不能进行此操作", "Your role does not allow this"),
    "cross-site": Words(403, "请求不是来自本站页面", "The request does not come from a page of this site"),
    "login-refused": Words(401, "账号或密码（访问码）不对", "Wrong name, password or access code"),
    "login-attempts": Words(
        429, "尝试次数过多，请稍后再试", "Too many attempts, please try again later",
        "请在 {seconds} 秒后再试。", "Try again in {seconds} seconds.",
    ),
    "idempotency-key-missing": Words(400, "缺少请求头 Idempotency-Key", "Idempotency-Key header missing"),
    "idempotency-key-invalid": Words(
        400, "请求头 Idempotency-Key 不合规范", "Invalid Idempotency-Key header",
        "须为 1 到 128 个可见的 ASCII 字符。", "It must be 1 to 128 visible ASCII characters.",
    ),
    "idempotency-key-reused": Words(
        409, "同一个 Idempotency-Key 曾用于不同的内容", "This Idempotency-Key was used for a different request"
    ),
    "json-broken": Words(400, "请求内容不是有效的 JSON 对象", "The body is not a valid JSON object"),
    "text-broken": Words(
        400, "文本编码无法识别", "Unknown text encoding",
        "请用 UTF-8，或在 Content-Type 注明 charset=gb18030。", "Use UTF-8, or set charset=gb18030 in Content-Type.",
    ),
    "invalid": Words(422, "内容格式不符合要求", "Invalid content"),
    "media-type-unknown": Words(
        415, "不支持的内容类型", "Unsupported content type",
        "此处接受 {accepted}。", "Accepted: {accepted}.",
    ),
    "body-too-large": Words(
        413, "内容过大", "The content is too large",
        "最多 {allowed} 字节。", "The limit is {allowed} bytes.",
    ),
    "body-too-slow": Words(408, "内容传送太慢，已停止接收", "The upload was too slow and has been cancelled"),
    "clock-is-real": Words(
        400, "正式活动以真实时间为准，不能指定活动时间",
        "A live campaign runs on real time and does not accept Campaign-Time"
    ),
    "clock-before": Words(
        400, "指定的活动时间早于活动时钟", "Campaign-Time is before the campaign clock",
        "活动时钟现为 {now}。", "The campaign clock is at {now}.",
    ),
    "clock-invalid": Words(
        400,
        "Campaign-Time 须为毫秒整数，不晚于 3000 年",
        "Campaign-Time must be a whole number of milliseconds, not after the year 3000",
    ),
    "position-invalid": Words(
        400,
        "at_least 须为操作答复中的 position，多个用英文逗号隔开",
        "at_least must be the position from the answer to a command; separate several with commas",
    ),
    "position-not-reached": Words(
        503, "尚未读到所要求的位置，请稍后重试", "The requested position has not been reached yet, please try again"
    ),
    "views-away": Words(503, "数据正在准备，请稍后重试", "The data is being prepared, please try again"),
    "public-url-missing": Words(
        503, "服务器没有设置公开网址，正式活动不能使用",
        "The server has no public address set, so it cannot serve a live campaign",
        "请设置 BAIJIA_PUBLIC_URL。", "Set BAIJIA_PUBLIC_URL.",
    ),
    "service-away": Words(
        503, "服务暂时不可用，请稍后重试，操作未执行",
        "The service is unavailable and nothing was done, please try again"
    ),
    "service-timeout": Words(
        503,
        "服务未及时答复，请用同一个 Idempotency-Key 重试",
        "The service did not answer in time, please repeat with the same Idempotency-Key",
    ),
    "overdue": Words(
        503,
        "服务未及时答复，请用同一个 Idempotency-Key 重试",
        "The service did not answer in time, please repeat with the same Idempotency-Key",
    ),
    "caller-unknown": Words(
        503, "服务不认识网关的密钥，操作未执行",
        "The service does not know the gateway's key, and nothing was done",
    ),
    "stopped": Words(
        503, "服务暂停，技术人员已收到告警", "The service is paused, and our technicians have been alerted",
        "停在事件 {event}。", "It stopped at event {event}.",
    ),
    "like-away": Words(
        503, "点赞服务暂时不可用，请稍后再试", "Likes are unavailable right now, please try again later"
    ),
    "busy": Words(429, "人数较多，请稍后再试", "Too many requests, please try again shortly"),
    "shed": Words(
        503, "访问人数较多，此项暂停显示，点赞不受影响，请稍后再看",
        "Too many visitors: this page is paused for now, but likes still work. Please come back shortly",
    ),
    "internal": Words(
        500, "系统出错，已记录", "Something went wrong on our side and has been logged",
        "如需反馈，请提供编号 {request}。", "If you report it, please quote {request}.",
    ),
    "file-name-missing": Words(
        400, "缺少文件名，或文件名无法使用", "The file name is missing or cannot be used",
        "文件名须有 1 至 200 字，不含控制字符。", "It must have 1 to 200 characters and no control characters.",
    ),
    "tus-version": Words(
        412, "不支持这个版本的续传协议", "This version of the upload protocol is not supported",
        "请使用 tus 1.0.0。", "Please use tus 1.0.0.",
    ),
    "upload-header-invalid": Words(
        400, "续传请求的格式不对", "The upload request is malformed",
        "请求头 {name} 缺少或无法读取。", "The header {name} is missing or cannot be read.",
    ),
    "upload-metadata-invalid": Words(
        400, "文件信息无法读取", "The information about the file cannot be read",
        "请求头 Upload-Metadata 须为逗号分隔的“名称 Base64 值”，名称不重复。",
        "Upload-Metadata must be a list of names with values in base64, separated by commas; no name may repeat.",
    ),
    "checksum-unsupported": Words(
        400, "不支持这种校验算法", "This checksum algorithm is not supported",
        "可用的算法：{algorithms}。", "Use one of these: {algorithms}.",
    ),
    "checksum-mismatch": Words(
        460, "传送中数据有误，这一段没有保存，请重传",
        "The data changed on the way; this part was not stored. Send it again",
    ),
    "upload-offset-differs": Words(
        409, "续传的位置不对", "The upload continues at another place",
        "已收到 {offset} 字节，请从那里继续。", "{offset} bytes have arrived; continue from there.",
    ),
    "upload-locked": Words(
        423, "这个文件正由另一个连接上传，请稍后再试",
        "Another connection is sending this file right now, please try again shortly",
    ),
    "upload-expired": Words(
        410, "上传已过期，请重新上传", "The upload has expired, please start it again",
        "三天没有继续的上传会自动清除。", "Uploads that nobody continues for three days are deleted.",
    ),
    "upload-unfinished": Words(
        409, "文件还没有传完", "The upload is not complete yet",
        "已收到 {offset} / {length} 字节。", "{offset} of {length} bytes have arrived.",
    ),
    "upload-checking": Words(
        503, "文件已传完，正在检查，请稍候", "The file has arrived and is being checked, please wait"
    ),
    "upload-closed": Words(
        403, "本单位现在不能上传文件", "Your unit cannot upload files right now",
        "{problems}", "{problems}",
    ),
    "uploads-busy": Words(
        503, "上传的人较多，请稍后再试，已传的部分不会丢失",
        "Many uploads are running. Please try again shortly; what has arrived is kept",
    ),
    "upload-stalled": Words(
        503, "网络太慢，连接已断开，已传的部分不会丢失",
        "The connection was too slow and was closed. What has arrived is kept",
    ),
    "file-empty": Words(422, "文件是空的", "The file is empty"),
    "file-incomplete": Words(400, "文件未传完", "The upload is incomplete"),
    "storage-full": Words(
        507, "存储空间不足，请稍后继续，已传的部分不会丢失",
        "Not enough storage space. Please continue later; what has arrived is kept",
    ),
    "cursor-unknown": Words(
        422,
        "没有这个翻页位置，请从第一页重新开始",
        "Unknown place in the list; start again from its first page",
    ),
    "type-unknown": Words(422, "没有这个单位类型", "Unknown unit type"),
    "city-unknown": Words(422, "没有来自这个地区的成果", "No entries from this city"),
    "channel-unknown": Words(
        404, "没有这个发布渠道", "Unknown channel",
        "可选：{channels}。", "Choose one of: {channels}.",
    ),
    "range-invalid": Words(400, "请求头 Range 不合规范", "Invalid Range header"),
    "range-beyond": Words(
        416, "请求的部分超出文件", "The requested range is beyond the end of the file",
        "文件共 {bytes} 字节。", "The file has {bytes} bytes.",
    ),
    "result-not-published": Words(404, "结果尚未公布", "The result has not been published yet"),
    "certificate-revoked": Words(
        410, "证书已失效，不再提供打印件", "This certificate is no longer valid and cannot be printed",
    ),
    "certificate-unprintable": Words(
        409, "证书上有字印不出来", "A certificate holds characters that cannot be printed",
        "{count} 处含有字体里没有的字或不能打印的字符：{shown}。请在服务器上安装有这些字的字体后重启网关，或更正名称；"
        "其他成果可以先颁发。没有任何证书用别的字代替。",
        "{count} texts hold characters that no installed font has, or that cannot be printed: {shown}. Install a font "
        "that has them on the server and restart the gateway, or correct the name; certificates of other entries can "
        "be issued meanwhile. No certificate is printed with a substitute.",
    ),
    "fonts-missing": Words(
        503, "服务器缺少中文字体，暂不能打印证书", "Certificates cannot be printed: the server has no Chinese font",
        "可安装：{fonts}。", "Install one of: {fonts}.",
    ),
    "ticket-missing": Words(
        428, "请刷新页面后再点赞", "Please reload the page, then like again",
        "缺少请求头 Like-Ticket，票据见 /api/v1/like-tickets。",
        "Like-Ticket header missing; get a ticket from /api/v1/like-tickets.",
    ),
    "ticket-expired": Words(412, "页面已过期，请刷新后再点赞", "The page has expired: reload it, then like again"),
    "ticket-used": Words(
        409,
        "这张点赞票据已经用过，请刷新后再试",
        "This like ticket has been used: reload the page and try again",
    ),
    "ticket-foreign": Words(
        412,
        "点赞票据与您的登录或成果不符，请刷新页面",
        "This like ticket belongs to another session or entry: reload the page",
    ),
    "too-fast": Words(429, "操作太快，请稍候再试", "Too many requests, please wait a moment"),
    "challenge-needed": Words(
        403, "点赞前需要自动验证，请稍候", "A short automatic check is needed before you can like",
        "请求解 challenge，将结果放入请求头 Challenge-Solution 后重试；填 none 则先受理、待核实。",
        "Solve `challenge` and repeat with the header Challenge-Solution; with `none` the like is accepted as pending.",
    ),
    "letter-challenge": Words(
        403, "从第二封起需要自动验证", "From your second message on, a short automatic check is needed",
        "请求解 challenge，将结果放入请求头 Challenge-Solution 后重试；或 {seconds} 秒后再提交。",
        "Solve `challenge` and repeat with the header Challenge-Solution, or submit again in {seconds} s.",
    ),
    "ticket-unknown": Words(404, "没有这张受理单", "Order not found"),
    "not-wechat": Words(403, "请求未通过校验", "The request could not be verified"),
    "wechat-off": Words(
        404, "本活动未接入微信", "This campaign is not connected to WeChat",
        "所以网页上不能登录点赞。", "So nobody can sign in to like on the web.",
    ),
    "wechat-blocked": Words(
        403, "微信限制了这个账号，暂不能点赞", "WeChat has restricted this account, so it cannot like for now"
    ),
    "snapshot-user": Words(
        403, "这是快照页，不能点赞", "You cannot like on a snapshot page",
        "请点右下角“使用完整服务”，再重新打开页面。",
        "Tap “Use the full service” at the bottom right, then open the page again.",
    ),
    "oauth-state": Words(
        400, "页面已过期，请重新进入", "This page has expired, please sign in again",
        "请在同一个微信里重新打开页面。", "Open the page again in the same WeChat app.",
    ),
    "oauth-code": Words(
        400, "微信授权已失效，请重新进入", "The WeChat authorisation has expired, please sign in again",
    ),
    "oauth-denied": Words(403, "未取得微信授权", "WeChat authorisation was not granted"),
    "link-first": Words(
        409, "请先在服务号里点赞一次", "Like once in the service account first",
        "之后小程序就能认出您。", "After that, the mini-program will recognise you.",
    ),
    "entry-was-withdrawn": Words(
        410, "该成果已由报送单位撤回", "The unit has withdrawn this entry",
        "按报送单位的意愿，成果及其图片、视频不再展示。",
        "At the wish of the unit, the entry and its pictures and videos are no longer shown.",
    ),
    "entry-was-taken-down": Words(
        410, "该成果已由主办方撤下", "The organiser has taken this entry down",
        "成果及其图片、视频不再展示。如有疑问，可通过“投诉与建议”联系主办方。",
        "The entry and its pictures and videos are no longer shown. If you have questions, write to the organiser by "
        "“Complaints and suggestions”.",
    ),
    "entry-was-disqualified": Words(
        410, "该成果已不再参加活动", "This entry no longer takes part",
        "成果及其图片、视频不再展示。如有疑问，可通过“投诉与建议”联系主办方。",
        "The entry and its pictures and videos are no longer shown. If you have questions, write to the organiser by "
        "“Complaints and suggestions”.",
    ),
    "link-over": Words(410, "链接已过期，请重新发送编号", "This link has expired, please send the number again"),
    "handoff-over": Words(
        410, "二维码已过期，请刷新电脑页面", "This code has expired: reload the page on the computer",
    ),
    "handoff-foreign": Words(403, "二维码不是这个浏览器的", "This code belongs to another browser"),
    "handoff-on-desktop": Words(
        403, "请在手机微信里确认", "Please confirm in WeChat on your phone"
    ),
    "url-foreign": Words(403, "不是本站的网址", "This address does not belong to this site"),
    "refused": Words(409, "不能进行此操作", "This action is not possible"),
}  # fmt: skip

# Refusals of submission.
SUBMISSION: dict[str, Words] = {
    "campaign-not-open": Words(409, "活动尚未开始", "The campaign has not started"),
    "unit-unknown": Words(404, "名册中没有这个单位", "This unit is not in the roll"),
    "level-not-eligible": Words(
        409, "该级别的工会不在参加范围内", "Unions of this level cannot take part",
        "名册中的级别是 {level}。", "The level in the roll is {level}.",
    ),
    "not-yours": Words(403, "这不是本单位的成果", "This entry belongs to another unit"),
    "entry-unknown": Words(404, "没有这个成果", "Entry not found"),
    "entry-approved": Words(409, "成果已审核通过，不能再改", "The entry has been approved and can no longer change"),
    "entry-rejected": Words(409, "成果审核未通过，不能再报", "The entry has been rejected"),
    "entry-withdrawn": Words(409, "成果已撤回", "The entry has been withdrawn"),
    "entry-disqualified": Words(409, "成果已被取消资格", "The entry has been disqualified"),
    "window-closed": Words(
        409, "不在开放时间内", "Not open at this time",
        "开放时间：{start} 至 {end}（不含）。", "Open from {start} until {end}.",
    ),
    "title-missing": Words(422, "缺少标题", "Title missing"),
    "title-too-long": Words(
        422, "标题过长", "Title too long",
        "现有 {counted} 字，最多 {allowed} 字。", "It has {counted} characters; the limit is {allowed}.",
    ),
    "title-not-one-line": Words(
        422, "标题须为一行文字", "The title must be one line of text",
        "请去掉换行和制表符。", "Take out line breaks and tabs.",
    ),
    "profile-missing": Words(422, "缺少单位简介", "Unit profile missing"),
    "profile-too-long": Words(
        422, "单位简介过长", "Unit profile too long",
        "现有 {counted} 字，最多 {allowed} 字。", "It has {counted} characters; the limit is {allowed}.",
    ),
    "text-missing": Words(422, "缺少典型材料", "Case study missing"),
    "text-too-long": Words(
        422, "典型材料过长", "Case study too long",
        "现有 {counted} 字，最多 {allowed} 字。", "It has {counted} characters; the limit is {allowed}.",
    ),
    "themes-missing": Words(422, "请至少选择一个主题", "Choose at least one theme"),
    "theme-unknown": Words(422, "没有这个主题", "Unknown theme", "主题 {theme}。", "Theme {theme}."),
    "theme-repeated": Words(422, "主题重复", "A theme is repeated", "主题 {theme}。", "Theme {theme}."),
    "h5-not-https": Words(
        422, "H5 链接须是以 https:// 开头的完整网址", "The H5 link must be a whole address that starts with https://"
    ),
    "h5-not-public": Words(
        422, "H5 链接须是公网上能打开的网址", "The H5 link must lead to a host on the public network",
        "内网、本机和保留的地址不行，请用网站的域名。",
        "An address of a local network, of this machine or a reserved one will not do; use the site's domain name.",
    ),
    "file-repeated": Words(422, "同一个文件出现两次", "A file is repeated", "文件 {name}。", "File {name}."),
    "too-few-pictures": Words(
        422, "图片不足", "Too few pictures",
        "现有 {counted} 张，至少 {required} 张。", "There are {counted}; at least {required} are needed.",
    ),
    "too-many-pictures": Words(
        422, "图片过多", "Too many pictures",
        "现有 {counted} 张，最多 {allowed} 张。", "There are {counted}; the limit is {allowed}.",
    ),
    "picture-too-large": Words(422, "图片文件过大", "Picture file too large"),
    "video-too-large": Words(422, "视频文件过大", "Video file too large"),
    "audio-too-large": Words(422, "音频文件过大", "Audio file too large"),
    "video-too-long": Words(422, "视频过长", "Video too long"),
    "media-not-allowed": Words(422, "不接受这种格式的文件", "This file format is not accepted"),
    "media-unreadable": Words(
        422, "文件已损坏，或不是它声称的格式", "The file is damaged or not in the format it claims",
    ),
    "media-unsupported": Words(422, "不支持这种格式的文件", "This file format is not supported"),
    "media-too-large": Words(
        422, "文件过大，无法处理", "The file is too large to process",
        "图片像素过多时，请缩小后重新上传。", "If it is a picture, make it smaller and upload it again.",
    ),
    "media-timeout": Words(
        422, "文件处理超时，请稍后重试", "The file took too long to process, please try again later",
    ),
    "media-missing": Words(503, "文件暂时无法读取，请重试", "The file cannot be read right now, please try again"),
    "media-gave-up": Words(
        422, "文件多次处理都没有完成，请换一种格式重新上传",
        "The file was processed several times without success, please upload it in another format",
    ),
    "media-worker-fault": Words(
        500, "文件处理出错，技术人员会收到记录", "An error occurred while processing the file; engineers will see it",
    ),
    "rendition-broken": Words(
        422, "视频或音频无法转换为网页可播放的格式", "The film or sound cannot be converted for pages",
        "请在手机或电脑上完整播放一遍；能播放时，请另存为 MP4（H.264）后重新上传。",
        "Play it from beginning to end; if it plays, save it as MP4 (H.264) and upload it again.",
    ),
    "rendition-timeout": Words(
        422, "视频转换用时过长，已停止", "Converting the film took too long and was stopped",
        "请用剪辑软件导出 1080p、每秒 30 帧的 MP4 后重新上传。",
        "Export it as MP4 with 1080p and 30 pictures a second, and upload it again.",
    ),
    "rendition-too-large": Words(
        422, "视频画面过大，无法转换", "The pictures of the film are too large to convert",
        "请用剪辑软件导出 1080p 的 MP4 后重新上传。", "Export it as MP4 with 1080p, and upload it again.",
    ),
    "link-not-https": Words(
        422, "H5 链接或它跳转到的网址不是 https:// 开头", "The H5 link, or where it leads, does not start with https://",
        "请填写在手机浏览器中最终打开的网址。", "Enter the address that a phone's browser shows in the end.",
    ),
    "link-not-public": Words(
        422, "H5 链接指向内网或保留的地址", "The H5 link leads to a private or reserved address",
        "请填写在公网上能打开的网址。", "Enter an address that opens on the public network.",
    ),
    "link-unresolved": Words(
        422, "找不到 H5 链接的网站", "The site of the H5 link cannot be found",
        "请检查网址是否写错，或稍后再试。", "Check the spelling of the address, or try again later.",
    ),
    "link-unreachable": Words(
        422, "H5 链接的网站没有正常应答", "The site of the H5 link does not answer properly",
        "请在手机浏览器中打开看看，或稍后再试。", "Try to open it in a phone's browser, or try again later.",
    ),
    "link-timeout": Words(
        422, "H5 链接的网站应答过慢", "The site of the H5 link answers too slowly",
        "请稍后再试。", "Please try again later.",
    ),
    "link-certificate": Words(
        422, "H5 链接的网站证书无效", "The certificate of the H5 link's site is not valid",
        "浏览器会警告访问者。请联系网站的管理者，或换一个网址。",
        "Browsers warn their users of it. Ask whoever runs the site, or use another address.",
    ),
    "link-redirects": Words(
        422, "H5 链接跳转次数过多", "The H5 link redirects too often",
        "请填写最终打开的网址。", "Enter the address at which it ends.",
    ),
    "link-status": Words(
        422, "H5 链接打不开", "The H5 link does not open",
        "网站答复该页面不存在或不允许访问。", "The site says that there is no such page, or that it may not be seen.",
    ),
    "link-not-page": Words(
        422, "H5 链接打开的不是网页", "The H5 link does not lead to a page",
        "请填写网页的网址，不要填写图片、视频或文件的网址。",
        "Enter the address of a page, not of a picture, a film or a file.",
    ),
    "link-too-large": Words(422, "H5 链接的网页过大", "The page of the H5 link is too large"),
    "upload-quota": Words(
        413, "本单位的上传空间已满", "Your unit has used up its space for uploads",
        "已上传 {files} 个文件，共 {mib} MiB；最多 {files_max} 个，共 {mib_max} MiB。"
        "三十天未使用且未报送的文件会自动清除，已上传的文件不必重新上传。",
        "It has uploaded {files} files of {mib} MiB in all; the limits are {files_max} files and {mib_max} MiB. Files "
        "that are not handed in and not used for thirty days are deleted; what is uploaded need not be sent again.",
    ),
    "file-lost": Words(
        422, "文件已不在系统中，请重新上传", "The file is no longer stored, please upload it again",
        "文件：{name}", "File: {name}",
    ),
    "media-not-ready": Words(503, "文件正在处理，请稍后再试", "The file is being prepared, please try again shortly"),
    "media-unshowable": Words(404, "这个文件无法公开展示", "This file cannot be shown"),
    "upload-unknown": Words(404, "没有这个上传文件", "Upload not found"),
    "characters-refused": Words(
        422, "含有看不见的字符，请删除", "There are invisible characters, please delete them",
        "共 {count} 处：{places}。", "Found: {count}. {places}.",
    ),
    "caption-too-long": Words(
        422, "图片说明过长", "The caption is too long",
        "现有 {counted} 字，最多 {allowed} 字。", "It has {counted} characters; the limit is {allowed}.",
    ),
    "caption-not-one-line": Words(422, "图片说明须为一行文字", "A caption must be one line of text"),
    "alt-too-long": Words(
        422, "替代文字过长", "The alternative text is too long",
        "现有 {counted} 字，最多 {allowed} 字。", "It has {counted} characters; the limit is {allowed}.",
    ),
    "alt-not-one-line": Words(422, "替代文字须为一行文字", "An alternative text must be one line"),
    "subtitles-too-long": Words(
        422, "字幕过长", "The captions are too long",
        "存为 WebVTT 后有 {counted} 字，最多 {allowed} 字。",
        "As WebVTT they have {counted} characters; the limit is {allowed}.",
    ),
    "subtitles-broken": Words(
        422, "字幕文件有误", "There is a mistake in the captions",
        "“{name}”的字幕有 {count} 处错误：{places}。", "Captions of {name}, mistakes: {count}. {places}.",
    ),
    "subtitles-without-film": Words(
        422, "只有视频可以附字幕", "Only a film may have captions", "文件：{name}", "File: {name}"
    ),
    "ai-part-unknown": Words(
        422, "标明的人工智能部分不在成果中", "A part that is marked as made by AI is not in the entry",
        "请去掉“{part}”的标记。", "Remove the mark of {part}.",
    ),
    "ai-part-repeated": Words(
        422, "同一部分重复标明了人工智能", "A part is marked twice as made by AI", "“{part}”。", "{part}."
    ),
    "ai-undeclared": Words(
        422, "文件自带人工智能生成的标识，请标明“生成”或“修改”",
        "The file itself says that artificial intelligence made it: mark it as made or altered",
        "文件：{name}。", "File: {name}.",
    ),
    "independence-undeclared": Words(
        409, "请先签署独立评审声明", "Declare your independence first",
        "签署后才能阅读和评分。", "You can read and mark entries after that.",
    ),
    "assignment-changed": Words(
        409, "分配方案已变化，请重新查看后再确认", "The proposal has changed; look at it again before you confirm it",
    ),
    "declaration-missing": Words(422, "请阅读并同意这项声明", "Read and accept this declaration"),
    "declaration-outdated": Words(
        409, "这项声明已更新，请重新阅读", "This declaration has changed, please read it again"
    ),
    "not-managing": Words(403, "您不代这个单位填报", "You do not type for this unit"),
    "not-managed": Words(409, "没有人代本单位填报", "Nobody types for your unit"),
    "manager-is-unit": Words(422, "单位不能由自己代填", "A unit cannot be its own manager"),
    "receipt-unknown": Words(
        404, "没有这个回执编号", "Receipt not found",
        "回执编号为 12 位字母和数字 2 至 7，最后一位是校验位。",
        "A receipt number has 12 characters, letters and digits from 2 to 7; the last one is a check character.",
    ),
    "draft-changed": Words(
        409, "这些内容已在别处修改，请选择保留哪一份",
        "This was changed elsewhere meanwhile; choose which version to keep",
        "草稿现为第 {revision} 次修改。您发送的内容没有保存，也没有覆盖别人的内容。",
        "The draft is at revision {revision}. What you sent is not stored, and has overwritten nothing.",
    ),
    "draft-field-unknown": Words(422, "草稿没有这一项", "A draft has no such field"),
    "draft-field-invalid": Words(
        422, "这一项的内容无法保存为草稿", "This field cannot be stored in a draft",
        "内容类型不对、过长，或含有无法存储的字符。",
        "It has the wrong type, is too long, or holds characters that cannot be stored.",
    ),
    "draft-too-large": Words(
        413, "草稿内容过多", "The draft is too large",
        "共 {bytes} 字节，最多 {allowed} 字节。", "It has {bytes} bytes; the limit is {allowed}.",
    ),
    "consent-missing": Words(422, "请阅读并同意声明", "Read and accept the declaration"),
    "consent-outdated": Words(409, "声明已更新，请重新阅读", "The declaration has changed, please read it again"),
    "deadline-past": Words(422, "截止时间不能早于现在", "The deadline is in the past"),
    "deadline-past-likes": Words(422, "截止时间晚于点赞开始", "The deadline is after likes begin"),
    "reason-missing": Words(422, "请写明理由", "Give a reason"),
    "late-pass-differs": Words(409, "同名的补报许可内容不同", "A different late pass has this name"),
    "roll-broken": Words(
        422, "名册有误，未导入", "The roll has errors and was not imported",
        "共 {count} 处。", "Errors: {count}.",
    ),
    "roll-part-broken": Words(422, "名册分段有误", "A part of the roll has errors"),
    "roll-part-differs": Words(409, "名册分段与先前的不同", "A part of the roll differs from the one sent before"),
    "roll-part-missing": Words(409, "名册分段不齐", "A part of the roll is missing"),
    "roll-digest-differs": Words(409, "名册摘要不符", "The digest of the roll does not match"),
    "roll-unit-repeated": Words(422, "名册中单位重复", "A unit is repeated in the roll", "{unit}。", "{unit}."),
    "roll-not-confirmed": Words(
        409, "请先核对名册的变化，再导入", "Read the difference before importing this roll",
        "新增 {added}，更改 {changed}，不变 {same}，移除 {gone}。先 POST /roll/check 查看变化，再以其 confirm 值导入。",
        "Added: {added}, changed: {changed}, same: {same}, gone: {gone}. POST the file to /roll/check, read the"
        " difference, and import the file with its `confirm`.",
    ),
    "roll-difference-differs": Words(
        409, "名册的变化与确认时不同，未导入", "The difference is not the one that was confirmed; nothing was imported",
        "文件或现行名册已改变，请重新核对。", "The file or the roll in force has changed. Please check it again.",
    ),
    "roll-unit-has-entry": Words(
        409, "有成果的单位不能移出名册", "Units with an entry cannot leave the roll",
        "{units}（共 {count} 个）。", "{units} (number of units: {count}).",
    ),
    "roll-closed": Words(409, "这份名册已经导入", "This roll has already been imported"),
}  # fmt: skip

# Refusals of voting.
VOTING: dict[str, Words] = {
    "late": Words(409, "点赞已截止", "Likes have closed"),
    "clock-ahead": Words(503, "服务器时钟不一致，请稍后再试", "The server clocks disagree, please try again later"),
    "order-unreadable": Words(
        500, "服务器未能读取这次点赞", "We could not process this like",
        "点赞没有计入；问题已自动报告，请稍后再试。",
        "The like was not counted. The problem has been reported automatically; please try again later.",
    ),
    "day-over": Words(
        409, "那一天已经过去", "That day is over",
        "那天的点赞不再受理，也不再查询。", "Likes for it are no longer accepted or looked up.",
    ),
    "no-like-today": Words(
        409, "今天没有可收回的点赞", "There is no like of today to take back",
        "今天您没有为这个成果点赞；以前各天的点赞，点赞结束前可凭回执收回。",
        "You have not liked this entry today. A like of an earlier day can be taken back with its receipt until liking"
        " ends.",
    ),
    "like-not-older": Words(
        409, "点赞仍然有效，没有收回", "The like still counts and was not taken back",
        "这次点赞不早于这次收回。请到“我的点赞”中收回它。",
        "The like is not older than this request to take it back. Take it back under “My likes”.",
    ),
    "like-foreign": Words(
        409, "这张回执不是您为这个成果的点赞", "This receipt is not for a like of yours of this entry",
        "点赞只能由点赞人本人收回。", "A like can only be taken back by the person who gave it.",
    ),
    "window-open": Words(409, "点赞尚未结束", "Likes are still open"),
    "entry-frozen": Words(409, "成果暂停点赞", "Likes for this entry are paused"),
    "entry-out": Words(409, "成果已被取消资格", "The entry has been disqualified"),  # as `entry-disqualified`
    "ballot-too-long": Words(
        422, "一次选得太多", "Too many entries at once",
        "一次最多为 {limit} 个成果点赞，这次什么也没有点。",
        "You can like at most {limit} entries at once. Nothing was liked this time.",
    ),
    "daily-limit": Words(
        409, "今天的点赞次数已用完", "You have used all your likes for today",
        "每天最多 {limit} 个成果，零点恢复；今天点过的可以在“我的点赞”里收回，再点别的。",
        "The limit is {limit} entries a day, and renews at midnight. You can take back a like of today under “My likes”"
        " and give it to another entry.",
    ),
    "type-limit": Words(
        409, "今天对这一类单位的点赞次数已用完", "You have used all your likes for this unit type today",
        "每天每类最多 {limit} 个成果，今天还可以为其它类型的单位点赞。",
        "The limit is {limit} entries of each type a day. You can still like units of other types today.",
    ),
    "receipt-unknown": Words(404, "没有这张回执", "Receipt not found"),
    "link-taken": Words(409, "这个账号已与另一位点赞人关联", "This account is linked to another voter"),
    "link-to-self": Words(409, "不能与自己关联", "An account cannot be linked to itself"),
    "handoff-waiting": Words(409, "手机尚未确认", "The phone has not confirmed yet"),
    "handoff-spent": Words(409, "二维码已被使用", "This code has already been used"),
    "wechat-away": Words(503, "微信暂时没有答复，请稍后再试", "WeChat is not responding, please try again later"),
}  # fmt: skip

# Refusals of scoring.
SCORING: dict[str, Words] = {
    "not-a-judge": Words(409, "此人没有专家身份", "This person is not a judge"),
    "judge-unknown": Words(404, "没有这位专家", "Judge not found"),
    "too-many-judges": Words(409, "专家人数已满", "Too many judges", "最多 {most} 位。", "The limit is {most}."),
    "cohort-not-fixed": Words(409, "参评名单尚未确定", "The entries to be judged have not been fixed yet"),
    "seed-fixed": Words(409, "正式活动的分配种子不能指定", "The assignment seed of a live campaign cannot be chosen"),
    "assignment-infeasible": Words(
        409, "无法按规则分配", "The rules allow no complete assignment",
        "{count} 个成果缺少专家。", "Entries without enough judges: {count}.",
    ),
    "entries-not-unread": Words(
        409, "有的成果不在该专家的未评之列", "Some entries are not waiting for a mark from this judge",
        "{entries}。", "{entries}.",
    ),
    "third-readings-unset": Words(409, "规则没有规定加评", "The rules do not provide for third readings"),
    "not-assigned": Words(403, "这个成果没有分配给您", "This entry is not assigned to you"),
    "conflicted": Words(409, "您须回避这个成果", "You have a conflict of interest with this entry"),
    "sheet-submitted": Words(409, "评分表已提交，不能再改", "The sheet has been submitted and can no longer change"),
    "mark-settled": Words(
        409, "重新开放评分只补缺评，此前的评分不能再改",
        "Judging is open again for missing marks only; earlier marks cannot change",
    ),
    "mark-stands": Words(
        409, "评分已经截止，评分不能再撤回", "Judging has ended, and the mark can no longer be withdrawn",
        "如须回避，请告知组织者：组织者可以写明理由，排除这个评分。",
        "If you have a conflict of interest, tell the organisers: they can exclude the mark and give a reason.",
    ),
    "sheet-incomplete": Words(409, "还有成果没有评分", "Some entries have no mark yet"),
    "criteria-differ": Words(
        422, "评分项与标准不符", "The marks do not match the criteria",
        "缺少：{missing}；多出：{extra}。", "Missing: {missing}; unknown: {extra}.",
    ),
    "mark-out-of-range": Words(
        422, "分数须为规定范围内的整数", "A mark must be a whole number within the range",
        "{least} 到 {most} 分。", "From {least} to {most}.",
    ),
    "score-unknown": Words(404, "没有这个评分", "Mark not found"),
    "score-excluded": Words(409, "这个评分已被排除", "This mark has been excluded"),
}  # fmt: skip

# Refusals of moderation, which also decides the commands of organisers.
MODERATION: dict[str, Words] = {
    "changes-empty": Words(422, "变更组里没有更正", "The change set has no corrections"),
    "changes-unknown": Words(404, "没有这个变更组", "Change set not found"),
    "changes-settled": Words(
        409, "这个变更组已经生效或已放弃", "This change set was applied or dropped already",
        "由 {by} 处理。", "Settled by {by}.",
    ),
    "changes-contradict": Words(
        422, "同一成果的同类更正写了两次", "The same kind of correction is made twice for one entry",
        "成果 {entry}。", "Entry {entry}.",
    ),
    "changes-unsound": Words(
        409, "变更组指明的评分或点赞不存在，不能生效", "The change set names marks or likes that do not exist",
        "请放弃这个变更组，改正后重新提出。", "Drop it, correct it, and propose it again.",
    ),
    "correction-unchanged": Words(
        409, "成果已是这个类型", "The entry has this unit type already",
        "成果 {entry}。", "Entry {entry}.",
    ),
    "evidence-missing": Words(
        422, "作废点赞须附证据的摘要（SHA-256）", "Voiding likes needs the SHA-256 of the evidence",
        "成果 {entry}。", "Entry {entry}.",
    ),
    "preview-outdated": Words(
        409, "预览之后情况有变，请重新核对", "Something changed since the preview, please check again",
        "变更组没有生效。", "The change set was not applied.",
    ),
    "outage-outside-likes": Words(
        409, "只有点赞进行期间才能申报故障延时", "An outage can only be declared while likes are open"
    ),
    "outage-times-impossible": Words(
        422, "故障须在点赞期间之内并且已经结束", "The outage must lie within like week and be over"
    ),
    "outage-known": Words(
        409, "这段时间已经申报过", "This time was declared already",
        "见 {outage}。", "See {outage}.",
    ),
    "extension-too-long": Words(
        422, "延长的时间不能超过故障的时间", "Like week cannot be lengthened by more than the outage lasted",
        "最多 {minutes} 分钟。", "At most {minutes} minutes.",
    ),
    "extension-not-allowed": Words(
        409, "超过规则允许的延时", "The rules do not allow so long an extension",
        "规则共允许 {hours} 小时，还剩 {minutes} 分钟。",
        "The rules allow {hours} hours in all; {minutes} minutes are left.",
    ),
    "outage-unknown": Words(404, "没有这次故障", "Outage not found"),
    "outage-in-effect": Words(
        409, "延时已经生效，不能撤回", "The extension has taken effect and cannot be taken back",
        "须在 {until} 前撤回。", "It could be taken back until {until}.",
    ),
    "outage-overtaken": Words(
        409, "此后窗口又有变动，不能撤回", "A window has moved since, so the outage cannot be taken back"
    ),
    "campaign-is-open": Words(409, "活动已经开始", "The campaign has already started"),
    "campaign-file-broken": Words(422, "活动文件有误", "The campaign file has errors"),
    "campaign-file-unreadable": Words(
        422, "活动文件的文字不是 TOML，表单读不了", "The text of the campaign file is not TOML, so no form can read it",
        "请按“检查”说明的行号改正原文。", "Mend the text at the line that the check names.",
    ),
    "draft-differs": Words(
        409, "草稿已被别人改过", "Somebody else has changed the draft",
        "您填写的内容还在下面；再次保存将以您的为准。", "What you typed is still here; save again to put it in force.",
    ),
    "picture-unknown": Words(
        422, "不是可用的图片", "This picture cannot be used",
        "请用 PNG、WebP、JPEG，或不含脚本和外部引用的 SVG。",
        "Take a PNG, a WebP, a JPEG, or an SVG without scripts and without references to other files.",
    ),
    "organisers-missing": Words(
        422, "请写两位不同的组织者", "Name two different organisers",
        "结果须由两人签署。", "A result is signed by two people.",
    ),
    "setup-link-spent": Words(
        410, "开通链接已失效", "The set-up link is no longer valid",
        "链接只能用一次，三天内有效；请运维人员用 baijia campaign setup 再发一个。",
        "It works once, within three days. Ask the operator for another: baijia campaign setup.",
    ),
    "role-unknown": Words(422, "没有这个角色", "Unknown role", "{role}。", "{role}."),
    "judges-only-judge": Words(
        422, "专家不能兼任其他角色", "A judge cannot have other roles",
        "其他角色能看到点赞、排名、他人评分或审核意见。",
        "Other roles can see likes, the ranking, other judges' marks or review remarks.",
    ),
    "password-weak": Words(
        422, "密码太容易被猜到：至少 10 个字符，不用常见密码、姓名、日期或键盘顺序",
        "This password is too easy to guess: use at least 10 characters, and no common password, name, date or "
        "keyboard pattern",
    ),
    "passwords-differ": Words(422, "两次输入的密码不一样", "The two passwords differ"),
    "link-spent": Words(
        403, "设置密码的链接或校验码不对、已经用过或已过期，请向组织者索取新的链接",
        "The password link or code is wrong, was used, or has expired: ask an organiser for a new one",
    ),
    "invitation-spent": Words(
        403, "邀请码不对、已经用过、已被新的邀请函代替或已过期，请向主办方或本单位同事要新的",
        "The invitation is wrong, was used, was replaced by a newer one, or has expired: ask the organiser or a "
        "colleague for a new one",
    ),
    "cadres-full": Words(
        409, "本单位的账号已满，请先停用不再需要的", "The unit has as many accounts as it may have: close one first",
        "单位 {unit} 最多 {most} 个账号。", "Unit {unit} may have {most} accounts.",
    ),
    "cadre-name-taken": Words(
        409, "本单位已有人用这个姓名，请加上科室等以示区别",
        "A colleague uses this name already: add something to tell you apart",
    ),
    "wechat-not-linked": Words(
        403, "这个微信还没有绑定单位账号。请先用姓名和密码登录，再在“本单位人员”页绑定微信",
        "This WeChat account is not linked to an account of a unit. Sign in by name and password first, then link it "
        "on the page “Our people”",
    ),
    "cadre-unknown": Words(404, "本单位没有这个账号", "The unit has no such account"),
    "change-unknown": Words(404, "没有待确认的这项变更", "No such change is waiting for confirmation"),
    "second-person-missing": Words(
        403, "须由另一位组织者确认，提出人和本人都不能确认",
        "Another organiser must confirm this: neither whoever proposed it nor the person concerned may",
    ),
    "organisers-only": Words(
        403, "只有组织者可以任免工作人员、重置其密码，或确认此类变更",
        "Only an organiser can appoint or dismiss staff, reset their passwords, or confirm such a change",
    ),
    "last-organiser": Words(
        409, "至少要保留一位能登录的组织者", "At least one organiser who can sign in must remain"
    ),
    "clock-goes-back": Words(
        409, "活动时钟不能倒拨", "The clock cannot go back",
        "时钟现为 {now}。", "The campaign clock is at {now}.",
    ),
    "rules-changed": Words(
        409, "规则与您看到的不同，请重新核对", "The rules have changed since you read them, please check again"
    ),
    "rules-replaced": Words(
        409, "您打开之后，现行规则已由他人更改", "The rules in force have changed since you read them",
        "您看到的：{seen}；现行的：{in_force}。请先看现行规则，再决定一次。",
        "You read {seen}; in force are {in_force}. Read those first, and decide again.",
    ),
    "rules-locked": Words(409, "规则已锁定", "The rules are locked"),
    "rules-part-fixed": Words(
        409, "规则的这些部分已不能更改", "These parts of the rules can no longer change",
        "{parts}。", "{parts}.",
    ),
    "type-not-in-rules": Words(
        409, "规则里缺少单位类型", "A unit type is missing in the rules",
        "{types}。由组织者把它留在规则里，或改正名册（成果用“更正类型”）。",
        "{types}. An organiser keeps it in the rules, or corrects the roll (for an entry, its type).",
    ),
    "windows-differ": Words(
        409, "规则的新版不能移动时间窗口", "A version of the rules cannot move windows",
        "文件中的 {windows} 与现行窗口不同。请先用“修改窗口”移动窗口，或在文件中写现行的窗口。",
        "In the file these windows differ from those in force: {windows}. Move windows with the command for windows, or"
        " put those in force into the file.",
    ),
    "rules-with-gaps": Words(
        409, "规则有空缺，不能锁定", "The rules leave cases open and cannot be locked",
        "没有规定的情形：{problems}。", "Cases without a rule: {problems}.",
    ),
    "rules-not-locked": Words(409, "规则尚未锁定", "The rules are not locked yet"),
    "seed-commitment-broken": Words(422, "抽签种子的承诺值不合规范", "Invalid commitment to the lot's seed"),
    "likes-begun": Words(
        409, "点赞已经开始", "Likes have begun",
        "始于 {start}。", "They began at {start}.",
    ),
    "shortlist-empty": Words(409, "没有可入围的成果", "There are no entries to shortlist"),
    "shortlist-differs": Words(
        409, "名单与按规则提出的不同，请重新核对",
        "The list differs from the one that the rule proposes, please check again"
    ),
    "entry-not-pending": Words(
        409, "成果不在待审状态", "The entry is not waiting for a decision",
        "现为 {status}。", "Its status is {status}.",
    ),
    "entry-returned": Words(409, "成果已退回修改", "The entry has been returned for corrections"),
    "entry-submitted": Words(409, "成果正在审核", "The entry is under review"),
    "complaint-unknown": Words(
        404, "没有这个受理编号", "Complaint or suggestion not found",
        "请核对编号：16 位字母和数字 2 至 7。",
        "Check the number: it has 16 characters, letters and digits from 2 to 7.",
    ),
    "words-missing": Words(422, "请写明内容", "Enter your message"),
    "contact-unknown": Words(404, "没有这个收信人", "There is no such receiver"),
    "topic-unknown": Words(422, "没有这一类通知", "There are no letters on this subject"),
    "letters-empty": Words(
        422, "没有选中任何通知，什么也没有发出", "No letter is selected, and nothing was sent",
        "请先逐封勾选。", "Select the letters first.",
    ),
    "letters-too-many": Words(
        422, "一次选得太多", "Too many at once", "一次最多 {most} 封。", "At most {most} at a time.",
    ),
    "letter-unknown": Words(404, "没有这封通知", "There is no such letter"),
    "letter-changed": Words(
        409, "有通知在您阅读之后变了，什么也没有发出", "Letters have changed since you read them; nothing was sent",
        "相关决定已撤销或内容已更新，请重新核对列表后再批准。",
        "Their decision was taken back, or their text is another now. Read the list again, then approve.",
    ),
    "letter-sent": Words(409, "这封通知已经发出，无法收回", "The letter is out and cannot be called back"),
    "letter-not-due": Words(409, "这封通知现在不能发送", "The letter is not due now"),
    "release-in-the-past": Words(
        422, "公布时间已过", "The publication time is in the past",
        "活动时钟现为 {now}。", "The campaign clock is at {now}.",
    ),
    "release-not-due": Words(409, "未到公布时间", "Publication is not due yet"),
    "mark-needs-words": Words(
        422, "请写明理由", "Give your reasons",
        "总分 {total}：低于 {below} 分或高于 {above} 分时，须写明理由。",
        "The total is {total}; below {below} or above {above}, reasons are required.",
    ),
    "entry-shortlisted": Words(
        409, "成果已入围，不能再改审核结论", "The entry is shortlisted, so its decision can no longer change",
        "编号 {number}。", "Poster number {number}.",
    ),
    "entry-not-approved": Words(409, "成果尚未通过审核", "The entry has not been approved"),
    "question-unknown": Words(404, "没有这个提问", "Question not found"),
    "question-claimed": Words(
        409, "另一位组织者正在回复", "Another organiser is answering this question",
        "{by}，至 {until}。", "{by}, until {until}.",
    ),
    "question-answered": Words(
        409, "您打开之后，这个提问已有新的答复", "This question has been answered since you opened it",
        "由 {by} 在 {at} 答复。请看现在的答复；要更正，请重新打开这一页再写。",
        "By {by}, {at}. Read that answer; to correct it, open the page again.",
    ),
    "question-closed": Words(
        409, "这个提问已关闭", "This question is closed",
        "提问的内容已应要求删除，不再等待答复。", "Its words were deleted on request, so it waits for no answer.",
    ),
    "questions-waiting": Words(
        409, "还有提问没有得到回复", "Earlier questions wait for an answer",
        "同时最多有 {most} 个未回复的提问，请等回复后再问。",
        "At most {most} questions may wait. Ask again once they are answered.",
    ),
    "questions-too-many": Words(
        409, "今天的提问已满", "Too many questions for one day",
        "24 小时内最多提 {most} 个问题。", "At most {most} questions in 24 hours.",
    ),
    "stock-unknown": Words(404, "没有这条常用答复", "Stock answer not found"),
    "stock-full": Words(
        409, "常用答复已满", "No room for another stock answer", "最多 {most} 条，请先删去不用的。",
        "At most {most}. Remove one first.",
    ),
    "common-question-unknown": Words(404, "没有公开这个问答", "This question is not public"),
    "common-questions-full": Words(
        409, "公开的问答已满", "No room for another public question", "最多 {most} 条，请先撤下不用的。",
        "At most {most}. Remove one first.",
    ),
    "claimed-by-other": Words(
        409, "成果正由他人审核", "Somebody else is reviewing this entry",
        "{by}，至 {until}。", "{by}, until {until}.",
    ),
    "version-changed": Words(
        409, "成果已有新版本，请重新审阅", "There is a newer version, please review it",
        "最新为第 {latest} 版。", "The latest is version {latest}.",
    ),
    "second-opinion-open": Words(
        409, "已请他人复核，复核之前不能另作决定", "A second person has been asked, and must answer first",
        "由 {by} 提请。", "Asked by {by}.",
    ),
    "second-opinion-missing": Words(409, "没有待复核的决定", "There is no decision that waits for a second person"),
    "second-person-needed": Words(
        409, "须由另一人办理，不能由提请人自己办理", "Somebody else must do this, not the person who proposed it"
    ),
    "sms-sign-in-closed": Words(
        409, "没有开通短信登录", "Signing in by short message is not set up",
        "请用密码登录。", "Sign in with your password.",
    ),
    "sign-in-codes-many": Words(
        429, "获取验证码太频繁", "Too many codes were asked for",
        "请过一分钟再试；一小时内最多五次。也可以用密码登录。",
        "Try again in a minute; five an hour at most. You can also sign in with your password.",
    ),
    "sign-in-code-refused": Words(
        401, "验证码不对，或已过期、已用过", "The code is wrong, too old, or used already",
        "请核对短信里最新的六位数字，或重新获取。",
        "Check the latest six digits in your messages, or get another code.",
    ),
    "opening-unknown": Words(404, "没有这项申请", "There is no such ask"),
    "opening-open": Words(
        409, "已有一项申请待定或仍在有效期内", "One ask waits or is in force already",
        "请先对它作出决定，或等它到期。", "Decide on it first, or wait until it ends.",
    ),
    "opening-decided": Words(
        409, "这项申请已有决定", "This ask was decided on already", "由 {by} 决定。", "Decided by {by}.",
    ),
    "opening-lapsed": Words(
        409, "申请已满七天，自动失效", "The ask lapsed after seven days", "请重新申请。", "Ask again.",
    ),
    "signals-sealed": Words(
        403, "网络信号处于封存状态", "The network signals are sealed",
        "按这一项分组，须先申请查看并由另一人同意。",
        "To group by this, ask to read them first; a second person must agree.",
    ),
    "signals-destroyed": Words(
        410, "网络信号的密钥已销毁，不能再按它分组",
        "The key of the network signals is destroyed: likes cannot be grouped by them any more",
    ),
    "too-many-likes": Words(
        422, "选中的点赞太多", "Too many likes are chosen",
        "请缩短时段，或只看一个成果。", "Choose a shorter time, or one entry.",
    ),
    "disqualification-missing": Words(409, "没有待确认的取消资格", "No disqualification waits for confirmation"),
    "disqualification-open": Words(
        409, "已有人提请取消资格，请确认或否决", "A disqualification is already proposed: confirm or decline it",
        "由 {by} 提请。", "Proposed by {by}.",
    ),
    "type-unchanged": Words(422, "成果现在就是这个类型", "The entry has this type already"),
    "type-request-missing": Words(409, "没有待处理的类型更正申请", "There is no open request for another type"),
    "staff-unknown": Words(422, "没有这位审核员", "Unknown moderator"),
    "bulk-empty": Words(422, "没有选择任何成果", "Nothing is selected"),
    "bulk-differs": Words(
        409, "清单与确认时不同，请重新核对", "This is not the list that was confirmed, please check it again"
    ),
    "bulk-unknown": Words(404, "没有这次批量操作", "Unknown bulk"),
    "undo-too-late": Words(
        409, "已超过十分钟，不能撤销", "More than ten minutes have passed, so this cannot be undone",
        "撤销截止于 {until}。", "It could be undone until {until}.",
    ),
    "entry-decided-meanwhile": Words(
        409, "您打开之后，此项已有新的处理", "The entry has been acted on since you opened it",
        "由 {by} 处理。请看现在的情况，再决定一次。", "By {by}. Look at how it stands now, and decide again.",
    ),
    "decision-missing": Words(409, "这一版还没有审核结论", "There is no decision on this version"),
    "decision-unchanged": Words(409, "已是这个结论", "This is the decision already"),
    "decision-overtaken": Words(
        409, "此后又有变化，不能撤销", "Something has happened since, so this cannot be undone",
        "此后 {by} 又作了处理。", "{by} has acted on it since.",
    ),
    "version-unknown": Words(422, "没有这一版", "Unknown version"),
    "grade-missing": Words(422, "请打分", "Enter a grade"),
    "grade-out-of-range": Words(422, "分数应为 0 到 100", "The grade must be 0 to 100"),
    "remarks-missing": Words(422, "请写明需要修改之处", "Say what needs to be corrected"),
    "subject-unknown": Words(404, "没有这个人员", "Person not found"),
    "subject-in-office": Words(409, "此人仍在任职，请先免职", "This person is still on the staff: dismiss them first"),
    "network-key-kept": Words(
        409, "网络信号的密钥尚未到销毁之时", "The key of the network signals must not be destroyed yet",
    ),
    "window-unknown": Words(422, "没有这个阶段", "Unknown phase"),
    "window-impossible": Words(422, "结束须晚于开始", "The end must be after the start"),
    "window-over": Words(409, "该阶段已经结束", "This phase is over", "止于 {end}。", "It ended at {end}."),
    "window-begun": Words(
        409, "该阶段已经开始，只能延后结束", "This phase has begun: only its end can be moved, to a later time",
        "{start} 至 {end}。", "{start} to {end}.",
    ),
    "window-in-the-past": Words(422, "开始时间已过", "The start is in the past"),
    "window-order": Words(
        409, "阶段的先后不能颠倒", "The order of the phases cannot change", "{first}、{second}。", "{first}, {second}."
    ),
    "window-overlap": Words(
        409, "两个阶段重叠", "The phases would overlap", "{first}、{second}。", "{first}, {second}."
    ),
}  # fmt: skip

# Refusals of ranking.
RANKING: dict[str, Words] = {
    "polls-open": Words(409, "点赞尚未全部截止", "Likes have not closed everywhere yet"),
    "cohort-already-fixed": Words(409, "参评名单已确定", "The entries to be judged have already been fixed"),
    "cohort-empty": Words(409, "没有可参评的成果", "There are no entries to judge"),
    "likes-held": Words(
        409, "还有暂缓计入的点赞待处理", "Some likes are still on hold", "{likes} 个。", "On hold: {likes}."
    ),
    "marks-missing": Words(409, "有的成果评分不足", "Some entries have too few marks"),
    "too-few-marks": Words(409, "有的成果评分不足", "Some entries have too few marks"),
    "seed-mismatch": Words(409, "抽签种子与承诺值不符", "The seed of the lot does not match its commitment"),
    "result-outdated": Words(
        409, "排名已有变化，请重新提出结果", "The ranking has changed, please propose the result again",
    ),
    "proposal-unknown": Words(404, "没有这份结果草案", "Proposal not found"),
    "proposal-replaced": Words(409, "这份草案已被新的取代", "This proposal has been replaced by a newer one"),
    "digest-differs": Words(409, "摘要与草案不符", "The digest does not match the proposal"),
    "not-an-organiser": Words(403, "只有组织者可以进行此操作", "Only an organiser can do this"),
    "office-changed": Words(
        403, "提出结果之后，您的职务或密码有过变动，不能签署；请重新提出结果后再签署",
        "Your office or password has changed since this result was proposed, so you cannot sign it: propose the "
        "result again, then sign",
    ),
    "already-signed": Words(409, "您已签署过", "You have already signed"),
    "result-published": Words(409, "结果已经公布", "The result has already been published"),
    "signatures-missing": Words(
        409, "签名不足", "Signatures missing", "已有 {have} 个，需要 {needed} 个。", "{have} of {needed}."
    ),
    "notice-running": Words(
        409, "公示期尚未结束", "The notice period has not ended", "至 {until}。", "It ends at {until}."
    ),
    "objections-open": Words(
        409, "还有异议尚未答复", "Some objections have not been answered yet", "{objections}。", "{objections}."
    ),
    "objections-upheld": Words(
        409, "有异议成立，这份结果不能最终确定", "An objection has been upheld, so this result cannot become final",
        "{objections}。请更正后重新提出结果；若结果无须更正，请改写答复并说明理由。",
        "{objections}. Correct the result and propose it again, or change the decision and give a reason.",
    ),
    "complaints-open": Words(
        409, "还有公示期内的投诉尚未答复", "Some complaints from the notice period have no answer yet",
        "{complaints}。", "{complaints}.",
    ),
    "disqualifications-open": Words(
        409, "有取消资格的提议等待另一位组织者确认", "A proposed disqualification waits for the second organiser",
        "{entries}。", "{entries}.",
    ),
    "changes-open": Words(
        409, "还有一批更正既未执行也未放弃", "A change set is neither applied nor dropped", "{changes}。", "{changes}.",
    ),
    "entries-undecided": Words(
        409, "还有成果的最新稿未经审核", "Moderators have not decided on the latest version of some entries",
        "{entries}。", "{entries}.",
    ),
    "letters-open": Words(
        409, "还有批准发送的通知没有送出", "Some letters were approved and have not gone out",
        "共 {letters} 封，其中 {failed} 封发送失败，其余在等发送或没有收信地址。请重新发送、补上地址，或选“不发”。",
        "Letters: {letters}, of which {failed} failed; the others wait or have no address. Send them again, add the "
        "address, or drop them.",
    ),
    "views-behind": Words(
        409, "公开页面落后于记录", "Public pages are behind the records",
        "已落后 {seconds} 秒。请稍后再试；若持续落后，请联系运维。",
        "They are {seconds} seconds behind. Try again later; if it lasts, tell operations.",
    ),
    "views-building": Words(
        409, "公开页面正在重新生成", "Public pages are being built anew",
        "新版本正在从头读取记录，读完之前不能最终确定。请稍后再试；若持续较久，请联系运维。",
        "A new version reads the records from their start. Try again once it has; if it lasts, tell operations.",
    ),
    "objection-late": Words(
        409, "公示期已过，不再受理异议", "The notice period has ended, and objections are closed",
        "受理截止于 {until}。如有情况反映，请用“投诉与建议”。",
        "Objections closed at {until}. You can still use “Complaints and suggestions”.",
    ),
    "objection-unknown": Words(
        404, "没有这个异议编号", "Objection not found",
        "请核对编号：16 位字母和数字 2 至 7。",
        "Check the number: it has 16 characters, letters and digits from 2 to 7.",
    ),
    "objection-settled": Words(
        409, "结果已确定，答复不能再改", "The result is final, so the answer can no longer change",
    ),
    "result-not-final": Words(409, "结果尚未最终确定", "The result is not final yet"),
    "entry-not-winner": Words(
        409, "有的成果不在入选名单内", "Some of these entries are not winners", "{entries}。", "{entries}."
    ),
    "certificate-unknown": Words(
        404, "没有这个证书编号", "Certificate not found",
        "请核对编号：16 位字母和数字 2 至 7。若编号无误，此证书不是本活动颁发的。",
        "Check the number: it has 16 characters, letters and digits from 2 to 7. If it is correct, "
        "this campaign did not issue the certificate.",
    ),
    "exhibition-not-open": Words(409, "展播尚未开始", "The exhibition is not open yet"),
    "entry-not-exhibited": Words(404, "展播中没有这个成果", "This entry is not in the exhibition"),
    "scenario-exists": Words(409, "这个名称已用于另一情景", "This name is used by a different scenario"),
    "scenarios-full": Words(
        409, "保存的情景已满", "No more scenarios can be saved", "最多 {most} 个。", "The limit is {most}."
    ),
    "scenario-unknown": Words(404, "没有这个情景", "Scenario not found"),
    "entry-not-ranked": Words(404, "排名中没有这个成果", "This entry is not in the ranking"),
    "judge-unknown": Words(422, "没有这位专家的评分", "There are no marks by this judge"),
    "like-unknown": Words(422, "没有这些点赞", "Likes not found"),
    "day-unknown": Words(
        422, "点赞期间没有这一天", "This day is not in the like week", "{days}。", "{days}."
    ),
    "rule-unreadable": Words(422, "读不懂这条规则", "Invalid rule", "{words}", "{words}"),
    "cut-unknown": Words(422, "记录还没有到这个位置", "The log has not reached this cut yet"),
}  # fmt: skip

WORDS: dict[str, Words] = EDGE | SUBMISSION | VOTING | SCORING | MODERATION | RANKING

# Errors of one field, or of one cell of a roll: code → (Chinese, English).
FIELDS: dict[str, tuple[str, str]] = {
    "required": ("必填", "is required"),
    "null": ("不能为空", "must not be null"),
    "unknown": ("没有这个字段", "is not a known field"),
    "not-an-object": ("应为对象", "must be an object"),
    "not-a-position": (
        "应写作日志名、英文冒号和位置，用逗号隔开",
        "must be written as log:position, separated by commas",
    ),
    "not-a-list": ("应为列表", "must be a list"),
    "not-text": ("应为文字", "must be text"),
    "not-whole": ("应为整数", "must be a whole number"),
    "not-true-or-false": ("应为真或假", "must be true or false"),
    "control-characters": ("含有控制字符", "contains control characters"),
    "line-break": ("须写在一行之内", "must stand in one line"),
    "direction-characters": ("含有改变文字方向的控制符", "contains characters that change the direction of text"),
    "private-characters": (
        "含有自造字（私用区字符），别的设备显示不出",
        "contains private-use characters, which other devices cannot show",
    ),
    "nothing-visible": ("没有可见的文字", "shows nothing"),
    "too-long": ("过长", "is too long"),
    "too-short": ("过短", "is too short"),
    "too-many": ("过多", "has too many items"),
    "out-of-range": ("超出范围", "is out of range"),
    "malformed": ("格式不对", "has an invalid format"),
    "not-allowed": ("不在可选范围内", "is not an allowed value"),
    "repeated": ("重复", "is repeated"),
    "one-at-a-time": ("一次只能选一项", "cannot be combined with another filter"),
    "invalid": ("不符合要求", "is not valid"),
    "missing": ("缺少", "is missing"),
    "column-missing": ("缺少这一列", "missing column"),
    "column-unknown": ("没有这一列", "unknown column"),
    "column-repeated": ("这一列重复", "repeated column"),
    "header-missing": (
        "前十行里没有表头，表头应有：{allowed}",
        "none of the first ten rows is a header with: {allowed}",
    ),
    "not-a-level": ("没有级别“{value}”，可用：{allowed}", "{value} is not a level; use one of: {allowed}"),
    "not-a-unit-type": ("没有单位类型“{value}”，可用：{allowed}", "{value} is not a unit type; use one of: {allowed}"),
    "access-too-short": ("访问码至少要有 8 个字符", "the access code needs at least 8 characters"),
    "access-guessable": ("访问码太容易猜到", "the access code is too easy to guess"),
    "access-repeated": ("访问码与第 {value} 行的相同", "the access code is the same as in row {value}"),
    "repeated-but-for-case": (
        "代码 {value} 与另一行的只有大小写之别",
        "the code {value} differs from another row's by letter case alone",
    ),
    "too-many-rows": ("行数过多", "too many rows"),
    "too-many-cells": ("单元格多于表头", "more cells than the header"),
    "roll-file-unknown": (
        "不是 CSV，也不是 xlsx。请在表格软件里“另存为” xlsx（不加密码）再上传",
        "is neither CSV nor xlsx; save it as xlsx, without a password, and upload that",
    ),
    "roll-file-broken": (
        "这个 xlsx 打不开，请重新保存一次再上传",
        "this xlsx cannot be read; save it again and upload that",
    ),
    "roll-file-too-large": ("表格过大", "the table is too large"),
    "text-broken": ("既不是 UTF-8 也不是 GB18030 文字", "is text in neither UTF-8 nor GB18030"),
    "cell-digits-lost": (
        "超过 15 位的数字在表格里会丢掉末几位，请把这一列设为“文本”再重新填写（现在是 {value}）",
        "a spreadsheet loses digits after the 15th; format this column as text and type it again (now {value})",
    ),
    "cell-fraction": ("是小数 {value}，这一列应是文字", "is the number {value}; this column holds text"),
    "cell-format": (
        "显示的和存的不一样（存的是 {value}），请把这一列设为“文本”",
        "shows something else than it stores ({value}); format this column as text",
    ),
    "cell-date": ("是日期 {value}，请把这一列设为“文本”", "is the date {value}; format this column as text"),
    "cell-truth-value": ("是逻辑值 {value}，应是文字", "is the truth value {value}; this column holds text"),
    "cell-error": ("是公式错误 {value}", "is the error {value}"),
    "cell-formula": (
        "是公式，但没有存下结果，请粘贴成数值再上传",
        "is a formula without a stored result; paste it as a value",
    ),
    "like-a-formula": (
        "“{value}”以 = + - @ 开头，表格软件会当成公式",
        "{value} begins with =, +, - or @, which spreadsheets take for a formula",
    ),
    "not-csv": ("不是有效的 CSV", "is not valid CSV"),
    "empty": ("没有内容", "is empty"),
}
