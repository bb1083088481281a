"""Every rule that a campaign file can name has texts in both languages, in every form."""

from services.moderation.campaign import CONVERSIONS, METHODS, REFILLS, TIE_RULES
from services.ranking.analysis import conversion_texts, rule_texts
from services.ranking.analysis.tryout import BELOW_MINIMUM, BELOW_QUOTA
from services.ranking.calculation import quota
from services.ranking.calculation.final_ranking import FINAL_SCORE, FIRST

SEATS = {quota.TYPE_QUOTA, quota.NEXT_BEST, quota.PROPORTIONAL}
EMPTY = {quota.NO_REFILL, quota.BELOW_MINIMUM, quota.NO_ENTRY_LEFT}


def test_each_rule_of_a_campaign_file_has_words() -> None:
    assert set(TIE_RULES) == set(rule_texts.TIES)
    assert set(METHODS) == set(rule_texts.METHODS)
    assert set(REFILLS) == set(rule_texts.REFILLS)
    assert set(CONVERSIONS) == set(conversion_texts.TEXTS)


def test_each_reason_of_a_place_or_a_seat_has_words() -> None:
    places = {FIRST, FINAL_SCORE, *TIE_RULES}

    assert places == set(rule_texts.PLACE_REASONS)
    assert set(rule_texts.SEAT_REASONS) == SEATS
    assert places | SEATS | EMPTY | {BELOW_QUOTA, BELOW_MINIMUM} == set(rule_texts.COLUMNS)


def test_chinese_and_english_are_there_for_each() -> None:
    pairs = [
        *(pair for each in rule_texts.TIES.values() for pair in (each.rule, each.reason)),
        *(pair for each in rule_texts.METHODS.values() for pair in (each.rule, each.name)),
        *rule_texts.REFILLS.values(),
        *rule_texts.SEAT_REASONS.values(),
    ]

    assert [pair for pair in pairs if not all(pair)] == []
