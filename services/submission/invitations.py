"""Decide how the cadres of a unit come to their accounts: by an invitation that works once.

A unit has one open invitation at a time; the next one replaces it. Whoever holds its text becomes a cadre of the unit
with a name and a password of their own, and all cadres of a unit share its entry.

Promises: an invitation opens one account, before `until`; nobody but the person chooses the password; a removed cadre
cannot sign in. Names of a unit's cadres differ in the form in which names are compared.
Does not promise: that an invitation reaches the right person. Whoever hands it over must know them.
"""

from dataclasses import dataclass

from services.submission.events import CadreInvited, CadreJoined, CadreLinked, CadreRemoved
from services.submission.state import SubmissionState
from shared.decider import Decision, Refused
from shared.events import Sealed

INVITATION_MS = 30 * 86_400_000  # campaign time
MOST_CADRES = 10  # of one unit
MOST_AT_ONCE = 100  # invitations of one command
REFUSALS = frozenset(
    {
        "campaign-not-open",
        "unit-unknown",
        "level-not-eligible",
        "invitation-spent",
        "cadres-full",
        "cadre-unknown",
        # Refused by the RPC service, which opens names and checks passwords.
        "cadre-name-taken",
        "wechat-not-linked",
        "password-weak",
        "busy",
    }
)


@dataclass(frozen=True, slots=True)
class InviteCadres:
    """Command: issue an invitation for each of these units, which replaces the unit's open one. `id` names them."""

    units: tuple[str, ...]
    id: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class JoinUnit:
    """Command: open a cadre's account by the invitation with this name. The RPC service has verified its text.

    `known` are the cadres whose names the RPC service has compared with the new one.
    """

    unit: str
    invitation: str
    name: Sealed
    password: Sealed
    known: frozenset[str]
    at: int


@dataclass(frozen=True, slots=True)
class RemoveCadre:
    """Command: close a cadre's account."""

    unit: str
    cadre: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class LinkCadre:
    """Command: let a cadre sign in by a WeChat account, given by its pseudonym."""

    unit: str
    cadre: str
    account: str
    at: int


def invite(command: InviteCadres, state: SubmissionState) -> Decision:
    """Decide on invitations. All are issued, or none. Asking again with the same name changes nothing."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    events: list[object] = []
    for unit in command.units:
        row = state.units.get(unit)
        if row is None:
            return Refused("unit-unknown", "units", {"unit": unit})
        if row.level not in state.campaign.eligible_levels:
            return Refused("level-not-eligible", "units", {"unit": unit, "level": row.level})
        if len(state.cadres_of(unit)) >= MOST_CADRES:
            return Refused("cadres-full", "units", {"unit": unit, "most": MOST_CADRES})
        if command.id not in state.invitation_names.get(unit, ()):
            events.append(CadreInvited(unit, command.id, command.at + INVITATION_MS, command.by, command.at))
    return events


def join(command: JoinUnit, state: SubmissionState) -> Decision:
    """Decide on opening a cadre's account. Refuse an invitation that was used, replaced, or is too old."""
    open_invitation = state.invitations.get(command.unit)
    if (
        command.unit not in state.units
        or open_invitation is None
        or open_invitation.invitation != command.invitation
        or command.at >= open_invitation.until
    ):
        return Refused("invitation-spent", "invitation")
    cadres = state.cadres_of(command.unit)
    if len(cadres) >= MOST_CADRES:
        return Refused("cadres-full", detail={"unit": command.unit, "most": MOST_CADRES})
    if not command.known.issuperset(cadres.keys()):
        return Refused("busy")  # somebody joined meanwhile, whose name was not compared
    number = state.cadre_count.get(command.unit, 0) + 1
    return [
        CadreJoined(
            command.unit, f"{command.unit}.{number}", command.name, command.password, command.invitation, command.at
        )
    ]


def link(command: LinkCadre, state: SubmissionState) -> Decision:
    """Decide on linking a WeChat account to a cadre. An account is linked to one cadre, the latest."""
    if command.cadre not in state.cadres_of(command.unit):
        return Refused("cadre-unknown", "cadre")
    if state.linked.get(command.account) == (command.unit, command.cadre):
        return []
    return [CadreLinked(command.unit, command.cadre, command.account, command.at)]


def remove(command: RemoveCadre, state: SubmissionState) -> Decision:
    """Decide on closing a cadre's account. Closing it again changes nothing."""
    if command.cadre in state.cadres_of(command.unit):
        return [CadreRemoved(command.unit, command.cadre, command.by, command.at)]
    was_one = any(command.cadre == f"{command.unit}.{n + 1}" for n in range(state.cadre_count.get(command.unit, 0)))
    return [] if was_one else Refused("cadre-unknown", "cadre")
