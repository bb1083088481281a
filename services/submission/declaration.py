"""The declaration that a unit makes when it hands in, as published; what is stored of it is its hash.

A new wording is a new `WORDS`, and hand-ins name the one that they were shown: `ConsentGiven.words` tells them apart
for ever, so an old text is kept here beside the new one. Does not promise that anybody read it.
"""

import hashlib

TEXT_ZH = (
    "本单位声明：所报送的标题、单位简介、典型材料、图片、视频和H5内容真实、客观，无弄虚作假或夸大事实；"
    "已取得出镜人员的肖像许可以及所用音乐、图片、视频的使用许可；同意活动主办方审核通过后在活动各展播渠道公开展示。"
    "如有不实，愿被取消参评资格并承担相应责任。"
)
WORDS = hashlib.sha256(TEXT_ZH.encode()).hexdigest()
#: Every wording that was ever shown, by its hash.
TEXTS_ZH = {WORDS: TEXT_ZH}
