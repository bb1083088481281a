"""An outage in like week: it makes the likes window longer, by no more than it lasted and the rules allow.

Promises: only an outage that lies in the running likes window and is over counts, and each moment of it once; all
outages together lengthen like week by at most `outage_hours` of the locked rules. Windows that follow and would overlap
with like week move as far as is needed, and keep their length; a window that has begun never moves, so then the outage
is refused. It can be taken back until a minute before like week would have ended without it, and only while no window
has moved since; then all windows are as they were.
Does not promise that the outage happened: the event holds words, and a hash of the evidence.
"""

from dataclasses import dataclass

from services.moderation.campaign import PHASES, Campaign, Window
from services.moderation.decisions.windows import refusal_to_move
from services.moderation.events import OutageDeclared, OutageRevoked, WindowChange, WindowMoved
from services.moderation.state import ModerationState
from shared.decider import Decision, Refused
from shared.names import is_visible

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
#: Vote writers learn of a revocation in time, so that no like is counted after the earlier end.
MARGIN_MS = MINUTE_MS
REFUSALS = frozenset(
    {
        "outage-outside-likes",
        "outage-times-impossible",
        "outage-known",
        "extension-too-long",
        "extension-not-allowed",
        "outage-unknown",
        "outage-in-effect",
        "outage-overtaken",
    }
)


@dataclass(frozen=True, slots=True)
class DeclareOutage:
    """Command: declare that likes could not be given from `start` to `end`, and lengthen like week by `minutes`."""

    start: int
    end: int
    minutes: int
    reason: str
    evidence: str | None
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class RevokeOutage:
    """Command: take a declared outage back."""

    outage: str
    words: str
    by: str
    at: int


def declare(command: DeclareOutage, state: ModerationState) -> Decision:
    """Decide on an outage. The same outage again changes nothing."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    if not state.listed or not state.campaign.window("likes").contains(command.at):
        return Refused("outage-outside-likes")
    if (flaw := _flaw(command, state.campaign, state)) is not None:
        return flaw
    moved = windows_after(state.campaign, command.minutes * MINUTE_MS)
    if (clash := _clash(moved, command.at, state)) is not None:
        return clash
    outage = OutageDeclared(
        f"O{len(state.outages) + 1}",
        command.start,
        command.end,
        command.minutes * MINUTE_MS,
        moved,
        command.reason.strip(),
        command.evidence,
        command.by,
        command.at,
    )
    return [outage, *(_moved(each, outage.outage, outage.reason, command.by, command.at) for each in moved)]


def revoke(command: RevokeOutage, state: ModerationState) -> Decision:
    """Decide on taking an outage back. Taking it back again changes nothing."""
    found = next((each for each in state.outages if each.declared.outage == command.outage), None)
    if found is None or state.campaign is None:
        return Refused("outage-unknown", "outage")
    if found.revoked is not None:
        return []
    if not is_visible(command.words):
        return Refused("words-missing", "words")
    until = revocable_until(found.declared)
    if command.at >= until:
        return Refused("outage-in-effect", detail={"until": until})
    present = {each.window: state.campaign.window(each.window) for each in found.declared.moved}
    if any(present[each.window] != Window(each.start, each.end) for each in found.declared.moved):
        return Refused("outage-overtaken")
    back = [
        WindowMoved(each.window, each.start_before, each.end_before, command.words.strip(), command.by, command.at)
        for each in found.declared.moved
    ]
    return [OutageRevoked(command.outage, command.words.strip(), command.by, command.at), *back]


def windows_after(campaign: Campaign, extension_ms: int) -> tuple[WindowChange, ...]:
    """Return the windows that move when like week gets longer: its own, and each that would newly overlap with one."""
    likes = campaign.window("likes")
    moved = [WindowChange("likes", likes.start, likes.end + extension_ms, likes.start, likes.end)]
    for name in PHASES[PHASES.index("likes") + 1 :]:
        last, window = moved[-1], campaign.window(name)
        shift = last.end - window.start
        if window.start < last.end_before or shift <= 0:  # they overlapped before, or there is room between them
            break
        moved.append(WindowChange(name, window.start + shift, window.end + shift, window.start, window.end))
    return tuple(moved)


def allowed_ms(state: ModerationState) -> int:
    """Return by how much outages may still make like week longer, in ms."""
    assert state.campaign is not None
    used = sum(each.declared.extension_ms for each in state.outages if each.revoked is None)
    return max(0, state.campaign.likes.outage_hours * HOUR_MS - used)


def revocable_until(outage: OutageDeclared) -> int:
    """Return until when an outage can be taken back, in ms since the epoch."""
    return outage.moved[0].end_before - MARGIN_MS


def _flaw(command: DeclareOutage, campaign: Campaign, state: ModerationState) -> Refused | None:
    if not campaign.window("likes").start <= command.start < command.end <= command.at:
        return Refused("outage-times-impossible", "start")
    for each in state.outages:
        other = each.declared
        if each.revoked is None and command.start < other.end and other.start < command.end:
            return Refused("outage-known", "start", {"outage": other.outage})
    lasted = -(-(command.end - command.start) // MINUTE_MS)
    if not 0 < command.minutes <= lasted:
        return Refused("extension-too-long", "minutes", {"minutes": lasted})
    if command.minutes * MINUTE_MS > allowed_ms(state):
        left = allowed_ms(state) // MINUTE_MS
        return Refused("extension-not-allowed", "minutes", {"hours": campaign.likes.outage_hours, "minutes": left})
    return None


def _clash(moved: tuple[WindowChange, ...], at: int, state: ModerationState) -> Refused | None:
    """Return why one of the windows may not move so. Windows move from the last to the first, so that none overlap."""
    campaign = state.campaign
    assert campaign is not None
    for each in reversed(moved):
        to = Window(each.start, each.end)
        refused = refusal_to_move(campaign, each.window, to=to, at=at, listed=state.listed, is_final=state.is_final)
        if refused is not None:
            return refused
        campaign = campaign.with_window(each.window, to)
    return None


def _moved(change: WindowChange, outage: str, reason: str, by: str, at: int) -> WindowMoved:
    return WindowMoved(change.window, change.start, change.end, f"{outage}: {reason}", by, at)
