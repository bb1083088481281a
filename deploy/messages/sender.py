"""The sender: asks moderation for letters that are due, passes each to its channel, and reports what became of it.

Before a message leaves, moderation's log holds that its attempt has begun, so that after a crash everybody knows of
which letters nothing is known. On a repeatable channel such a letter is sent again under the same key; elsewhere it is
reported as unsure, and an organiser decides.
Promises: one attempt for each letter at a time; a letter that moderation no longer calls for is not sent; what could
not be reported, or was answered with "later", is reported again before anything else is sent, for as long as this
object lives. Moderation notes the end of an attempt once, however often it is reported. An attempt whose beginning was
not confirmed sends nothing, and is reported as one to be made later.
Codes for signing in are no letters: each is sent at once, once, and is in no log.
Does not promise to be the only sender. It runs in the clock's process, of which there is one.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from deploy.messages.channel import LATER, UNSURE, Answer, Channel, Message
from shared import metrics
from shared.logs import logger

CODES_BY = "sms"
INTERRUPTED, UNCONFIRMED = "interrupted", "unconfirmed"
_PASSING = ("overdue", "stopped")  # refusals of a service that may have stored the command all the same
Call = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
log_ = logger(__name__)


class Unanswered(Exception):
    """Moderation did not say whether it stored what it was told."""


class Sender:
    """Sends what is due. `call` calls a method of moderation and returns its answer; `channels` are by name."""

    def __init__(self, call: Call, channels: Mapping[str, Channel], *, campaign: str) -> None:
        self._call, self._channels, self._campaign = call, channels, campaign
        self._unreported: dict[tuple[str, int], dict[str, Any]] = {}

    def step(self) -> int:
        """Send what is due now, and return how many messages were passed to a channel.

        Raises what `call` raises, and Unanswered; then the next step goes on from here.
        """
        self._report()
        self._send_codes()
        answer = self._call("due_deliveries", {"channels": sorted(self._channels)})
        found = answer.get("ok")
        if found is None:  # no campaign is open yet
            return 0
        metrics.FAILED_LETTERS.set(found["failed"])
        try:
            for each in found["interrupted"]:
                self._finish_interrupted(each)
            return sum(self._deliver(each) for each in found["due"])
        finally:
            for channel in self._channels.values():
                channel.close()

    def _send_codes(self) -> None:
        """Send the codes with which judges sign in. Each is sent once: whoever gets none asks for another."""
        while (channel := self._channels.get(CODES_BY)) is not None:
            due = self._call("due_sign_in_code", {}).get("ok") or {}
            if not due.get("phone"):
                return
            answer = channel.send(Message(secrets.token_hex(16), due["phone"], "", due["words"]))
            log_.info("sign-in code", channel=CODES_BY, outcome=answer.state, code=answer.code)

    def _finish_interrupted(self, each: Mapping[str, Any]) -> None:
        channel = self._channels.get(each["channel"])
        if channel is not None and channel.is_repeatable and each["address"]:
            self._end(each, channel.send(self._message(each)))
        else:
            self._end(each, Answer(UNSURE, INTERRUPTED))

    def _deliver(self, each: Mapping[str, Any]) -> int:
        try:
            begun = self._tell("begin_delivery", each, ("letter", "channel", "attempt", "channels"))
        except Exception:
            self._note(each, Answer(LATER, UNCONFIRMED))  # it may be stored, but nothing was sent
            raise
        if "ok" not in begun:
            return 0  # it was withdrawn, or no longer holds, since it was asked for
        try:
            answer = self._channels[each["channel"]].send(self._message(each))
        except Exception as problem:  # a fault of ours: the attempt must not stay without an end
            log_.error("a channel failed", channel=each["channel"], problem=type(problem).__name__)
            answer = Answer(UNSURE, type(problem).__name__)
        self._end(each, answer)
        return 1

    def _end(self, each: Mapping[str, Any], answer: Answer) -> None:
        self._note(each, answer)
        if answer.state != LATER:
            log_.info("letter", channel=each["channel"], outcome=answer.state, code=answer.code)
        self._report()

    def _note(self, each: Mapping[str, Any], answer: Answer) -> None:
        body = {name: each[name] for name in ("letter", "attempt", "channels")}
        key = each["letter"], each["attempt"]
        self._unreported[key] = {**body, "state": answer.state, "code": answer.code[:100]}

    def _report(self) -> None:
        for key, body in list(self._unreported.items()):
            self._tell("end_delivery", body, tuple(body))
            del self._unreported[key]

    def _tell(self, method: str, values: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
        """Have moderation store something. Raises Unanswered where it says that it could not answer in time."""
        answer = self._call(method, {name: values[name] for name in names})
        code = (answer.get("refused") or {}).get("code")
        if code in _PASSING:
            raise Unanswered(f"{method}: {code}")
        return answer

    def _message(self, each: Mapping[str, Any]) -> Message:
        text = f"{self._campaign}/{each['letter']}/{each['channel']}"
        return Message(
            key=hashlib.sha256(text.encode()).hexdigest()[:32],
            address=each["address"],
            title=each["title"],
            words=each["words"],
            template=each["template"],
            scene=each["scene"],
            page=each["page"],
        )
