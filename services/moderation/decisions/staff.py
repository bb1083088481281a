"""Decide who holds which office, and how people come to their passwords.

Promises: nobody chooses the password of another: a person sets it by a link that works once and for `LINK_MS`. Making,
resetting or dismissing an organiser takes two people, and so does a new password for somebody who is or was organiser,
judge or auditor. The second is an organiser too, or an operator at the machine while there is no further organiser: not
one whom an organiser appointed and whose link that organiser held. Two people who act together each hold a part of the
link, so neither can use it alone; a new organiser always gets such a link. Once an organiser has set a password,
operators appoint nobody.
Does not promise: that a link reaches the right person. Whoever hands it over must know them.
"""

from dataclasses import dataclass

from services.moderation.events import PasswordLinkIssued, PasswordSet, StaffAppointed, StaffChangeProposed
from services.moderation.state import JUDGE, ORGANISER, ROLES, Member, ModerationState
from shared.decider import Decision, Refused
from shared.events import Sealed

FIRST_ORGANISERS = 2  # who sign the result together
LINK_MS = CHANGE_MS = 7 * 86_400_000  # campaign time
# Offices whose holders check others: whoever could sign in as one of them could decide the result.
INDEPENDENT = frozenset({ORGANISER, JUDGE, "auditor"})
REFUSALS = frozenset(
    {
        "role-unknown",
        "judges-only-judge",
        "last-organiser",
        "organisers-only",
        "change-unknown",
        "second-person-missing",
        "link-spent",
        # Refused by the RPC service, which checks passwords.
        "login-refused",
        "step-up-refused",
        "password-weak",
        "busy",
    }
)


@dataclass(frozen=True, slots=True)
class FirstOrganiser:
    """One of the first organisers, who are appointed with the opening of the campaign. The name is sealed."""

    staff: str
    name: Sealed


@dataclass(frozen=True, slots=True)
class AppointStaff:
    """Command: give a person exactly these roles. No roles dismiss the person.

    `new_link` ends the person's password and issues a link for a new one; a person without a password always gets a
    link. `id` names the link, or the change if a second person has to confirm it.
    """

    staff: str
    name: Sealed
    roles: tuple[str, ...]
    new_link: bool
    id: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class ConfirmStaffChange:
    """Command: confirm, as the second person, the change of an office that another proposed. `link` names the link."""

    change: str
    link: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Command: set a password by the link with this name. The RPC service has verified what the person holds of it."""

    staff: str
    link: str
    password: Sealed
    at: int


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Command: change one's own password. `before` is the stored password that the RPC service has verified."""

    staff: str
    before: Sealed
    password: Sealed
    at: int


def first_organisers(people: tuple[FirstOrganiser, ...], *, link: str, by: str, at: int) -> list[object]:
    """Return the events that appoint the first organisers, each with a link for a password."""
    events: list[object] = []
    for each in people:
        events.append(StaffAppointed(each.staff, each.name, (ORGANISER,), Sealed(""), by, at))
        events.append(PasswordLinkIssued(each.staff, link, None, at + LINK_MS, by, at))
    return events


