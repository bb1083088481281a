"""Views of the campaign, its staff, its entries and the shortlist. Nothing is decided in this module."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from typing import Any

from services.moderation.campaign import PHASES, Campaign, rule_hash, rule_hash_of, to_data
from services.moderation.decisions import shortlist
from services.moderation.decisions.authenticators import is_demanded
from services.moderation.decisions.complaints import ANSWERED, OPEN
from services.moderation.decisions.rule_versions import differences
from services.moderation.events import (
    DisqualificationProposed,
    EntryApproved,
    EntryRejected,
    EntryReturned,
    Remark,
    RulesLocked,
    SecondOpinionAsked,
    StaffChangeProposed,
    TypeCorrectionAsked,
)
from services.moderation.state import Complaint, Member, ModerationState, now
from shared.decider import Refused
from shared.events import Sealed

View = dict[str, Any]
KINDS = {EntryApproved: "approved", EntryReturned: "returned", EntryRejected: "rejected"}


def campaign_view(state: ModerationState, campaign: Campaign, *, wall_ms: int) -> View:
    """Return what everybody may know of the campaign: names, phase, windows, themes, unit types and entry limits.

    `wall_ms` is the wall time; a rehearsal uses its own clock instead.
    """
    moment = now(state, wall_ms)
    windows = {name: asdict(campaign.window(name)) for name in PHASES}
    return {
        "id": campaign.id,
        "title_zh": campaign.title_zh,
        "title_en": campaign.title_en,
        "organiser": campaign.organiser,
        "zone": campaign.zone,
        "rehearsal": state.clock is not None,
        "now": moment,
        "phase": campaign.phase(moment),
        "windows": windows,
        "rules_locked": state.locked_rules is not None,
        "rule_hash": _rule_hash(state, campaign),
        "shortlist_confirmed": state.listed,
        "themes": [asdict(each) for each in campaign.themes],
        "unit_types": [asdict(each) for each in campaign.unit_types],
        "entry": to_data(campaign)["entry"],
    }


def rules_view(state: ModerationState, campaign: Campaign) -> View:
    """Return the whole rule set with its current windows and its hash, and all locked versions."""
    lock = state.locked_rules
    return {
        "campaign": to_data(campaign),
        "rule_hash": _rule_hash(state, campaign),
        "locked": None if lock is None else _version_view(lock),
        "versions": versions_view(state),
    }


def versions_view(state: ModerationState) -> list[View]:
    """Return every version of the locked rules, oldest first, each with its changes from the version before."""
    views: list[View] = []
    before: dict[str, Any] | None = None
    for each in state.rule_versions:
        changes = [] if before is None else differences(before, each.campaign)
        views.append({**_version_view(each), "changes": changes})
        before = each.campaign
    return views


def _version_view(lock: RulesLocked) -> View:
    return {
        "version": lock.version,
        "rule_hash": rule_hash_of(lock.campaign),
        "seed_commitment": lock.seed_commitment,
        "reason": lock.reason,
        "by": lock.by,
        "at": lock.at,
    }


def staff_view(state: ModerationState, name_of: Callable[[Sealed], str]) -> View:
    """Return the staff who have a role, and the changes that wait for a second person. `name_of` opens a sealed name.

    Of passwords it says whether one is set, and until when a link for one is open.
    """
    people = {staff: state.staff[staff] for staff in sorted(state.staff) if state.staff[staff].roles}
    members = [
        member_view(staff, each, name_of)
        | {"has_password": bool(each.password), "link_until": None if each.link is None else each.link.until}
        | {
            "has_authenticator": each.authenticator is not None,
            "must_add_authenticator": must_add_authenticator(each, state),
            "was_judge": "judge" in each.held,
        }
        for staff, each in people.items()
    ]
    changes = [_change_view(each, name_of) for _, each in sorted(state.staff_changes.items())]
    return {"staff": members, "changes": changes}


def must_add_authenticator(member: Member, state: ModerationState) -> bool:
    """Return whether the campaign demands an authenticator that this person does not have yet."""
    return member.authenticator is None and is_demanded(member, state)


def _change_view(change: StaffChangeProposed, name_of: Callable[[Sealed], str]) -> View:
    return {
        "change": change.change,
        "staff": change.staff,
        "name": name_of(change.name),
        "roles": list(change.roles),
        "resets": change.resets,
        "by": change.by,
        "at": change.at,
        "until": change.until,
    }


def shallow(value: Any) -> View:
    """Return the fields of a dataclass by name, as they are."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def member_view(staff: str, member: Member, name_of: Callable[[Sealed], str]) -> View:
    """Return one member of staff with name and roles; `name_of` opens the sealed (encrypted) name."""
    return {"staff": staff, "name": name_of(member.name), "roles": list(member.roles)}


def desk_view(entry: str, state: ModerationState, *, at: int, hinted: Iterable[str] = ()) -> View:
    """Return an entry with its moderation status, as moderators see it at the instant `at`. The gateway adds the
    content, which submission has. `hinted` are flags that are computed beside the logs.
    """
    handed, dossier = state.handed[entry], state.dossier(entry)
    latest, decision, claim = handed.versions[-1], dossier.decision, dossier.claim_at(at)
    return {
        "entry": entry,
        "unit": latest.unit,
        "unit_name": state.unit_names(entry)[0],
        "type": state.type_of(entry),
        "version": handed.latest,
        "turn": dossier.turn,
        "status": state.status(entry),
        "approved_version": dossier.approved_version,
        "grade": decision.grade if isinstance(decision, EntryApproved) else None,
        "frozen": dossier.frozen,
        "number": dossier.number,
        "claim": {"by": claim.by, "until": claim.until} if claim is not None else None,
        "share": dossier.share,
        "city": state.unit_names(entry)[1],
        "corrected": handed.latest > 1,
        "flags": sorted({*state.flags_of(entry), *hinted}),
        "second": _opinion_view(state.opinion_on(entry)),
        "type_request": _type_request_view(dossier.type_request),
        "disqualification": _disqualification_view(dossier.disqualification),
        "bulk": dossier.bulk,
        "title": latest.title,
        "themes": list(latest.themes),
        "at": latest.at,
        "decided": _decision_view(decision),
        "remarks": [asdict(each) for each in _remarks(decision)],
        "reason": dossier.disqualified.reason if dossier.disqualified is not None else _reason(decision),
    }


