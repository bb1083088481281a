"""Embargo as data: a table that says from when on each field may be published, and to whom.

`VIEWS` covers every field of every view, `ANSWERS` every other answer that holds likes, marks or winners.
Promises: every view passes through `open_fields`, which leaves out each field that is not listed: everything is closed
until somebody opens it. A field that is listed and not open yet has a value that reveals nothing.
Does not decide which like counts are public under `TOTALS`: `public_views.public_totals` does, which also hides them
while judges mark.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

#: When a field opens: always; as far as `likes.totals` lets likes out; once the result is published; once it is final.
#: A field that is not listed never opens.
ALWAYS, TOTALS, PUBLISHED, FINAL = STAGES = ("always", "totals", "published", "final")

#: Excludes judges and moderators: people who mark or approve must not see likes, ranks or other people's marks.
WATCHING = frozenset({"organiser", "auditor", "operator"})
ORGANISERS = frozenset({"organiser"})
JUDGES = frozenset({"judge"})
EVERYBODY = frozenset({"anyone"})


@dataclass(frozen=True, slots=True)
class Field:
    """The embargo of one field, a plain value or a list of plain values: it opens at the stage `since`.

    Until then, `closed` is published in its place.
    """

    since: str
    closed: int | str | None = None


@dataclass(frozen=True, slots=True)
class EachItem:
    """The embargo of every item of a list, or of every value of an object whose keys are codes or ids."""

    of: "Shape"


Shape = Field | EachItem | Mapping[str, "Shape"]

_OPEN = Field(ALWAYS)
_NAMED: dict[str, Shape] = {each: _OPEN for each in ("number", "type", "title", "unit", "city")}
_SPAN: Shape = {"start": _OPEN, "end": _OPEN}
_BILINGUAL: Shape = {"code": _OPEN, "zh": _OPEN, "en": _OPEN}
_AFTER_PUBLICATION = Field(PUBLISHED)
_LIKES = Field(TOTALS)

VIEWS: Mapping[str, Shape] = {
    "campaign": {
        **{each: _OPEN for each in ("id", "title_zh", "title_en", "zone", "clock", "rules_hash", "moderation")},
        **{each: _OPEN for each in ("rehearsal", "polls_closed", "cohort_fixed", "popularity_list")},
        "windows": EachItem(_SPAN),
        "outages": EachItem({**_SPAN, "minutes": _OPEN, "reason": _OPEN}),
        "unit_types": EachItem({**_BILINGUAL, "quota": _OPEN}),
        "themes": EachItem(_BILINGUAL),
        "entry": {each: _OPEN for each in ("text_max_chars", "pictures_min", "pictures_max", "video_max_s")},
        "likes": {each: _OPEN for each in ("per_day", "per_type", "partitions", "order_time_limit_ms")},
    },
    "page_theme": {
        **{each: _OPEN for each in ("name_zh", "name_en", "colour", "organiser", "contact", "filing")},
        **{each: {"type": _OPEN, "data": _OPEN} for each in ("logo", "banner")},
    },
    "entries": {
        "entries": EachItem(
            {
                **_NAMED,
                **{each: _OPEN for each in ("state", "frozen", "themes", "pictures", "video", "version", "at")},
                "judged": Field(PUBLISHED, closed=False),
            }
        ),
        "hidden": EachItem({each: _OPEN for each in ("number", "why", "files")}),
    },
    "board": {
        "as_of": Field(TOTALS, closed=0),
        "visibility": _OPEN,
        "embargoed": _OPEN,
        "hidden_from": _OPEN,
        "types": EachItem(EachItem({"entry": _OPEN, **_NAMED, "likes": _LIKES, "place": _LIKES})),
    },
    "result": {
        **{each: _AFTER_PUBLICATION for each in ("proposal", "digest", "published", "is_final", "outdated")},
        "notice": {each: _AFTER_PUBLICATION for each in ("since", "until", "basis")},
        "lot": {each: _AFTER_PUBLICATION for each in ("seed", "root")},
        "winners": EachItem(
            {
                **{
                    each: _AFTER_PUBLICATION
                    for each in ("entry", "number", "title", "unit", "published_unit", "type", "place", "overall")
                },
                **{each: _AFTER_PUBLICATION for each in ("final", "disqualified")},
            }
        ),
    },
    "popularity": {
        "as_of": Field(PUBLISHED, closed=0),
        "entries": EachItem(
            {"entry": _AFTER_PUBLICATION, **_NAMED, "likes": _AFTER_PUBLICATION, "place": _AFTER_PUBLICATION}
        ),
    },
    "exhibition": {each: _OPEN for each in ("open", "provisional", "at", "final_at", "changed", "entries")},
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The embargo of an RPC answer that holds likes, ranks or marks: what it reveals, from which stage on, to whom.

    The roles in `early` may read it before that stage. `only_own` says that a person reads only their own.
    """

    reveals: tuple[str, ...]
    since: str
    to: frozenset[str]
    early: frozenset[str] = frozenset()
    only_own: bool = False


