"""The declaration of independence that a judge makes before reading the first entry. The log stores only its hash.

A new wording has a new hash. Judges who declared an earlier wording need not declare again.
"""

from shared.canonical import digest

ZH = (
    "我独立评分：只依据材料和评分标准，不与他人商议分数，也不受他人左右。",
    "我与名下各成果的单位及其工作人员没有亲属、任职、合作或其他可能影响公正的关系；发现有这种关系的，立即回避。",
    "我不收受与评审有关的任何好处，不参与任何拉票。",
    "在结果公布前，我不透露所看的材料、分数和讨论内容。",
)
EN = (
    "I mark on my own, by the material and the rubric alone, and neither agree marks with others nor let others sway "
    "them.",
    "I have no family tie, office, cooperation or other relation to the units of my entries or their people that could "
    "bias me. Where I find one, I recuse myself at once.",
    "I take no advantage of any kind in connection with the judging, and canvass for nobody.",
    "Until the result is published I reveal neither the material, nor marks, nor what was discussed.",
)
WORDS = digest(["independence", list(ZH), list(EN)])
