"""The text of the declaration that a unit accepts when it submits an entry. The log stores only the text's hash.

A new wording has a new hash, and a submission names the hash of the wording that the unit was shown
(`ConsentGiven.words`). So an old text stays in this module beside the new text.
"""

import hashlib

TEXT_ZH = (
    "本单位声明：所报送的标题、单位简介、典型材料、图片、视频和H5内容真实、客观，无弄虚作假或夸大事实；"
    "已取得出镜人员的肖像许可以及所用音乐、图片、视频的使用许可；同意活动主办方审核通过后在活动各展播渠道公开展示。"
    "如有不实，愿被取消参评资格并承担相应责任。"
)
WORDS = hashlib.sha256(TEXT_ZH.encode()).hexdigest()
#: Hash -> text, for every wording that was ever published.
TEXTS_ZH = {WORDS: TEXT_ZH}
