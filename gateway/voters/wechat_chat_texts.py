"""Texts of the replies in WeChat's chat, in Chinese only.

A chat has no language switch, and its reader chose to follow a Chinese account. `wechat_chat.py` fills the `{names}`.
The module is data only.
"""

GREETING = "欢迎您！点菜单“服务大厅”可查看并点赞入围成果；也可直接发送“赞”加编号，例如：赞 A012。\n活动页面：{page}"
HELP = (
    "发送“赞”加编号即可点赞，例如：赞 A012。\n"
    "每个成果每天可赞一次，每天最多 {per_day} 个成果{of_type}。\n"
    "点赞无需关注、无需转发，也没有任何奖励。\n活动页面：{page}"
)
HELP_OF_TYPE = "，其中同一类单位最多 {per_type} 个"
CLOSED = "活动尚未开始。"
UNKNOWN_ENTRY = "没有找到编号 {number}。请核对海报上的编号，或在活动页面查看全部成果：{page}"
COUNTED = "已为 {number}《{title}》点赞。\n今天还可以点赞 {remaining} 个成果。\n回执：{receipt}"
PENDING = "已收到您为 {number}《{title}》的点赞，核验后计入。\n今天还可以点赞 {remaining} 个成果。\n回执：{receipt}"
ALREADY = "您今天已经为 {number}《{title}》点过赞，每天可赞一次。\n今天还可以点赞 {remaining} 个成果。\n回执：{receipt}"
GONE = "您已收回今天为 {number}《{title}》的点赞；如要重新点赞，请稍后再发送一次。\n今天还可以点赞 {remaining} 个成果。"
ACCEPTED = "已受理您为 {number}《{title}》的点赞，结果稍后可知：再次发送同样的内容即可查询，不会重复计数。"
REFUSED = "未能为 {number}《{title}》点赞：{reason}"
TRY_AGAIN = "{reason}"
LINK_FIRST = "请点下面的链接为 {number}《{title}》点赞。只需一次，以后在这里发送“赞”加编号就可以点赞：\n{page}"
LIKE_ABOUT = "查看入围成果并点赞。无需关注，没有奖励。"
MINE = "我的点赞和回执：{page}"
