"""As of: which cut stands for an instant.

"As of 18:00" means the newest cut that ranking took at or before 18:00 of campaign time. Times of cuts never go back.
"""

from shared.ledger import Ledger

from .domain import OWN_LOG
from .events import CutTaken

PAGE = 500


def newest_cut(ledger: Ledger, *, at: int) -> CutTaken | None:
    """The cut of `at`, looked for from the head of ranking's log downwards. Raises Unreachable."""
    head = ledger.head(OWN_LOG)
    while head > 0:
        after = max(0, head - PAGE)
        for commit in reversed(ledger.read(OWN_LOG, after, limit=head - after)):
            for event in reversed(commit.events()):
                if isinstance(event, CutTaken) and event.time <= at:
                    return event
        head = after
    return None
