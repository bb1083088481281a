"""The words by which moderators filter the review queue: statuses, whose claim, and flags."""

from services.moderation import state

PENDING = "pending"
#: What a status is called in a query -> what the state calls it.
STATUSES = {
    PENDING: state.SUBMITTED,
    state.APPROVED: state.APPROVED,
    state.RETURNED: state.RETURNED,
    state.REJECTED: state.REJECTED,
    state.WITHDRAWN: state.WITHDRAWN,
    state.DISQUALIFIED: state.DISQUALIFIED,
}
MINE, OTHERS, NOBODY = "me", "others", "nobody"
CLAIMS = (MINE, OTHERS, NOBODY)
NEAR_DUPLICATE = "near-duplicate"
FLAGS = (
    state.LATE_PASS,
    state.MANAGED,
    state.AI_DECLARED,
    state.AI_LABELLED,
    state.MACHINE_HINT,
    state.NOT_CHECKED,
    NEAR_DUPLICATE,
    state.LINK_CHANGED,
    state.FILM_UNPLAYABLE,
    state.TYPE_CORRECTION,
    state.SECOND_OPINION,
    state.DISQUALIFICATION,
    state.IS_FROZEN,
    *state.HAND_FLAGS,
)
#: What waits beside the entries themselves.
COMPLAINT = "complaint"
WORK = (state.SECOND_OPINION, state.TYPE_CORRECTION, state.DISQUALIFICATION, COMPLAINT)
