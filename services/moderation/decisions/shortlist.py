"""Propose the shortlist by the campaign's rule, and number its entries for the posters.

Promises: the same state gives the same list; a number, once confirmed, stays with its entry; an entry that was listed
and may still be shown is listed again. A number is a letter for the unit type, in the campaign's order, and a count in
order of entry id.
Does not promise: that the letter follows a type that is corrected later, because posters are printed by then.
"""

from collections import Counter
from collections.abc import Sequence

from services.moderation.campaign import Campaign
from services.moderation.events import EntryApproved, Listed
from services.moderation.state import SUBMITTED, ModerationState


def propose(state: ModerationState) -> tuple[Listed, ...]:
    """Return the shortlist that the campaign's rule proposes from the current state, in the order of poster numbers.

    It is empty before the campaign opens. Entries of a type that the rules lack are not proposed.
    """
    if state.campaign is None:
        return ()
    outside = set(outside_types(state))
    chosen = [entry for entry in state.handed if state.may_be_shown(entry) and entry not in outside]
    if state.campaign.shortlist.rule == "top_n_by_grade":
        chosen = _best(chosen, state)
    numbers = _numbers(sorted(chosen), state, state.campaign)
    listed = (Listed(entry, numbers[entry], state.type_of(entry)) for entry in chosen)
    return tuple(sorted(listed, key=lambda each: number_sort_key(each.number)))


def outside_types(state: ModerationState) -> list[str]:
    """Return the ids of entries that may be shown, and whose unit type the rules lack: older logs may hold some."""
    known = {each.code for each in state.campaign.unit_types} if state.campaign is not None else set()
    return sorted(e for e in state.handed if state.may_be_shown(e) and state.type_of(e) not in known)


def pending(state: ModerationState) -> list[str]:
    """Return the ids of entries whose latest version waits for a decision: they may still join the shortlist."""
    return sorted(entry for entry in state.handed if state.status(entry) == SUBMITTED)


def number_sort_key(number: str) -> tuple[int, str, int]:
    """Return the sort key of a poster number such as A012: by letter (A … Z, AA …), then by count."""
    initial = number.rstrip("0123456789")
    return len(initial), initial, int(number[len(initial) :])


def letter(i: int) -> str:
    """Return the letter of the i-th unit type, from 0: A, B … Z, AA, AB …"""
    return chr(65 + i) if i < 26 else letter(i // 26 - 1) + chr(65 + i % 26)


def _best(entries: Sequence[str], state: ModerationState) -> list[str]:
    """Return the first `top_n` entries of each type, and all that were listed before. The order is: listed before, then
    by grade, then by the earlier hand-in.
    """
    assert state.campaign is not None
    counted: Counter[str] = Counter()
    best = []
    for entry in sorted(entries, key=lambda each: _merit(each, state)):
        counted[state.type_of(entry)] += 1
        if counted[state.type_of(entry)] <= (state.campaign.shortlist.top_n or 0) or state.dossier(entry).number:
            best.append(entry)
    return best


def _merit(entry: str, state: ModerationState) -> tuple[bool, int, int, str]:
    dossier = state.dossier(entry)
    assert isinstance(dossier.decision, EntryApproved)
    handed_in = state.handed[entry].versions[dossier.decision.version - 1].at
    return dossier.number is None, -(dossier.decision.grade or 0), handed_in, entry


def _numbers(entries: Sequence[str], state: ModerationState, campaign: Campaign) -> dict[str, str]:
    letters = {each.code: letter(i) for i, each in enumerate(campaign.unit_types)}
    existing = [each.number for each in state.dossiers.values() if each.number is not None]
    last = dict.fromkeys(letters.values(), 0)
    for _, initial, count in map(number_sort_key, existing):
        last[initial] = max(last[initial], count)
    numbers = {}
    for entry in entries:
        number = state.dossier(entry).number
        if number is None:
            initial = letters[state.type_of(entry)]
            last[initial] += 1
            number = f"{initial}{last[initial]:03d}"
        numbers[entry] = number
    return numbers
