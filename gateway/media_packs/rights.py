"""The rights statement of a media pack: what the unit declared for which version, and the conditions for posting it."""

from typing import Any

from gateway.media_packs.channels import Channel, Story
from shared.zones import to_the_minute, zone_names

_STATEMENT = """素材包权利说明 / Rights statement

成果 / Entry: {title}（{number}，第 {version} 版 / version {version}）
单位 / Unit: {unit}
用途 / For: {channel}
{mark}
一、报送单位于 {at} 报送该版本时作出如下声明（声明哈希 {words}）：
    {declared}
    The unit declared this when it handed in this version: the content is true, the people shown have agreed, music and
    pictures are licensed, parts made or altered by artificial intelligence are marked, and the organiser may publish it
    in the channels of the campaign.
{ai}
二、发布时须注明“{campaign}”和单位名称；不得改变原意，不得用于广告。
    Credit the campaign and the unit. Do not change the meaning. Do not use it for advertising.

三、成果被撤下、退出或取消资格后，须立即从各渠道删除。是否仍在展示，以下列页面为准：
    If the entry is taken down, withdrawn or disqualified, delete it from every channel at once. Check its status at:
    {url}
"""


_AI = """
    发布时须保留下列人工智能内容标识（《人工智能生成合成内容标识办法》）：{parts}
    Keep these labels of content made or altered by artificial intelligence when you post it, as the law demands.
"""


def rights_statement(channel: Channel, story: Story, *, number: str, consent: dict[str, Any], zone: str) -> str:
    """Return the text of a pack that says what the unit declared, and on which conditions the entry may be posted.

    `consent` is submission's record of the declaration, `zone` the campaign's time zone. If submission does not have
    the wording, the statement says so and puts nothing in its place.
    """
    declared = consent["zh"] or "（声明原文不在本系统中 / the wording is not in this system）"
    return _STATEMENT.format(
        title=story.title,
        number=number,
        version=consent["version"],
        unit=story.unit,
        channel=channel.zh,
        mark=f"状态 / State: {story.mark} / provisional, not yet final\n" if story.mark else "",
        at=f"{to_the_minute(consent['at'], zone)}（{zone_names(zone)[0].strip()}）",
        words=consent["words"],
        declared=declared,
        ai=_AI.format(parts=story.ai) if story.ai else "",
        campaign=story.campaign,
        url=story.url,
    )