def proposal_view(state: ModerationState, campaign: Campaign) -> View:
    """Return the shortlist that the rule proposes now, and how many entries are still undecided."""
    listed = []
    for each in shortlist.propose(state):
        decision = state.dossier(each.entry).decision
        grade = decision.grade if isinstance(decision, EntryApproved) else None
        latest = state.handed[each.entry].versions[-1]
        listed.append(asdict(each) | {"grade": grade, "title": latest.title, "unit": latest.unit})
    pending = len(shortlist.pending(state))
    locked = state.locked_rules is not None
    return {"rule": campaign.shortlist.rule, "entries": listed, "pending": pending, "locked": locked}


def shortlist_view(state: ModerationState) -> View:
    """Return the confirmed shortlist by poster number, without entries that were withdrawn or disqualified since."""
    numbered = {entry: dossier for entry, dossier in state.dossiers.items() if dossier.number is not None}
    shown: Iterable[str] = (entry for entry in numbered if entry in state.handed and state.may_be_shown(entry))
    views = [
        {
            "entry": entry,
            "number": numbered[entry].number,
            "type": state.type_of(entry),
            "frozen": numbered[entry].frozen,
        }
        for entry in shown
    ]
    return {"entries": sorted(views, key=lambda view: shortlist.number_sort_key(str(view["number"])))}


def complaint_view(found: Complaint) -> View:
    """Return what anybody who has a complaint's reference number may see: its state and the office's answer.

    The complaint's own text is left out, because somebody could read a number over another person's shoulder.
    """
    filed, answered = found.filed, found.answered
    return {
        "complaint": filed.complaint,
        "kind": filed.kind,
        "entry": filed.entry,
        "at": filed.at,
        "state": OPEN if answered is None else ANSWERED,
        "answer": {"words": answered.words, "at": answered.at} if answered is not None else None,
    }


def complaints_page(state: ModerationState, wanted: View) -> list[Complaint] | Refused:
    """Return the complaints that a query (`schemas.Complaints`) asks for, oldest first. There is one more than the
    limit if there is a next page. Refuse an unknown complaint as the place after which the page starts.
    """
    if wanted["after"] is not None and wanted["after"] not in state.complaints:
        return Refused("cursor-unknown", "after")
    every = sorted(state.complaints.values(), key=_filed_at)
    after = None if wanted["after"] is None else state.complaints[wanted["after"]]
    wanted_state = wanted["state"]
    chosen = [
        each
        for each in every
        if (after is None or _filed_at(each) > _filed_at(after))
        and (wanted_state is None or (each.answered is None) == (wanted_state == OPEN))
    ]
    return chosen[: wanted["limit"] + 1]


def complaints_view(
    page: list[Complaint], limit: int, state: ModerationState, text_of: Callable[[Sealed], str]
) -> View:
    """Return a page of complaints for the office, with their texts; `text_of` opens a sealed text.

    `page` comes from `complaints_page`, and may hold one more than `limit`.
    """
    rows = [
        complaint_view(each)
        | {
            "words": text_of(each.filed.words),
            "contact": None if each.filed.contact is None else text_of(each.filed.contact),
            "by": each.answered.by if each.answered is not None else None,
        }
        for each in page[:limit]
    ]
    return {
        "complaints": rows,
        "next": rows[-1]["complaint"] if len(page) > limit else None,
        "open": sum(each.answered is None for each in state.complaints.values()),
    }


def _filed_at(found: Complaint) -> tuple[int, str]:
    return found.filed.at, found.filed.complaint


def _rule_hash(state: ModerationState, campaign: Campaign) -> str:
    lock = state.locked_rules
    return rule_hash(campaign) if lock is None else rule_hash_of(lock.campaign)


def _decision_view(decision: EntryApproved | EntryReturned | EntryRejected | None) -> View | None:
    if decision is None:
        return None
    return {"kind": KINDS[type(decision)], "version": decision.version, "by": decision.by, "at": decision.at}


def _remarks(decision: EntryApproved | EntryReturned | EntryRejected | None) -> tuple[Remark, ...]:
    return decision.remarks if isinstance(decision, EntryReturned | EntryRejected) else ()


def _opinion_view(asked: SecondOpinionAsked | None) -> View | None:
    return None if asked is None else {name: value for name, value in asdict(asked).items() if name != "entry"}


def _type_request_view(asked: TypeCorrectionAsked | None) -> View | None:
    return None if asked is None else {"type": asked.type, "reason": asked.reason, "at": asked.at}


def _disqualification_view(proposed: DisqualificationProposed | None) -> View | None:
    return None if proposed is None else {name: value for name, value in asdict(proposed).items() if name != "entry"}


def _reason(decision: EntryApproved | EntryReturned | EntryRejected | None) -> str | None:
    return decision.reason if isinstance(decision, EntryRejected) else None
