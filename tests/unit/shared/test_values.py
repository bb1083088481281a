"""Unguarded dataclasses: what `unguarded` keeps of a frozen dataclass, and what it removes."""

from dataclasses import dataclass, field, fields, replace

from shared.values import unguarded


@unguarded
@dataclass(frozen=True, slots=True)
class Mark:
    judge: str
    points: int = 60
    words: tuple[str, ...] = field(default_factory=tuple)


def test_unguarded_value_has_the_fields_defaults_equality_hash_and_text_of_its_dataclass():
    mark = Mark("j")

    assert [each.name for each in fields(mark)] == ["judge", "points", "words"]
    assert mark == Mark("j", 60, ()) != Mark("j", 61)
    assert hash(mark) == hash(Mark("j"))
    assert replace(mark, points=95) == Mark("j", points=95)
    assert repr(mark) == "Mark(judge='j', points=60, words=())"


def test_unguarded_values_do_not_share_what_a_factory_makes():
    @unguarded
    @dataclass(frozen=True, slots=True)
    class Sheet:
        marks: list[int] = field(default_factory=list)

    one, other = Sheet(), Sheet()
    one.marks.append(1)

    assert other.marks == []


def test_setting_a_field_costs_no_guard():
    assert Mark.__setattr__ is object.__setattr__
