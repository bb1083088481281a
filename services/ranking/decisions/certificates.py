"""Certificates of the winners, and whether one is valid now.

Promises: issued only of a final result; the event holds all that is printed; numbers come from a key, so that nobody
who has one can work out another; a certificate that was revoked is never valid again. A disqualification, and another
result without the entry or with another place or type on its paper, revoke by themselves: `standing` derives it.
Does not promise a paper: the gateway and the command line print what the event says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.moderation.campaign import Campaign
from services.ranking.events import CertificateIssued, CertificateRevoked
from services.ranking.state import Certificate, RankingState
from shared.decider import Decision, Refused
from shared.events import MAX_EVENTS
from shared.reference_numbers import reference_number

VALID, REVOKED = "valid", "revoked"
# Why a certificate is not valid; BY_ORDER has the organiser's words beside it.
BY_ORDER, ENTRY_DISQUALIFIED, RESULT_REPLACED, REISSUED = "order", "disqualified", "replaced", "reissued"
RESULT_CHANGED = "changed"  # the entry still wins, by another place or type than the paper's
REFUSALS = frozenset(
    {
        "result-not-final",
        "result-outdated",
        "not-an-organiser",
        "entry-not-winner",
        "certificate-unknown",
        "reason-missing",
    }
)


@dataclass(frozen=True, slots=True)
class Award:
    """What the table says of a winner of the published result."""

    title: str
    unit: str
    type: str
    place: int


@dataclass(frozen=True, slots=True)
class IssueCertificates:
    """For all winners that have none that stands, but not where an order revoked it; or for `entries`, also there.

    `awards` are by entry; `key` makes the numbers.
    """

    proposal: str
    awards: Mapping[str, Award]
    entries: tuple[str, ...] | None
    key: bytes
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class RevokeCertificate:
    certificate: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a certificate is valid. `since` is campaign time, of what revoked it; `words` are an organiser's."""

    status: str
    why: str | None = None
    words: str | None = None
    since: int | None = None


def number_of(key: bytes, entry: str, *, k: int) -> str:
    """The number of the k-th certificate of an entry."""
    return reference_number(key, "certificate", f"{k} {entry}")


def standing(certificate: Certificate, state: RankingState) -> Standing:
    """What whoever checks the certificate is told now."""
    issued, revoked = certificate.issued, certificate.revoked
    if revoked is not None:
        return Standing(REVOKED, BY_ORDER, revoked.reason, revoked.at)
    if issued.entry in state.disqualified:
        return Standing(REVOKED, ENTRY_DISQUALIFIED, since=state.disqualified[issued.entry])
    if state.published is not None and issued.entry not in state.published.winners:
        return Standing(REVOKED, RESULT_REPLACED, since=state.published.at)
    latest = _latest(issued.entry, state)
    if latest is not None and latest.issued.certificate != issued.certificate:
        return Standing(REVOKED, REISSUED, since=latest.issued.at)
    if state.published is not None and _is_placed_otherwise(issued, state):
        return Standing(REVOKED, RESULT_CHANGED, since=state.published.at)
    return Standing(VALID)


def _is_placed_otherwise(issued: CertificateIssued, state: RankingState) -> bool:
    """Whether another result has been published, by which the paper names another place or type than the entry's."""
    if state.campaign is None or state.published is None or issued.proposal == state.published.proposal.proposal:
        return False
    row = next((each for each in state.published.proposal.rows if each["entry"] == issued.entry), None)
    if row is None:
        return False
    place = row["place"] if issued.place is not None else None
    return (issued.type, issued.place) != (state.campaign.unit_type(row["type"]).zh, place)


def issue(command: IssueCertificates, state: RankingState) -> Decision:
    """As many as one commit holds; the same order with another id goes on where this one stopped."""
    if state.campaign is None or state.published is None or not state.is_final:
        return Refused("result-not-final")
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    published = state.published.proposal.proposal
    if command.proposal != published or state.fallen:
        return Refused("result-outdated", detail={"entries": list(state.fallen)})
    wanted = state.published.winners if command.entries is None else command.entries
    if others := sorted(set(wanted) - set(state.published.winners)):
        return Refused("entry-not-winner", "entries", {"entries": others})
    papers = [_paper(entry, command, state, state.campaign) for entry in sorted(set(wanted))]
    due = [each for each in papers if _is_due(each, state, is_named=command.entries is not None)]
    return due[:MAX_EVENTS]


def revoke(command: RevokeCertificate, state: RankingState) -> Decision:
    known = state.certificates.get(command.certificate)
    if known is None:
        return Refused("certificate-unknown", "certificate")
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    if not command.reason.strip():
        return Refused("reason-missing", "reason")
    if known.revoked is not None:
        return []
    return [CertificateRevoked(command.certificate, command.reason, command.by, command.at)]


def _paper(entry: str, command: IssueCertificates, state: RankingState, campaign: Campaign) -> CertificateIssued:
    award = command.awards[entry]
    return CertificateIssued(
        certificate=number_of(command.key, entry, k=len(state.papers.get(entry, ())) + 1),
        proposal=command.proposal,
        entry=entry,
        title=award.title,
        unit=award.unit,
        type=campaign.unit_type(award.type).zh,
        place=award.place if campaign.certificate_places else None,
        campaign=campaign.title_zh,
        organiser=campaign.organiser,
        day=campaign.day_of(command.at),
        by=command.by,
        at=command.at,
    )


def _is_due(paper: CertificateIssued, state: RankingState, *, is_named: bool) -> bool:
    latest = _latest(paper.entry, state)
    if latest is None:
        return True
    if latest.revoked is not None:
        return is_named
    return _printed(latest.issued) != _printed(paper)


def _printed(paper: CertificateIssued) -> tuple[object, ...]:
    """What makes two papers of an entry different ones."""
    return paper.title, paper.unit, paper.type, paper.place, paper.campaign, paper.organiser


def _latest(entry: str, state: RankingState) -> Certificate | None:
    numbers = state.papers.get(entry, ())
    return state.certificates[numbers[-1]] if numbers else None
