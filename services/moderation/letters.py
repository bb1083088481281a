"""Which letters the present state calls for, who gets them, and what they say.

Letters follow from what holds now: a decision on the latest version, the shortlist, a published result, an open
invitation, an outage in like week, the answer to a question. Organisers draft others. A letter that the state no longer
calls for is reversed: it is not sent, and if it had been sent, a correction is proposed.
Promises: the same state gives the same letters under the same names; a decision that was undone and made again is
another letter, and one that came back in force because its successor was undone is the same letter.
Sends nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.moderation import letter_texts
from services.moderation.events import (
    ApprovedLetter,
    DecisionUndone,
    EntryApproved,
    EntryRejected,
    EntryReturned,
    Remark,
)
from services.moderation.outbox import SENDING, SENT, UNSURE, WITHDRAWN
from services.moderation.state import CONTACT, STAFF, ModerationState
from shared.canonical import digest
from shared.zones import to_the_minute

BROADCAST, REMINDER = "broadcast", "reminder"
DRAFTED = (BROADCAST, REMINDER)
KINDS = (*letter_texts.DEFAULTS, *DRAFTED)
REVERSED, DROPPED = "reversed", "dropped"
_Decided = EntryApproved | EntryReturned | EntryRejected
_KIND = {EntryApproved: "approved", EntryReturned: "returned", EntryRejected: "rejected"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A letter that the state calls for: its name, kind, contact, and the facts that fill its text."""

    name: str
    kind: str
    to: str
    at: int
    entry: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    text: tuple[str, str] | None = None  # title and words of a letter that an organiser typed


def unit_contact(unit: str) -> str:
    """Return the contact to whom a unit's letters go."""
    return f"{CONTACT}.{unit}"


def unit_of(contact: str) -> str:
    """Return the unit of a contact; empty for a member of staff."""
    kind, _, name = contact.partition(".")
    return name if kind == CONTACT else ""


def called_for(state: ModerationState) -> dict[str, Proposal]:
    """Return every letter that the state calls for, by name, those that were sent long ago among them."""
    return {each.name: each for each in _all(state)}


def proposed(state: ModerationState) -> list[Proposal]:
    """Return the letters that wait for an organiser, the oldest first."""
    found = [each for each in called_for(state).values() if _is_open(state, each.name)]
    return sorted(found, key=lambda each: (each.at, each.name))


def reversed_letters(state: ModerationState) -> list[str]:
    """Return the approved letters that have not gone out and that the state no longer calls for.

    A letter that is on its way is not among them, since nobody can call it back.
    """
    holds = called_for(state)
    outbox = state.outbox
    return sorted(
        name for name in outbox.unfinished if name not in holds and outbox.letters[name].state not in (SENDING, UNSURE)
    )


def rendered(proposal: Proposal, state: ModerationState, *, page: str) -> ApprovedLetter:
    """Return the letter as it would be sent; `page` is the address of the campaign, or empty."""
    if proposal.text is not None:
        title, words = proposal.text
    else:
        contact = state.outbox.contacts.get(proposal.to)
        lang = contact.lang if contact is not None else "zh"
        title, words = letter_texts.letter(proposal.kind, lang, _facts(proposal, state, lang, page), state.letter_texts)
    return ApprovedLetter(proposal.name, proposal.kind, proposal.to, proposal.entry, title, words)


def letter_digest(letter: ApprovedLetter) -> str:
    """Return the digest of what an organiser reads of a letter: receiver and text."""
    return digest([letter.letter, letter.to, letter.title, letter.words])[:16]


def audiences(state: ModerationState) -> list[dict[str, Any]]:
    """Return the groups of units that handed in or are invited: by where their entry stands, and by type."""
    groups: dict[tuple[str, str], set[str]] = {}
    for entry, handed in state.handed.items():
        unit = handed.versions[-1].unit
        groups.setdefault(("type", state.type_of(entry)), set()).add(unit)
        groups.setdefault(("status", state.status(entry)), set()).add(unit)
        if state.dossier(entry).number is not None and state.may_be_shown(entry):
            groups.setdefault(("status", "shortlisted"), set()).add(unit)
    if state.invited:
        groups[("status", "invited")] = set(state.invited)
    return [{"by": by, "code": code, "units": sorted(units)} for (by, code), units in sorted(groups.items())]


def _is_open(state: ModerationState, name: str) -> bool:
    letter = state.outbox.letters.get(name)
    # What was reversed and holds again is proposed again; what an organiser dropped is not.
    return letter is None or (letter.state == WITHDRAWN and letter.why == REVERSED)


def _all(state: ModerationState) -> Iterator[Proposal]:
    for entry in state.handed:
        yield from _of_entry(entry, state)
    for unit, invited in state.invited.items():
        name = f"invitation.{unit}.{invited.invitation}"
        yield Proposal(name, "invitation", unit_contact(unit), invited.at, facts={"until": invited.until})
    yield from _answers(state)
    for batch, draft in state.outbox.drafts.items():
        for to in draft.to:
            yield Proposal(f"{batch}/{to}", draft.kind, to, draft.at, text=(draft.title, draft.words))


