"""The instant of a like that came by a message: when the person said it, not when we heard it.

A push may be heard more than once: WeChat sends it again, and whoever has seen the request may, at another gateway,
which remembers nothing of it (`answered.py`). Voting passes over an order that is not newer than the last change of its
(voter, entry, day). So the order's instant is the message's own, its CreateTime, and a like that was taken back since
stays taken back, however often and wherever the push comes again.

    whole seconds   CreateTime has no more, and its second's beginning is meant, since the same push must always give
                    the same instant. Within one second, then: a like by text that follows an unlike by web is told
                    «taken back», and counts when it is sent again; the other way about nothing is lost, since the
                    unlike is the newer one. Meaning the second's end would let a replay undo an unlike of that second.
    not beyond now  A message is not newer than what we do now, whatever its clock says; else nobody could unlike before
                    that time. While WeChat's clock is d seconds ahead of ours, a replay may undo an unlike that came
                    within d seconds of the like.
    not before      `WINDOW_S` ago: what says that it is older counts as of then. That instant moves with each hearing,
                    and does no harm: a request is heard for `WINDOW_S` after its signed timestamp, so it never passes
                    that timestamp, which was over before anybody could take the like back.
    like week       begins and ends by this instant: what was said in its last second counts though it is heard in the
                    first after it, as long as the partition is open (five seconds by default); what was said before it
                    began does not count. So with days.
    rehearsals      have a clock of their own, which stands still and tells nothing of messages: there a like is of the
                    clock's instant, and a replay after the clock has moved is a new like.

Does not promise anything of an account in plain mode, where WeChat signs no CreateTime: whoever can replay such a push
can write one. Safe mode is the cure.
"""

from gateway.wechat.signature import WINDOW_S


def said_at(created_s: int, *, now_ms: int) -> int:
    """The instant of a message in ms, heard now."""
    return max(now_ms - WINDOW_S * 1000, min(created_s * 1000, now_ms))
