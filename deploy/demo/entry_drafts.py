"""Generate the valid and invalid entries that the demo submits.

Promises: the same seed and roll give the same drafts. The first n `entries` contain the unit types in the proportion of
the roll, so that 320 of 400 leave no type below 45. Valid drafts keep the notice's limits, and every sixteenth text has
exactly 3,000 characters by the product's own counter. Invalid drafts come from the other end of the roll, so that with
up to 340 valid ones no unit has both. Each invalid draft breaks exactly one rule.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deploy.demo import phrases
from deploy.demo.units import FEDERATION_LEVELS, RollRow
from shared.text_rule import length

MAX_CHARS = 3000
SHORTEST_TAIL = 12
BAD_COUNTS = {
    "text-too-long": 8,
    "too-few-pictures": 8,
    "video-too-long": 5,
    "not-a-video": 6,
    "ineligible-level": 8,
    "after-deadline": 5,
}


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry as its unit writes it, before it is submitted; the pictures and the video are generated later."""

    unit: RollRow
    title: str
    profile: str
    text: str
    themes: tuple[str, ...]  # codes of the campaign file
    h5: str | None
    pictures: int
    video: bool


def entries(seed: int, rows: Sequence[RollRow], n: int = 320) -> list[EntryDraft]:
    """Return `n` valid drafts, each of another unit on the roll. Raises ValueError if the roll has too few units."""
    units = _hand_in_order(seed, rows)[:n]
    if len(units) < n:
        raise ValueError(f"the roll has {len(units)} units that may take part, not {n}")
    return [
        replace(_draft(seed, unit, MAX_CHARS if k % 16 == 7 else None), video=k % 3 == 0)
        for k, unit in enumerate(units)
    ]


def bad_entries(seed: int, rows: Sequence[RollRow]) -> list[tuple[str, EntryDraft]]:
    """Return invalid drafts as pairs of the kind of fault and the draft, as many of each kind as BAD_COUNTS says.

    Faults of the video file (`video-too-long`, `not-a-video`) and of the time (`after-deadline`) are up to the sender.
    """
    federations = [row for row in rows if row.level in FEDERATION_LEVELS]
    others = _hand_in_order(seed, rows)[::-1]
    drafts = []
    for kind, count in BAD_COUNTS.items():
        for _ in range(count):
            unit = federations.pop() if kind == "ineligible-level" else others.pop(0)
            draft = _draft(seed, unit, MAX_CHARS + 1 if kind == "text-too-long" else None)
            if kind == "too-few-pictures":
                draft = replace(draft, pictures=3)
            drafts.append((kind, replace(draft, video=kind in ("video-too-long", "not-a-video"))))
    return drafts


def _hand_in_order(seed: int, rows: Sequence[RollRow]) -> list[RollRow]:
    """Return all units that may take part, with each type spread evenly over the list."""
    rng = random.Random(f"{seed}/hand-in")
    by_type: dict[str, list[RollRow]] = {}
    for row in rows:
        if row.level not in FEDERATION_LEVELS:
            by_type.setdefault(row.type, []).append(row)
    placed = []
    for kind, units in sorted(by_type.items()):
        rng.shuffle(units)
        placed += [((2 * k + 1) / (2 * len(units)), kind, unit) for k, unit in enumerate(units)]
    placed.sort(key=lambda place: place[:2])
    return [unit for _, _, unit in placed]


def _draft(seed: int, unit: RollRow, exact_chars: int | None) -> EntryDraft:
    rng = random.Random(f"{seed}/entry/{unit.code}")
    target = exact_chars or rng.choices((600, 1200, 1900, 2600), (2, 4, 3, 2))[0] + rng.randrange(300)
    n_themes = rng.choices((1, 2, 3), (6, 4, 1) if target < 1800 else (0, 3, 2))[
        0
    ]  # one theme's sentences cannot fill a long text
    chosen = rng.sample(list(phrases.BANKS), n_themes)
    themes = tuple(theme for theme in phrases.BANKS if theme in chosen)
    text = _text(rng, unit, themes, target)
    if exact_chars:
        text += _tail(rng, exact_chars - length(text))
    return EntryDraft(
        unit=unit,
        title=f"{rng.choice(phrases.BANKS[themes[0]].hooks)}——{unit.employer}",
        profile=_profile(rng, unit),
        text=text,
        themes=themes,
        h5=f"https://h5.example.org/{unit.code.lower()}" if rng.random() < 0.4 else None,
        pictures=rng.randint(4, 6),
        video=False,
    )


def _profile(rng: random.Random, unit: RollRow) -> str:
    staff = rng.randint(40, 3000)
    facts = phrases.PROFILES[unit.type].format(
        employer=unit.employer,
        year=rng.randint(1995, 2015),
        staff=staff,
        members=staff - rng.randint(0, staff // 20),
        branches=rng.randint(3, 18),
    )
    return facts + rng.choice(phrases.PROFILE_ENDINGS)


def _text(rng: random.Random, unit: RollRow, themes: tuple[str, ...], target: int) -> str:
    """Return a text shorter than `target` by at least SHORTEST_TAIL and at most that plus one sentence."""
    introduction = rng.choice(phrases.INTRODUCTIONS).format(unit=unit.name)
    closing = "\n" + rng.choice(phrases.CLOSINGS)
    sections = [
        [f"\n{phrases.SECTION_NUMBERS[k]}、{phrases.BANKS[theme].title}\n{rng.choice(phrases.BANKS[theme].openings)}"]
        for k, theme in enumerate(themes)
    ]
    decks = [_sentences(rng, theme) for theme in themes]
    left = target - length(introduction + closing) - sum(length(section[0]) for section in sections)
    turn = 0
    while True:
        sentence = decks[turn].pop() if decks[turn] else ""
        if not sentence or length(sentence) > left - SHORTEST_TAIL:
            break
        sections[turn].append(sentence)
        left -= length(sentence)
        turn = (turn + 1) % len(themes)
    return introduction + "".join(part for section in sections for part in section) + closing


def _sentences(rng: random.Random, theme: str) -> list[str]:
    """Return sentences for every pair of deed and effect; a deed repeats only after all other deeds were used."""
    bank = phrases.BANKS[theme]
    deeds = rng.sample(bank.deeds, len(bank.deeds))
    effects = rng.sample(bank.effects, len(bank.effects))
    sentences = []
    for lap in range(len(effects)):
        for k, deed in enumerate(deeds):
            core = f"{deed}，{effects[(k + lap) % len(effects)]}。".replace("{n}", str(rng.randint(6, 48)))
            sentences.append(f"{rng.choice(phrases.TIMES)}，{rng.choice(phrases.SUBJECTS)}{core}")
    return sentences[::-1]


def _tail(rng: random.Random, chars: int) -> str:
    """Return a last sentence of exactly `chars` characters: a head, then two-character words joined by 、."""
    head = next(head for head in phrases.TAIL_HEADS if (chars - len(head)) % 3 == 0)
    words = (chars - len(head)) // 3
    pool = list(phrases.TAIL_WORDS)
    rng.shuffle(pool)
    return head + "、".join(pool[k % len(pool)] for k in range(words)) + "。"
