"""The words for what breaks a tie, how marks become a score, and why a seat has its entry, in Chinese and English.

Promises: each rule has its words in this module alone, side by side for every place that says them: the rule sheet, an
explanation, a column of a table in a terminal.
"""

from dataclasses import dataclass

from services.ranking.analysis.tryout import BELOW_MINIMUM, BELOW_QUOTA
from services.ranking.calculation import quota
from services.ranking.calculation.expert_scores import FEW_MARKS
from services.ranking.calculation.final_ranking import FINAL_SCORE, FIRST
from services.ranking.calculation.marks import TRIMMED_MIN_MARKS

Pair = tuple[str, str]  # Chinese, English


@dataclass(frozen=True, slots=True)
class TieTexts:
    """A rule that breaks ties: as a line of the rule sheet, as the reason of one place, and as a column says it."""

    rule: Pair
    reason: Pair
    column: str


@dataclass(frozen=True, slots=True)
class MethodTexts:
    """A score method: as a sentence of the rule sheet, and as a name within an explanation."""

    rule: Pair
    name: Pair


TIES = {
    "expert_score": TieTexts(
        rule=("专家评分高者", "the higher expert score"),
        reason=("综合得分相同，专家评分高者在前", "equal final scores: the higher expert score is first"),
        column="同分，专家评分 / tie: expert score",
    ),
    "content_mark": TieTexts(
        rule=("内容分高者", "the higher content mark"),
        reason=("仍相同，内容分高者在前", "still equal: the higher content mark is first"),
        column="同分，内容分 / tie: content mark",
    ),
    "valid_likes": TieTexts(
        rule=("有效点赞多者", "more valid likes"),
        reason=("仍相同，有效点赞多者在前", "still equal: more valid likes are first"),
        column="同分，有效点赞 / tie: valid likes",
    ),
    "earlier_hand_in": TieTexts(
        rule=("提交早者", "the earlier hand-in"),
        reason=(
            "仍相同，评审所用版本提交早者在前",
            "still equal: the earlier hand-in of the judged version is first",
        ),
        column="同分，提交早 / tie: earlier hand-in",
    ),
    "lot": TieTexts(
        rule=("抽签（种子事先承诺、事后公开）", "a lot, whose seed is committed before and revealed after"),
        reason=("仍相同，由抽签决定", "still equal: the lot decides"),
        column="同分，抽签 / tie: lot",
    ),
}
#: Why an entry stands where it does in its type.
PLACE_REASONS: dict[str, Pair] = {
    FIRST: ("首位", "first in its type"),
    FINAL_SCORE: ("综合得分不同", "the final scores differ"),
    **{name: each.reason for name, each in TIES.items()},
}
METHODS = {
    "mean": MethodTexts(rule=("取平均分。", "the mean."), name=("平均", "mean")),
    "median": MethodTexts(rule=("取中位数。", "the median."), name=("中位数", "median")),
    "trimmed": MethodTexts(
        rule=(
            f"去掉一个最高分和一个最低分后取平均；不足 {TRIMMED_MIN_MARKS} 份时取平均分。",
            f"the mean without one highest and one lowest; of fewer than {TRIMMED_MIN_MARKS} marks the mean.",
        ),
        name=("去掉一个最高分和一个最低分后平均", "mean without one highest and one lowest"),
    ),
    "zscore": MethodTexts(
        rule=(
            f"每位专家的分数先标准化（不足 {FEW_MARKS} 份或分数全同的专家按总体标准化），再取平均，"
            "并线性还原到原分数范围。",
            f"each judge's marks are standardised (a judge with fewer than {FEW_MARKS}, or with one mark for"
            " everything, by all marks), averaged, and put back on the range of the raw means.",
        ),
        name=("按每位专家的宽严标准化（z 分）后还原", "z-scores of each judge, refitted to the raw scale"),
    ),
    "judge_effect": MethodTexts(
        rule=(
            "用最小二乘扣除每位专家的宽严差异（按份数收缩），再取平均。",
            "each judge's strictness, by least squares and shrunk by how few marks show it, is taken off before the"
            " mean.",
        ),
        name=("扣除每位专家的宽严偏差后平均", "mean after each judge's strictness is taken off"),
    ),
}
#: Within the name of a method that had too few marks to be used.
FELL_BACK = (
    f"（评分不足 {TRIMMED_MIN_MARKS} 个，按平均计）",
    f" (fewer than {TRIMMED_MIN_MARKS} marks, so the mean)",
)
#: What becomes of seats that a type cannot fill, as the rule sheet says it.
REFILLS: dict[str, Pair] = {
    "next_best_overall": ("由全部剩余成果中得分最高者依次递补", "go one by one to the best remaining entry overall"),
    "none": ("空缺", "stay empty"),
    "proportional": ("按各类参评数的比例（最大余额）分配", "go by share of judged entries, largest remainder"),
}
#: Why an entry has its seat, with the unit type that the seat belonged to in the place of {type}.
SEAT_REASONS: dict[str, Pair] = {
    quota.TYPE_QUOTA: ("{type}类自有名额", "a seat of its own type, {type}"),
    quota.NEXT_BEST: (
        "{type}类空出的名额，补给其余成果中综合得分最高者",
        "a seat that {type} could not fill: it goes to the best remaining entry overall",
    ),
    quota.PROPORTIONAL: (
        "{type}类空出的名额，按各类参评数的比例分配",
        "a seat that {type} could not fill: shared by the types' numbers of judged entries",
    ),
}
#: Why an entry has its place, its seat or none, as a column says it.
COLUMNS = {
    FIRST: "本类首位 / first of its type",
    FINAL_SCORE: "综合得分 / final score",
    **{name: each.column for name, each in TIES.items()},
    quota.TYPE_QUOTA: "本类名额 / quota of its type",
    quota.NEXT_BEST: "递补：总分次高 / refill: next best overall",
    quota.PROPORTIONAL: "递补：按比例 / refill: by share",
    quota.NO_REFILL: "空缺：不递补 / empty: no refill",
    quota.BELOW_MINIMUM: "空缺：未达最低分 / empty: below the minimum score",
    quota.NO_ENTRY_LEFT: "空缺：没有成果了 / empty: no entry left",
    BELOW_QUOTA: "名额以外 / beyond the quota",
    BELOW_MINIMUM: "未达最低分 / below the minimum score",
}
