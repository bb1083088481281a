"""Reasons that moderators need again and again, as texts in both languages, for each item of an entry.

They are suggestions: a moderator changes the words as the case needs, and a remark holds the words alone.
A campaign file adds reasons of its own (`[[moderation.reasons]]`), which stand before these.
"""

from services.moderation.campaign import Campaign, ReasonTemplate

#: The items of an entry that a reason may be about. A single file is `files/<i>`, counted from 0.
ITEMS = ("title", "profile", "text", "themes", "pictures", "video", "audio", "h5", "declarations", "other")
STANDARD = tuple(
    ReasonTemplate(*each)
    for each in (
        ("title", "标题与正文内容不符，请修改标题。", "The title does not match the text. Please change it."),
        (
            "title",
            "标题含有宣传用语或多余符号，请精简。",
            "The title contains slogans or stray symbols. Please shorten it.",
        ),
        (
            "profile",
            "单位简介过于简略，请补充基本情况。",
            "The profile of the unit is too brief. Please add the basic facts.",
        ),
        ("profile", "单位简介与正文重复，请改写。", "The profile repeats the text. Please rewrite it."),
        (
            "text",
            "正文没有写明具体做法和成效，请补充。",
            "The text does not say what was done and what came of it. Please add it.",
        ),
        (
            "text",
            "正文有错别字或语句不通，请通读后修改。",
            "The text has misprints or unclear sentences. Please read it through.",
        ),
        (
            "text",
            "正文含有个人联系方式或证件号码，请删除。",
            "The text holds personal contact details or identity numbers. Please remove them.",
        ),
        (
            "text",
            "正文引用他人内容未注明出处，请注明。",
            "The text quotes others without naming the source. Please name it.",
        ),
        (
            "text",
            "引用的数据没有来源或前后不一致，请核对。",
            "Figures have no source or contradict each other. Please check them.",
        ),
        (
            "themes",
            "所选主题与内容不符，请重新选择。",
            "The chosen themes do not fit the content. Please choose again.",
        ),
        (
            "pictures",
            "图片模糊或有水印，请换成清晰的原图。",
            "A picture is blurred or carries a watermark. Please replace it by a clear original.",
        ),
        ("pictures", "图片与内容无关，请更换。", "A picture has nothing to do with the content. Please replace it."),
        (
            "pictures",
            "图片中有未经同意的人像，请取得同意或更换。",
            "A picture shows people who have not agreed. Please get their consent or replace it.",
        ),
        ("pictures", "图片缺少说明文字，请补充。", "A picture has no caption. Please add one."),
        (
            "video",
            "视频无法播放或没有声音，请重新上传。",
            "The video does not play or has no sound. Please upload it again.",
        ),
        ("video", "视频没有字幕，请尽量补上。", "The video has no subtitles. Please add them if you can."),
        (
            "video",
            "视频使用的音乐没有授权，请更换或提供授权。",
            "The music in the video is not licensed. Please replace it or send the licence.",
        ),
        ("audio", "音频杂音过大，请重新录制或上传。", "The sound is too noisy. Please record or upload it again."),
        (
            "h5",
            "链接无法打开或内容已变，请检查链接。",
            "The link does not open or leads elsewhere now. Please check it.",
        ),
        (
            "h5",
            "链接页面含有广告或投票诱导，请更换。",
            "The linked page has advertising or rewards for votes. Please replace it.",
        ),
        (
            "declarations",
            "内容疑似由人工智能生成但未声明，请如实声明。",
            "The content seems to be made by AI without a declaration. Please declare it.",
        ),
        (
            "other",
            "党旗、国旗、国徽或党和国家标志使用不规范，请按规定修改。",
            "Flags or emblems of party or state are not used as the rules say. Please correct this.",
        ),
        ("other", "内容与本次活动要求不符。", "The content does not meet the terms of this campaign."),
        (
            "other",
            "与其他单位的成果高度重复，请说明或修改。",
            "The entry largely repeats that of another unit. Please explain or change it.",
        ),
    )
)


def templates(campaign: Campaign | None) -> tuple[ReasonTemplate, ...]:
    """Return all reasons: those of the campaign first."""
    return (*(() if campaign is None else campaign.moderation.reasons), *STANDARD)
