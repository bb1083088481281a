"""Chinese and English texts for tie rules, score methods, and the reason why a seat has its entry.

Promises: every text about these rules is in this module, and each rule's texts are side by side: for the rule sheet,
for an explanation, and for a column of a table in a terminal.
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
    """The texts of a tie rule: a line of the rule sheet, the reason for an entry's place, and a table column."""

    rule: Pair
    reason: Pair
    column: str


@dataclass(frozen=True, slots=True)
class MethodTexts:
    """The texts of a score method: a sentence of the rule sheet, and its name within an explanation."""

    rule: Pair
    name: Pair


TIES = {
    "expert_score": TieTexts(
        rule=("专家评分高者", "the higher expert score"),
        reason=("综合得分相同，专家评分高者在前", "equal final scores; the higher expert score ranks first"),
        column="同分，专家评分 / tie: expert score",
    ),
    "content_mark": TieTexts(
        rule=("内容分高者", "the higher content score"),
        reason=("仍相同，内容分高者在前", "still tied; the higher content score ranks first"),
        column="同分，内容分 / tie: content score",
    ),
    "valid_likes": TieTexts(
        rule=("有效点赞多者", "more valid likes"),
        reason=("仍相同，有效点赞多者在前", "still tied; more valid likes rank first"),
        column="同分，有效点赞 / tie: valid likes",
    ),
    "earlier_hand_in": TieTexts(
        rule=("提交早者", "the earlier submission"),
        reason=(
            "仍相同，评审所用版本提交早者在前",
            "still tied; the earlier submission of the judged version ranks first",
        ),
        column="同分，提交早 / tie: earlier submission",
    ),
    "lot": TieTexts(
        rule=(
            "抽签（种子事先承诺、事后公开）",
            "a drawing of lots whose seed is committed beforehand and revealed afterwards",
        ),
        reason=("仍相同，由抽签决定", "still tied; decided by lot"),
        column="同分，抽签 / tie: lot",
    ),
}
#: Why an entry has its place in its type.
PLACE_REASONS: dict[str, Pair] = {
    FIRST: ("首位", "first in its type"),
    FINAL_SCORE: ("综合得分不同", "different final scores"),
    **{name: each.reason for name, each in TIES.items()},
}
METHODS = {
    "mean": MethodTexts(rule=("取平均分。", "the expert score is their mean."), name=("平均", "mean")),
    "median": MethodTexts(rule=("取中位数。", "the expert score is their median."), name=("中位数", "median")),
    "trimmed": MethodTexts(
        rule=(
            f"去掉一个最高分和一个最低分后取平均；不足 {TRIMMED_MIN_MARKS} 份时取平均分。",
            "the expert score is their mean without the highest and the lowest mark, or the plain mean of fewer than"
            f" {TRIMMED_MIN_MARKS}.",
        ),
        name=("去掉一个最高分和一个最低分后平均", "mean without the highest and the lowest mark"),
    ),
    "zscore": MethodTexts(
        rule=(
            f"每位专家的分数先标准化（不足 {FEW_MARKS} 份或分数全同的专家按总体标准化），再取平均，"
            "并线性还原到原分数范围。",
            f"each judge's marks are standardised (for a judge with fewer than {FEW_MARKS} marks, or with identical"
            " marks, against all marks), averaged, and scaled back to the range of the raw means.",
        ),
        name=(
            "按每位专家的宽严标准化（z 分）后还原",
            "mean of each judge's z-scores, scaled back to the range of the marks,",
        ),
    ),
    "judge_effect": MethodTexts(
        rule=(
            "用最小二乘扣除每位专家的宽严差异（按份数收缩），再取平均。",
            "their mean is adjusted for how strict each judge is: strictness is estimated by least squares, and counts"
            " less the fewer marks a judge has given.",
        ),
        name=("扣除每位专家的宽严偏差后平均", "mean, adjusted for how strict each judge is,"),
    ),
}
#: Follows the name of the mean where a method had too few marks.
FELL_BACK = (
    f"（评分不足 {TRIMMED_MIN_MARKS} 个，按平均计）",
    f" (plain mean, since there are fewer than {TRIMMED_MIN_MARKS} marks)",
)
#: What happens to seats that a type cannot fill, as a line of the rule sheet.
REFILLS: dict[str, Pair] = {
    "next_best_overall": ("由全部剩余成果中得分最高者依次递补", "go one by one to the best remaining entries overall"),
    "none": ("空缺", "stay empty"),
    "proportional": (
        "按各类参评数的比例（最大余额）分配",
        "are allocated in proportion to each type's judged entries, by largest remainder",
    ),
}
#: Why an entry has its seat; {type} stands for the unit type that the seat belongs to.
SEAT_REASONS: dict[str, Pair] = {
    quota.TYPE_QUOTA: ("{type}类自有名额", "a seat of its own type, {type}"),
    quota.NEXT_BEST: (
        "{type}类空出的名额，补给其余成果中综合得分最高者",
        "a seat that {type} could not fill; it goes to the best remaining entry overall",
    ),
    quota.PROPORTIONAL: (
        "{type}类空出的名额，按各类参评数的比例分配",
        "a seat that {type} could not fill; allocated in proportion to each type's judged entries",
    ),
}
#: Why an entry has its place, and a seat or none, as a table column.
COLUMNS = {
    FIRST: "本类首位 / first in its type",
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
