"""The declaration that a unit makes when it hands in, as published. Only its hash is stored.

A new wording is a new `WORDS`, and a hand-in names the wording that the unit was shown: `ConsentGiven.words` tells the
wordings apart for ever, so an old text stays in this module beside the new one.
Does not promise: that anybody read it.
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