#: By service and method. A test compares it with every route that reads from scoring or ranking.
ANSWERS: Mapping[tuple[str, str], Answer] = {
    ("ranking", "table"): Answer(("likes", "marks", "ranks"), ALWAYS, WATCHING),
    ("ranking", "methods"): Answer(("likes", "marks", "ranks"), ALWAYS, WATCHING),
    ("ranking", "stability"): Answer(("likes", "ranks", "winners"), ALWAYS, WATCHING),
    ("ranking", "recount"): Answer(("likes", "ranks", "winners"), ALWAYS, WATCHING),
    ("ranking", "save_scenario"): Answer(("likes", "ranks", "winners"), ALWAYS, WATCHING),
    ("ranking", "scenarios"): Answer(("winners",), ALWAYS, WATCHING),
    ("ranking", "scenario"): Answer(("likes", "ranks", "winners"), ALWAYS, WATCHING),
    ("ranking", "explanation"): Answer(("likes", "marks", "ranks"), PUBLISHED, EVERYBODY, early=WATCHING),
    ("ranking", "complaint_pack"): Answer(
        ("likes", "marks", "ranks"), PUBLISHED, frozenset({"unit"}), early=WATCHING, only_own=True
    ),
    ("ranking", "preview_changes"): Answer(("likes", "ranks", "winners"), ALWAYS, WATCHING),
    ("ranking", "result"): Answer(("winners",), ALWAYS, WATCHING),
    ("ranking", "rule_sheet"): Answer((), ALWAYS, EVERYBODY),
    ("ranking", "draft_rule_sheet"): Answer((), ALWAYS, ORGANISERS),
    ("ranking", "rehearse_rules"): Answer((), ALWAYS, ORGANISERS),
    ("ranking", "propose_result"): Answer(("digest",), ALWAYS, ORGANISERS),
    ("ranking", "sign_result"): Answer(("winners",), ALWAYS, ORGANISERS),
    ("ranking", "publish_result"): Answer(("digest",), ALWAYS, ORGANISERS),
    ("ranking", "finalise_result"): Answer(("digest",), ALWAYS, ORGANISERS),
    ("ranking", "rehearse_result"): Answer(("winners",), ALWAYS, WATCHING),
    ("ranking", "result_without"): Answer(("winners",), ALWAYS, WATCHING),
    ("ranking", "awaited_final"): Answer(("winners",), ALWAYS, WATCHING),
    ("ranking", "objections"): Answer((), ALWAYS, ORGANISERS),
    ("ranking", "objection"): Answer((), ALWAYS, EVERYBODY),
    ("ranking", "certificates"): Answer(("winners",), FINAL, WATCHING),
    ("ranking", "certificate_texts"): Answer(("winners",), PUBLISHED, WATCHING),
    ("ranking", "certificates_due"): Answer(("winners",), FINAL, ORGANISERS),
    ("ranking", "certificate"): Answer(("winners",), FINAL, EVERYBODY),
    ("scoring", "marks_of_entry"): Answer(("marks",), ALWAYS, WATCHING),
    ("scoring", "progress"): Answer(("readings",), ALWAYS, WATCHING),
    ("scoring", "propose_assignment"): Answer(("readings",), ALWAYS, WATCHING),
    ("scoring", "my_assignments"): Answer(("marks",), ALWAYS, JUDGES, only_own=True),
    ("scoring", "my_entry"): Answer(("marks",), ALWAYS, JUDGES, only_own=True),
    ("scoring", "filled_in"): Answer(("marks",), ALWAYS, JUDGES, only_own=True),
}


def open_fields(shape: Shape, value: Any, stages: frozenset[str]) -> Any:
    """Return the part of a view that may be published while the embargo stages `stages` are open.

    `shape` says when each field opens; fields that it does not list are left out.
    """
    return _filter_of(shape, stages)(value)


def _filter_of(shape: Shape, stages: frozenset[str]) -> Callable[[Any], Any]:
    """Return `open_fields` for one shape, built once and used for each of its thousands of rows."""
    if isinstance(shape, Field):
        closed = shape.closed
        if shape.since not in stages:
            return lambda _: closed
        return lambda value: value if _is_plain(value) else closed
    if isinstance(shape, EachItem):
        inner = _filter_of(shape.of, stages)
        return lambda value: (
            {key: inner(each) for key, each in value.items()}
            if isinstance(value, Mapping)
            else [inner(each) for each in value]
        )
    filters = {name: _filter_of(each, stages) for name, each in shape.items()}
    is_open = {name for name, each in shape.items() if isinstance(each, Field) and each.since in stages}
    return lambda value: {
        name: each if type(each) in _SCALARS and name in is_open else filters[name](each)
        for name, each in value.items()
        if name in filters
    }


_SCALARS = frozenset({str, int, bool, type(None)})


def _is_plain(value: Any) -> bool:
    """Return whether a value has no fields of its own, which would be published unchecked."""
    if isinstance(value, list | tuple):
        return not any(isinstance(each, dict | list | tuple) for each in value)
    return not isinstance(value, dict)
