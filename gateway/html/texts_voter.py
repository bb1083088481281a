"""Texts of like buttons and of the voters' pages: key → (Chinese, English). Data only."""

WORDS: dict[str, tuple[str, str]] = {
    "like.is": ("✓ 已赞", "✓ Liked"),
    "like.pending": ("… 已收到，核验后计入", "… Received, counts once verified"),
    "like.one-tap": (
        "点一下就完成：先用微信静默登录，随即点赞。无需关注，没有奖励。",
        "One tap does it: WeChat signs you in silently, and your like is given. No need to follow, no reward.",
    ),
    "like.signed-in": (
        "已用微信登录，还没有点赞：点下面的“点赞”即可。",
        "You are signed in with WeChat. No like has been given yet: tap Like below.",
    ),
    "like.once-more": (
        "已用微信登录，正在完成点赞。如果没有自动完成，请再点一次“点赞”。",
        "You are signed in with WeChat, and your like is being given. If nothing happens, tap Like once more.",
    ),
    "like.not": ("没有点赞：{why}。{more}", "No like was given: {why}. {more}"),
    "like.unknown": (
        "暂时查不到您今天的点赞情况；点赞照常，重复点也只计一次。",
        "What you have liked today cannot be shown right now. You can like all the same: a second tap counts once.",
    ),
    "like.left-of-type": ("其中这一类单位还可以点 {count} 个。", "Of these, {count} for units of this type."),
    "like.phone": (
        "点赞要在微信里进行。把本页链接复制到微信（发给“文件传输助手”或任何聊天，再点开），或在微信里搜索主办方的公众号，"
        "发送“{order}”。",
        "Liking happens inside WeChat. Copy this page's link into WeChat (send it to File Transfer or any chat, then "
        "open it), or search for the organiser's account in WeChat and send it “{order}”.",
    ),
    "phone.title": ("请在微信里打开", "Please open this page in WeChat"),
    "phone.more": (
        "登录要在微信里进行。把下面的链接复制到微信（发给“文件传输助手”或任何聊天，再点开），或在微信里搜索主办方的公众号，"
        "从菜单进入。",
        "You sign in inside WeChat. Copy the link below into WeChat (send it to File Transfer or any chat, then open "
        "it), or search for the organiser's account in WeChat and use its menu.",
    ),
    "copy.link": ("本页链接", "Link to this page"),
    "copy": ("复制链接", "Copy link"),
    "copy.done": ("✓ 已复制，请到微信里粘贴。", "✓ Copied. Paste it in WeChat."),
    "copy.by-hand": (
        "没能自动复制，请长按上面的链接复制。",
        "Could not copy. Press and hold the link above to copy it.",
    ),
    "like.nowhere": (
        "这里不能点赞：本次活动没有接通微信登录，而网页上的点赞要靠它确认每人只点一次。怎样参加，请看活动规则或向主办方咨询。",
        "You cannot like here: this campaign is not connected to WeChat, by which everybody counts once. See the "
        "rules, or ask the organiser how to take part.",
    ),
    "mine.about": (
        "点赞结束（{end}）前，每一天的点赞都可以在这里收回。",
        "Until liking ends ({end}), you can take back any of your likes here, whatever its day.",
    ),
    "mine.closed": (
        "点赞已于 {end} 结束，不能再点赞，也不能再收回。",
        "Liking ended at {end}. Likes can no longer be given or taken back.",
    ),
    "mine.early": ("点赞尚未开始，{start} 起可以点赞。", "Liking has not begun yet. It opens at {start}."),
    "mine.today": ("{day}（今天）", "{day} (today)"),
    "mine.none-ever": ("还没有点过赞。", "You have not liked any entry yet."),
    "mine.older-away": (
        "以前各天的点赞暂时查不到，请稍后重新加载。它们都已记录在案，不受影响。",
        "Your likes of earlier days cannot be shown right now; please reload later. They are all recorded.",
    ),
    "mine.is-counted": ("✓ 有效", "✓ Counts"),
    "mine.is-pending": ("… 待核验", "… To be verified"),
    "mine.is-retracted": ("○ 已收回", "○ Taken back"),
    "mine.why-void": ("原因：", "Why: "),
    "mine.same-person": (
        "您在另一个账号上当天已给这个成果点过赞。",
        "you liked this entry on the same day under another account.",
    ),
    "mine.appeal": ("有异议？提出申诉", "Disagree? Appeal"),
    "mine.is-void": ("× 已作废，不计入", "× Voided, does not count"),
    "privacy.how": (
        "取消关注服务号或订阅号中的任何一个，或在本页用微信登录后按页末的按钮，即可删除，各个入口（服务号、订阅号、小程序、网页）"
        "一并删除：您的密钥立刻销毁，加密信息从此无人能读；已计入的点赞作为数字保留。",
        "To delete your data, unfollow the service account or the subscription account, or sign in on this page and "
        "press the button at its end. Any of the three deletes it everywhere (service account, subscription account, "
        "mini-program, web): your key is destroyed at once, and nobody can read the encrypted data again. Likes "
        "already counted stay as numbers.",
    ),
    "privacy.enter": (
        "删除之前要先确认是您本人，请用微信登录：",
        "Before your data can be deleted, we must know that it is you. Sign in with WeChat:",
    ),
    "privacy.nobody": (
        "本次活动没有接通微信，网页上没有点赞人的信息可删。",
        "This campaign is not connected to WeChat, so the web holds no voter's data to delete.",
    ),
    "ballot": ("一起点赞", "Like several"),
    "ballot.enter": ("用微信登录后，可以勾选几个一起点赞", "Sign in with WeChat to tick several and like them at once"),
    "ballot.pick": ("选", "Choose"),
    "ballot.pick-of": ("选 {number}，一起点赞", "Choose {number} to like together"),
    "ballot.how": (
        "勾选几个成果，一次点赞；每人每天最多 {per_day} 个。",
        "Tick several entries and like them at once, {per_day} a day at most.",
    ),
    "ballot.send": ("为选中的成果点赞", "Like the chosen entries"),
    "ballot.chosen": ("已选 {n} 个", "{n} chosen"),
    "ballot.result": ("点赞结果", "What became of your likes"),
    "ballot.none": ("没有选中任何成果，什么也没有点。", "Nothing was chosen, so nothing was liked."),
    "ballot.liked": ("{count} 个已点赞", "{count} liked"),
    "ballot.not": ("{count} 个没有点赞，原因见下", "{count} not liked, for the reasons below"),
    "card.liked": ("✓ 已赞", "✓ Liked"),
    "card.undo": ("收回", "Take back"),
    "card.like": ("点赞 {number}", "Like {number}"),
}
