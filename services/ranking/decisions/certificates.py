"""Issue and revoke certificates of the winners, and derive whether a certificate is valid now.

Promises: certificates are issued only for a final result; the event holds everything that is printed; numbers come from
a key, so that nobody who has one number can work out another; a revoked certificate never becomes valid again. A
disqualification revokes a certificate without an event, and so does a new result that drops the entry or gives it
another place or type than the certificate names: `status_of` derives this.
Does not promise a printed document: the gateway and the command line print what the event says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.moderation.campaign import Campaign
from services.ranking.events import CertificateIssued, CertificateRevoked
from services.ranking.state import Certificate, RankingState
from shared.decider import Decision, Refused
from shared.events import MAX_EVENTS
from shared.names import is_visible
from shared.reference_numbers import reference_number

VALID, REVOKED = "valid", "revoked"
# Why a certificate is not valid; with BY_ORDER the status also holds the organiser's reason.
BY_ORDER, ENTRY_DISQUALIFIED, RESULT_REPLACED, REISSUED = "order", "disqualified", "replaced", "reissued"
RESULT_CHANGED = "changed"  # the entry still wins, but with another place or type than the certificate names
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
    """What a certificate says about a winner: title, name of the unit, code of the unit type, place in the type."""

    title: str
    unit: str
    type: str
    place: int


@dataclass(frozen=True, slots=True)
class IssueCertificates:
    """Command: issue certificates for all winners who need a new certificate, or only for the named `entries`.

    A winner whose certificate an organiser revoked gets a new certificate only if `entries` names it. `awards` is by
    entry; the certificates' numbers are derived from `key`.
    """

    proposal: str
    awards: Mapping[str, Award]
    entries: tuple[str, ...] | None
    key: bytes
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class RevokeCertificate:
    """Command: revoke a certificate, for a reason that everyone who checks the certificate can read."""

    certificate: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """Whether a certificate is VALID or REVOKED, and if revoked, `why` and `since` when (campaign time, ms).

    `words` is the organiser's reason, if an organiser revoked it.
    """

    status: str
    why: str | None = None
    words: str | None = None
    since: int | None = None


def number_of(key: bytes, entry: str, *, k: int) -> str:
    """Return the reference number (16 characters) of the k-th certificate of an entry, from 1."""
    return reference_number(key, "certificate", f"{k} {entry}")


def status_of(certificate: Certificate, state: RankingState) -> CertificateStatus:
    """Return whether a certificate is valid now, as anyone who checks it sees it, and otherwise why not."""
    issued, revoked = certificate.issued, certificate.revoked
    if revoked is not None:
        return CertificateStatus(REVOKED, BY_ORDER, revoked.reason, revoked.at)
    if issued.entry in state.disqualified:
        return CertificateStatus(REVOKED, ENTRY_DISQUALIFIED, since=state.disqualified[issued.entry])
    if state.published is not None and issued.entry not in state.published.winners:
        return CertificateStatus(REVOKED, RESULT_REPLACED, since=state.published.at)
    latest = _latest(issued.entry, state)
    if latest is not None and latest.issued.certificate != issued.certificate:
        return CertificateStatus(REVOKED, REISSUED, since=latest.issued.at)
    if state.published is not None and _is_placed_otherwise(issued, state):
        return CertificateStatus(REVOKED, RESULT_CHANGED, since=state.published.at)
    return CertificateStatus(VALID)


def _is_placed_otherwise(issued: CertificateIssued, state: RankingState) -> bool:
    """Return whether a newer published result gives the entry another place or type than its certificate names."""
    if state.campaign is None or state.published is None or issued.proposal == state.published.proposal.proposal:
        return False
    row = next((each for each in state.published.proposal.rows if each["entry"] == issued.entry), None)
    if row is None:
        return False
    place = row["place"] if issued.place is not None else None
    return (issued.type, issued.place) != (state.campaign.unit_type(row["type"]).zh, place)


def issue(command: IssueCertificates, state: RankingState) -> Decision:
    """Decide on issuing certificates: return the next MAX_EVENTS, as many as one commit may hold.

    If there are more winners, submit the same command again with a new id. Refuse unless the result is final.
    """
    if state.campaign is None or state.published is None or not state.is_final:
        return Refused("result-not-final")
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    published = state.published.proposal.proposal
    if command.proposal != published or state.removed_winners:
        return Refused("result-outdated", detail={"entries": list(state.removed_winners)})
    wanted = state.published.winners if command.entries is None else command.entries
    if others := sorted(set(wanted) - set(state.published.winners)):
        return Refused("entry-not-winner", "entries", {"entries": others})
    certificates = [_new_certificate(entry, command, state, state.campaign) for entry in sorted(set(wanted))]
    due = [each for each in certificates if _is_due(each, state, is_named=command.entries is not None)]
    return due[:MAX_EVENTS]


def revoke(command: RevokeCertificate, state: RankingState) -> Decision:
    """Decide on revoking a certificate. Nothing changes if an organiser has revoked it already."""
    known = state.certificates.get(command.certificate)
    if known is None:
        return Refused("certificate-unknown", "certificate")
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    if known.revoked is not None:
        return []
    return [CertificateRevoked(command.certificate, command.reason, command.by, command.at)]


def _new_certificate(
    entry: str, command: IssueCertificates, state: RankingState, campaign: Campaign
) -> CertificateIssued:
    award = command.awards[entry]
    return CertificateIssued(
        certificate=number_of(command.key, entry, k=len(state.certificate_numbers.get(entry, ())) + 1),
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


def _is_due(certificate: CertificateIssued, state: RankingState, *, is_named: bool) -> bool:
    latest = _latest(certificate.entry, state)
    if latest is None:
        return True
    if latest.revoked is not None:
        return is_named
    return _printed(latest.issued) != _printed(certificate)


def _printed(certificate: CertificateIssued) -> tuple[object, ...]:
    """Return the printed fields that make a new certificate differ from an earlier one of the same entry."""
    return (
        certificate.title,
        certificate.unit,
        certificate.type,
        certificate.place,
        certificate.campaign,
        certificate.organiser,
    )


def _latest(entry: str, state: RankingState) -> Certificate | None:
    numbers = state.certificate_numbers.get(entry, ())
    return state.certificates[numbers[-1]] if numbers else None