def appoint(command: AppointStaff, state: ModerationState) -> Decision:
    """Decide on an appointment: it takes effect, or waits for a second person. Appointing again changes nothing."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    unknown = [each for each in command.roles if each not in ROLES]
    if unknown:
        return Refused("role-unknown", "roles", {"role": unknown[0]})
    if JUDGE in command.roles and len(set(command.roles)) > 1:  # every other role sees likes, ranks, marks or remarks
        return Refused("judges-only-judge", "roles")
    if not is_beginning(state) and command.by not in organisers(state):
        return Refused("organisers-only", "roles")
    roles, member = tuple(each for each in ROLES if each in command.roles), state.staff.get(command.staff)
    if refused := _last_organiser(command.staff, roles, state):
        return refused
    becomes_organiser = ORGANISER in roles and command.staff not in organisers(state) and not is_beginning(state)
    resets = bool(roles) and (command.new_link or becomes_organiser or _has_no_way_in(member, command.at))
    is_issued = member is not None and member.link is not None and member.link.id == command.id
    if member is not None and (member.name, member.roles) == (command.name, roles) and (not resets or is_issued):
        return []
    proposed = StaffChangeProposed(
        command.id, command.staff, command.name, roles, resets, command.at + CHANGE_MS, command.by, command.at
    )
    if not _takes_two(proposed, member, state):
        return _changes(proposed, member, link=command.id, by=command.by, at=command.at)
    waiting = state.staff_changes.get(command.staff)
    return [] if waiting is not None and _is_same(waiting, proposed) else [proposed]


def confirm(command: ConfirmStaffChange, state: ModerationState) -> Decision:
    """Decide on confirming a proposed change. Refuse whoever proposed it, and whom it concerns."""
    waiting = next((each for each in state.staff_changes.values() if each.change == command.change), None)
    if waiting is None or command.at >= waiting.until:
        return Refused("change-unknown", "change")
    if command.by in (waiting.by, waiting.staff):
        return Refused("second-person-missing")
    able = _able_organisers(state) - {waiting.by, waiting.staff}
    # The organiser who appointed a member of staff as operator held the whole link, so could be both people.
    is_at_the_machine = command.by not in state.staff
    if command.by not in able and (able or not is_at_the_machine):
        return Refused("organisers-only")
    if refused := _last_organiser(waiting.staff, waiting.roles, state):
        return refused
    return _changes(waiting, state.staff.get(waiting.staff), link=command.link, by=command.by, at=command.at)


def set_password(command: SetPassword, state: ModerationState) -> Decision:
    """Decide on setting a password by a link. Refuse a link that was used, replaced, or is too old."""
    member = state.staff.get(command.staff)
    link = member.link if member is not None and member.roles else None
    if link is None or link.id != command.link or command.at >= link.until:
        return Refused("link-spent", "link")
    return [PasswordSet(command.staff, command.password, command.link, command.at)]


def change_password(command: ChangePassword, state: ModerationState) -> Decision:
    """Decide on changing one's own password. Refuse if the stored password is not the one that was verified."""
    member = state.staff.get(command.staff)
    if member is None or not member.roles or not member.password or member.password != command.before:
        return Refused("login-refused", "password")
    return [PasswordSet(command.staff, command.password, None, command.at)]


def is_beginning(state: ModerationState) -> bool:
    """Return whether no present or former organiser has ever set a password. Until then whoever runs the campaign
    appoints them.
    """
    return not any(ORGANISER in each.held and each.had_password for each in state.staff.values())


def organisers(state: ModerationState) -> frozenset[str]:
    """Return the names of all present organisers."""
    return frozenset(name for name, each in state.staff.items() if ORGANISER in each.roles)


def _able_organisers(state: ModerationState) -> frozenset[str]:
    """Return the organisers who have a password: the others can neither propose nor confirm anything."""
    return frozenset(each for each in organisers(state) if state.staff[each].password)


def _last_organiser(staff: str, roles: tuple[str, ...], state: ModerationState) -> Refused | None:
    if ORGANISER in roles or staff not in organisers(state):
        return None
    others = (organisers if is_beginning(state) else _able_organisers)(state) - {staff}
    return None if others else Refused("last-organiser", "roles")


def _has_no_way_in(member: Member | None, at: int) -> bool:
    """Return whether the person has neither a password nor a link that still works."""
    return member is None or not (member.password or (member.link is not None and at < member.link.until))


def _takes_two(change: StaffChangeProposed, member: Member | None, state: ModerationState) -> bool:
    if is_beginning(state):
        return False
    roles_before, held = (member.roles, member.held) if member is not None else ((), frozenset())
    if ORGANISER in {*change.roles, *roles_before} and (change.resets or change.roles != roles_before):
        return change.by != change.staff or ORGANISER in change.roles or change.resets  # stepping down takes one
    return change.resets and member is not None and member.had_password and bool(held & INDEPENDENT)


def _is_same(waiting: StaffChangeProposed, change: StaffChangeProposed) -> bool:
    same = (waiting.name, waiting.roles, waiting.resets, waiting.by) == (
        change.name, change.roles, change.resets, change.by,
    )  # fmt: skip
    return same and change.at < waiting.until


def _changes(change: StaffChangeProposed, member: Member | None, *, link: str, by: str, at: int) -> list[object]:
    events: list[object] = []
    if member is None or (member.name, member.roles) != (change.name, change.roles):
        password = member.password if member is not None else Sealed("")
        events.append(StaffAppointed(change.staff, change.name, change.roles, password, by, at))
    if change.resets:
        second = change.change if change.by != by else None
        events.append(PasswordLinkIssued(change.staff, link, second, at + LINK_MS, by, at))
    return events