def _of_entry(entry: str, state: ModerationState) -> Iterator[Proposal]:
    handed, dossier = state.handed[entry], state.dossier(entry)
    latest = handed.versions[-1]
    to = unit_contact(latest.unit)
    decision, name, undone = _decision(entry, dossier.turns)
    for each in sorted(undone):
        letter = state.outbox.letters.get(each)
        if letter is not None and letter.approved is not None and letter.state in (SENT, SENDING, UNSURE):
            facts = {"letter": letter.approved.title}
            yield Proposal(f"corrected.{each}", "corrected", to, letter.at, entry, facts)
    if handed.withdrawn:
        return
    if (out := dossier.disqualified) is not None:
        remarks = (Remark("other", out.words or out.reason),)
        yield Proposal(f"disqualified.{entry}", "disqualified", to, out.at, entry, {"reasons": remarks})
        return
    if decision is not None and decision.version == handed.latest:
        yield Proposal(name, _KIND[type(decision)], to, decision.at, entry, _of_decision(decision))
    if dossier.number is not None and state.may_be_shown(entry):
        yield Proposal(f"shortlisted.{entry}", "shortlisted", to, state.listed_at, entry)
        if (at := state.published_at) is not None:
            yield Proposal(_timed(f"result.{entry}", at, state.published_at_once), "result", to, at, entry)
        yield from _outages(entry, to, state)


def _outages(entry: str, to: str, state: ModerationState) -> Iterator[Proposal]:
    """Yield what the unit of a shortlisted entry should know of outages in like week, and of those taken back."""
    for outage in state.outages:
        declared, name = outage.declared, f"outage.{entry}.{outage.declared.outage}"
        likes = declared.moved[0]
        if outage.revoked is None:
            facts = {"start": declared.start, "end": declared.end, "until": likes.end, "why": declared.reason}
            yield Proposal(name, "outage", to, declared.at, entry, facts)
            continue
        letter = state.outbox.letters.get(name)
        if letter is not None and letter.approved is not None and letter.state in (SENT, SENDING, UNSURE):
            facts = {"until": likes.end_before, "letter": letter.approved.title}
            yield Proposal(
                f"outage-revoked.{entry}.{declared.outage}", "outage-revoked", to, outage.revoked.at, entry, facts
            )


def _timed(name: str, at: int, before: int) -> str:
    """Return the name of a letter about what happened at an instant; `before` is how often it had happened then."""
    return f"{name}.{at}.{before}" if before else f"{name}.{at}"


def _answers(state: ModerationState) -> Iterator[Proposal]:
    """Yield a letter to each unit whose question was answered, about the latest answer."""
    for number, question in state.question_desk.questions.items():
        if (answered := question.answered) is not None:
            name, to = _timed(f"answered.{number}", answered.at, question.at_once), unit_contact(question.asked.unit)
            yield Proposal(name, "answered", to, answered.at, facts={"answer": answered.words})


def _of_decision(decision: _Decided) -> dict[str, Any]:
    match decision:
        case EntryReturned():
            return {"reasons": decision.remarks, "until": decision.until}
        case EntryRejected():
            return {"reasons": (Remark("other", decision.reason), *decision.remarks)}
        case EntryApproved():
            return {}


def _decision(entry: str, turns: tuple[Any, ...]) -> tuple[_Decided | None, str, frozenset[str]]:
    """Return the decision in force with its letter's name, and the names of those of decisions that were undone."""
    current: tuple[_Decided, str] | None = None
    earlier: tuple[_Decided, str] | None = None
    undone: set[str] = set()
    for k, turn in enumerate(turns):
        if isinstance(turn, DecisionUndone):
            if current is not None:
                undone.add(current[1])
            current = None
        elif isinstance(turn, _Decided):
            is_restored = earlier is not None and turn == earlier[0] and isinstance(turns[k - 1], DecisionUndone)
            if is_restored:
                current, earlier = earlier, None
            else:
                earlier, current = current, (turn, f"{_KIND[type(turn)]}.{entry}.{k}")
    return (*current, frozenset(undone)) if current is not None else (None, "", frozenset(undone))


def _facts(proposal: Proposal, state: ModerationState, lang: str, page: str) -> dict[str, str]:
    assert state.campaign is not None
    campaign = state.campaign
    facts = {
        "campaign": campaign.title_zh if lang == "zh" else campaign.title_en,
        "organiser": (state.theme or {}).get("organiser") or campaign.organiser,
        "unit": "贵单位" if lang == "zh" else "your union",
        "page": f"{page}/unit",
        "letter": str(proposal.facts.get("letter", "")),
    }
    if proposal.entry is not None:
        name, _ = state.unit_names(proposal.entry)
        facts |= {
            "unit": name or facts["unit"],
            "entry": state.handed[proposal.entry].versions[-1].title,
            "number": state.dossier(proposal.entry).number or "",
        }
        if proposal.kind == "result":
            facts["page"] = f"{page}/entries/{facts['number']}/why"
        if proposal.kind in ("rejected", "disqualified"):
            facts["page"] = f"{page}/complaints"
    for place in ("start", "end", "until"):
        if place in proposal.facts:
            facts[place] = to_the_minute(proposal.facts[place], campaign.zone)
    if "answer" in proposal.facts:
        facts |= {"answer": proposal.facts["answer"], "page": f"{page}/unit/questions"}
    if "why" in proposal.facts:
        facts["reasons"] = proposal.facts["why"]
    if "reasons" in proposal.facts:
        facts["reasons"] = "\n".join(_reason(each, lang) for each in proposal.facts["reasons"])
    return facts


def _reason(remark: Remark, lang: str) -> str:
    if remark.item == "other":
        return f"- {remark.words}"
    return f"- {letter_texts.item_name(remark.item, lang)}{'：' if lang == 'zh' else ': '}{remark.words}"


def contact_exists(contact: str, state: ModerationState) -> bool:
    """Return whether a contact is a member of staff who has a role, or is named as a unit's contact."""
    kind, _, name = contact.partition(".")
    return kind == CONTACT or (kind == STAFF and name in state.staff and bool(state.staff[name].roles))
