"""The declarations that a unit accepts when it submits an entry. The log stores only the hashes of their texts.

Each kind of declaration has a wording and a hash of its own, and all together have one (`WORDS`). A new wording has a
new hash, and a submission names the hash of the wording that the unit was shown (`ConsentGiven`). So an old text stays
in this module beside the new text.
"""

import hashlib
from dataclasses import dataclass

from shared.canonical import digest


@dataclass(frozen=True, slots=True)
class Declaration:
    """One kind of declaration, with its wording in both languages."""

    kind: str
    zh: str
    en: str

    @property
    def words(self) -> str:
        """The SHA-256 of the wording."""
        return digest([self.kind, self.zh, self.en])


TRUTH, PORTRAIT, MUSIC, AI, PUBLICATION = KINDS = ("truth", "portrait", "music", "ai", "publication")
DECLARATIONS = (
    Declaration(
        TRUTH,
        "所报送的标题、单位简介、典型材料、图片、视频和H5内容真实、客观，"
        "无弄虚作假或夸大事实；如有不实，愿被取消参评资格并承担相应责任。",
        "The title, profile, text, pictures, films and H5 page are true and objective. If they are not, we accept to "
        "be excluded and to answer for it.",
    ),
    Declaration(
        PORTRAIT,
        "已取得图片、视频中可辨认人员（未成年人为其监护人）的肖像使用许可；没有可辨认人员的，此项同样成立。",
        "The people who can be recognised in pictures and films (for minors, their guardians) have agreed to be shown; "
        "this also holds if there are none.",
    ),
    Declaration(
        MUSIC,
        "已取得所用音乐、图片、视频、字体等作品的使用许可；没有使用他人作品的，此项同样成立。",
        "We have the licences for the music, pictures, films, fonts and other works that are used; this also holds if "
        "there are none of other people.",
    ),
    Declaration(
        AI,
        "已逐项标明由人工智能生成或修改的部分；未标明的部分没有使用人工智能生成或修改。",
        "Each part that artificial intelligence made or altered is marked; the parts without a mark are neither.",
    ),
    Declaration(
        PUBLICATION,
        "同意活动主办方审核通过后在活动各展播渠道公开展示。",
        "After approval, the organiser may show the entry in the channels of the campaign.",
    ),
)
CURRENT = {each.kind: each.words for each in DECLARATIONS}
TEXT_ZH = "本单位声明：\n" + "\n".join(f"{n}. {each.zh}" for n, each in enumerate(DECLARATIONS, 1))
TEXT_EN = "Our unit declares:\n" + "\n".join(f"{n}. {each.en}" for n, each in enumerate(DECLARATIONS, 1))
#: The hash of all parts together: who sends it accepts each of them.
WORDS = digest(CURRENT)
_FIRST_ZH = (
    "本单位声明：所报送的标题、单位简介、典型材料、图片、视频和H5内容真实、客观，无弄虚作假或夸大事实；"
    "已取得出镜人员的肖像许可以及所用音乐、图片、视频的使用许可；同意活动主办方审核通过后在活动各展播渠道公开展示。"
    "如有不实，愿被取消参评资格并承担相应责任。"
)
#: Hash -> text, for every wording that was ever published.
TEXTS_ZH = {hashlib.sha256(_FIRST_ZH.encode()).hexdigest(): _FIRST_ZH, WORDS: TEXT_ZH}
