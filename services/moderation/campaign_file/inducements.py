"""Refuse what the platform and the state forbid as ways to get likes, before a campaign opens.

WeChat's 《微信外部链接内容管理规范》 bans forcing or rewarding sharing, collecting likes (集赞), friends' help (助力),
and content that is shown only after the reader follows or shares; a link that does so is blocked in the middle of
like week. 国办函〔2026〕12号 forbids rankings by turnout.

Promises: a key that declares one of these is an error at its line, and so is wording for it in any text of the file.
Wording that forbids it («严禁集赞») passes.
Does not promise: to understand a text. An organiser whose text means something else rewords it, as the explanation
says.
"""

import re
from collections.abc import Iterator
from typing import Any

from services.moderation.campaign_file.line_numbers import Path
from services.moderation.campaign_file.problems import Report
from services.moderation.campaign_file.toml_reader import Table

_LINKS = ("《微信外部链接内容管理规范》", "WeChat's rules for external links (2019)")
_TURNOUT = ("国办函〔2026〕12号", "State Council Office letter 2026 No. 12")

#: Key of `[likes]` → what it declares, in Chinese and English, and the rule that forbids it.
DECLARED: dict[str, tuple[str, str, tuple[str, str]]] = {
    "reward_for_liking": ("点赞有奖励", "a reward for liking", _LINKS),
    "reward_for_sharing": ("分享有奖励", "a reward for sharing", _LINKS),
    "lottery_for_likers": ("点赞者参加抽奖", "a lottery for likers", _LINKS),
    "share_required": ("必须分享才能继续", "forced sharing", _LINKS),
    "follow_required_to_read": ("关注后才能看到内容", "content that is hidden until the reader follows", _LINKS),
    "turnout_ranking": ("按参与率给地区或单位排名", "a ranking of cities or units by turnout", _TURNOUT),
}

