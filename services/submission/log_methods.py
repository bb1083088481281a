"""What every RPC method of submission's service works with: the state, the campaign's time, and the log."""

from typing import Any

from services.submission import domain
from services.submission.state import SubmissionState
from shared.decider import CommandEnvelope, Outcome
from shared.rpc import Call
from shared.stamps import wall_ms


class LogMethods:
    """The base of the classes whose methods make up the service."""

    log: Any

    @property
    def _state(self) -> SubmissionState:
        state: SubmissionState = self.log.state
        return state

    def _at(self, call: Call) -> int:
        """Return the campaign time of a call; `call.at` 0 stands for now."""
        clock = self._state.clock
        return call.at or (wall_ms() if clock is None else clock)

    def _submit(self, call: Call, command: domain.Command) -> Outcome:
        return self._append(call, call.envelope(command))

    def _append(self, call: Call, command: CommandEnvelope) -> Outcome:
        return self.log.submit(command, timeout_s=call.left_s)
