"""Decide on authenticators: the apps by whose codes members of staff prove who they are, beside their password.

Promises: each recovery code works once. An authenticator is added to the password and authenticator that held when it
was begun: what was begun before either changed, such as in a page that was left open, brings none back. A new link for
a password takes the authenticator away, so somebody who has lost the telephone and the recovery codes comes back by the
same people, and as many of them, as with a lost password.
Does not promise: that a code is right. The RPC service verifies it, and lets no code in twice.
"""

from dataclasses import dataclass

from services.moderation.events import AuthenticatorAdded, AuthenticatorRemoved, RecoveryCodeUsed
from services.moderation.state import Member, ModerationState
from shared.decider import Decision, Refused
from shared.events import Sealed

RECOVERY_CODES = 10
REFUSALS = frozenset(
    {
        "authenticator-demanded",
        "authenticator-missing",
        "authenticator-changed",
        # Refused by the RPC service, which verifies codes.
        "code-needed",
        "code-refused",
    }
)


@dataclass(frozen=True, slots=True)
class AddAuthenticator:
    """Command: let codes of this authenticator prove who the person is, instead of those of an earlier one.

    `made_from` is how often the person's credentials had changed (`Member.credentials`) when it was begun.
    """

    staff: str
    authenticator: str
    secret: Sealed
    made_from: int
    at: int


@dataclass(frozen=True, slots=True)
class RemoveAuthenticator:
    """Command: let the password alone prove again who the person is.

    `made_from` is as in `AddAuthenticator`; None does not ask.
    """

    staff: str
    at: int
    made_from: int | None = None


@dataclass(frozen=True, slots=True)
class UseRecoveryCode:
    """Command: use up the recovery code with this number, from 0. The RPC service has compared its text."""

    staff: str
    authenticator: str
    code: int
    at: int


def is_demanded(member: Member, state: ModerationState) -> bool:
    """Return whether the campaign demands an authenticator of somebody with these roles."""
    demanded = state.campaign.second_factor if state.campaign is not None else ()
    return bool(set(member.roles) & set(demanded))


def add(command: AddAuthenticator, state: ModerationState) -> Decision:
    """Decide on an authenticator. Adding the same one again changes nothing."""
    member = state.staff.get(command.staff)
    if member is None or not member.roles:
        return Refused("login-refused")
    if member.authenticator is not None and member.authenticator.id == command.authenticator:
        return []
    if command.made_from != member.credentials:
        return Refused("authenticator-changed")
    return [AuthenticatorAdded(command.staff, command.authenticator, command.secret, command.at)]


def remove(command: RemoveAuthenticator, state: ModerationState) -> Decision:
    """Decide on removing an authenticator. Refuse where the campaign demands one."""
    member = state.staff.get(command.staff)
    if member is None or member.authenticator is None:
        return []
    if command.made_from not in (None, member.credentials):
        return Refused("authenticator-changed")
    if is_demanded(member, state):
        return Refused("authenticator-demanded")
    return [AuthenticatorRemoved(command.staff, member.authenticator.id, command.at)]


def use_recovery_code(command: UseRecoveryCode, state: ModerationState) -> Decision:
    """Decide on using a recovery code. Refuse one that was used, and one of an authenticator that was replaced."""
    member = state.staff.get(command.staff)
    known = member.authenticator if member is not None else None
    if known is None or known.id != command.authenticator or command.code in known.used:
        return Refused("code-refused", "code")
    return [RecoveryCodeUsed(command.staff, known.id, command.code, command.at)]