_THING = "(?:大|好|豪|精美)?(?:奖|礼|红包|券|话费|积分|手机)"
_GAIN = rf"有奖|有礼|(?:领|赢)取|[领赢送得抽]{_THING}|返现"
# Goods and money only: an honour («前100名授予称号») is not an inducement, and neither is «得奖名单».
_GOODS = "(?:奖[品金]|奖励|大奖|[好豪厚]礼|礼[品物包]|红包|券|话费|流量|积分|手机|现金)"
_GIVEN = rf"(?:领|赢|送|抽|获|得|发|赠|奖励|返|换|兑)\w{{0,4}}{_GOODS}|{_GOODS}(?:奖励|相送|等你)"
_FRIENDS = "(?:好友|朋友|亲友|亲朋|同事|家人|他人|别人)"
_PLACES, _BODIES = "[省市州县区地](?:区|市|县|州)?", "(?:基层)?(?:单位|工会|系统|产业|企业)"
_RANKED = "(?:排名|排行|排序|名次|通报|考核)"
_COUNTED = "(?:点赞|投票|参与)"
_WORDS: tuple[tuple[str, str], ...] = (
    (r"集(?:[齐满够]?[\d一二三四五六七八九十百]*个?|[齐满够])赞(?!同|成|美|扬|许|叹)", "reward_for_liking"),
    (rf"(?:点赞|投票)(?:{_GAIN})", "reward_for_liking"),
    (r"(?:点赞|投票)\w{0,4}抽(?:大|取大?)?奖", "lottery_for_likers"),
    (rf"(?:转发|分享)\w{{0,6}}(?:抽奖|加赞|加票|{_GAIN})", "reward_for_sharing"),
    (rf"(?:点赞|投票)(?:即|就|便|后|者|满|均|每|[可能])\w{{0,6}}(?:{_GIVEN})", "reward_for_liking"),
    (rf"(?:点赞|投票)\w{{0,8}}前\w{{1,6}}[名位个]\w{{0,4}}(?:{_GIVEN})", "reward_for_liking"),
    (rf"(?:邀请?|拉|找|喊|叫)\w{{0,3}}{_FRIENDS}\w{{0,10}}(?:{_GIVEN}|{_GAIN})", "reward_for_sharing"),
    (rf"(?:邀请?|拉)\w{{0,2}}[一二两三五十百\d]+[人位名]\w{{0,8}}(?:{_GIVEN}|{_GAIN})", "reward_for_sharing"),
    (r"(?:转发|分享)\w{0,8}(?:[多加再]|增加)\w{0,2}(?:投|赞|点赞|[一\d][次票])", "reward_for_sharing"),
    (r"(?:邀请|请|找)?好友\w{0,2}(?:助力|砍价|加速|协助)", "reward_for_sharing"),
    (r"(?:转发|分享)(?:\w{0,6}后|\w{0,6}才)\w{0,3}(?:可见|可看|查看|解锁|可点赞|能点赞)", "share_required"),
    (r"关注\w{0,8}(?:后|才|再|即)\w{0,3}(?:可见|可看|查看|阅读|解锁|能看)", "follow_required_to_read"),
    (r"(?:参与率|投票率|点赞率|参与度)\w{0,4}(?:排名|排行|通报|考核)", "turnout_ranking"),
    (rf"[各按]{_PLACES}的?(?:职工|会员)?{_COUNTED}\w{{0,4}}{_RANKED}", "turnout_ranking"),
    (rf"[各按]{_BODIES}的?(?:职工|会员)?{_COUNTED}(?:人数|人次|次数|率)\w{{0,2}}{_RANKED}", "turnout_ranking"),
    (rf"[各按]{_BODIES}的?(?:职工|会员)?{_COUNTED}\w{{0,4}}(?:通报|考核)", "turnout_ranking"),
    (
        rf"{_COUNTED}(?:数|量|人数|人次|次数|率|情况)[对给为]各?(?:{_PLACES}|{_BODIES})\w{{0,4}}{_RANKED}",
        "turnout_ranking",
    ),
    (r"(?i)\b(?:share|invite friends|repost)\b[^.;]{0,20}\bto (?:win|get|earn)\b", "reward_for_sharing"),
    (r"(?i)\b(?:like|vote) [^.;]{1,20} to (?:win|get|earn)\b", "reward_for_liking"),
    (r"(?i)\b(?:lottery|prize draw|lucky draw) for (?:likers|voters)\b", "lottery_for_likers"),
    (r"(?i)\bshare\b[^.;]{0,20}\bto (?:unlock|see|read|view|continue)\b", "share_required"),
    (r"(?i)\bfollow\b[^.;]{0,20}\bto (?:unlock|see|read|view)\b", "follow_required_to_read"),
    (r"(?i)\b(?:ranking|table) (?:of \w+ )?by turnout\b", "turnout_ranking"),
)
_KNOWN = tuple((re.compile(pattern), key) for pattern, key in _WORDS)
_CLAUSE = re.compile(r"[。；;!！?？,，\n]")
_FORBIDS = re.compile(
    r"不得(?!不)|不准|不许|不要(?!错过)|不能(?!错过)|不设|不搞|不以|禁止|严禁|杜绝|拒绝|(?i:\bno\b|\bnot\b|\bnever\b|\bwithout\b)"
)


def check_declared_keys(likes: Table) -> None:
    """Report an error for every key of `[likes]` that is true and declares a forbidden inducement (see DECLARED)."""
    for key in DECLARED:
        if likes.flag(key, default=False) and not likes.broken(key):
            _report(likes.report, (*likes.path, key), key, f"{key} = true")


def check_texts(data: Any, report: Report, path: Path = ()) -> None:
    """Report forbidden wording in every text of the file, as one error per text and kind of inducement.

    `data` is the parsed file. `path` is where `data` stands in it.
    """
    for place, text in _texts(data, path):
        found: dict[str, str] = {}
        for clause in _CLAUSE.split(text):
            for pattern, key in _KNOWN:
                match = pattern.search(clause)
                if match is not None and not _FORBIDS.search(clause[: match.start()]):
                    found.setdefault(key, match[0])
        for key, words in found.items():
            _report(report, place, key, f"«{words}»")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from _texts(inner, (*path, key))


def _report(report: Report, path: Path, key: str, words: str) -> None:
    zh, en, (rule_zh, rule_en) = DECLARED[key]
    report.error(
        path,
        "inducement",
        f"{words}：{zh}，为{rule_zh}所禁止；请删去，或换一种写法",
        f"{words}: {en}, forbidden by {rule_en}; remove it or reword it",
    )
