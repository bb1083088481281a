"""The rights statement of a pack: what the unit declared, of which version, and what whoever posts it must keep to."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from gateway.media_packs.channels import Channel, Story

_CHINA = timezone(timedelta(hours=8))
_STATEMENT = """素材包权利说明 / Rights statement

成果 / Entry: {title}（{number}，第 {version} 版 / version {version}）
单位 / Unit: {unit}
用途 / For: {channel}
{mark}
一、报送单位于 {at} 报送该版本时作出如下声明（声明哈希 {words}）：
    {declared}
    The unit declared this when it handed in this version: it is true, the people in it agreed to be shown, music and
    pictures are licensed, and the organiser may show it in the channels of the campaign.

二、发布时须注明“{campaign}”和单位名称；不得改变原意，不得用于广告。
    Name the campaign and the unit; do not change its meaning; no advertising.

三、成果被撤下、退出或取消资格后，须立即从各渠道删除。是否仍在展示，以下列页面为准：
    Once it is taken down, withdrawn or disqualified, delete it everywhere at once. What counts is this page:
    {url}
"""


def statement(channel: Channel, story: Story, *, number: str, consent: dict[str, Any]) -> str:
    """`consent` as submission tells it. Where it tells no words, so does this: nothing is claimed in their place."""
    declared = consent["zh"] or "（声明原文不在本系统中 / the words are not known here）"
    return _STATEMENT.format(
        title=story.title,
        number=number,
        version=consent["version"],
        unit=story.unit,
        channel=channel.zh,
        mark=f"状态 / State: {story.mark} / provisional, not final yet\n" if story.mark else "",
        at=datetime.fromtimestamp(consent["at"] / 1000, UTC).astimezone(_CHINA).strftime("%Y-%m-%d %H:%M"),
        words=consent["words"],
        declared=declared,
        campaign=story.campaign,
        url=story.url,
    )
