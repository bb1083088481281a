"""Base of ranking's RPC methods: campaign time, the current table, and submission of commands to the log."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.ranking import queries
from services.ranking.followed_logs import FOLLOWED_LOGS
from services.ranking.read_model.table import Table
from services.ranking.state import RankingState
from shared.decider import CommandEnvelope, Outcome
from shared.hosting import EventLog
from shared.projection import ProjectionStore, Projector
from shared.rpc import Call
from shared.stamps import wall_ms

READERS = ("organiser", "auditor", "operator")  # may read the whole ranking; judges and moderators must see no likes


class RankingCalls:
    """Base class of ranking's RPC methods: state, campaign time, table and submission of commands.

    The service class defines `log`, because nameko injects it there.
    """

    log: EventLog

    @property
    def _state(self) -> RankingState:
        state: RankingState = self.log.state
        return state

    def _at(self, call: Call) -> int:
        """Return the campaign time of the call; a call whose time is 0 means now."""
        clock = self._state.clock
        return call.at or (wall_ms() if clock is None else int(clock))

    def _submit(self, call: Call, command: Any, cut: Mapping[str, int] | None = None) -> Outcome:
        """Decide on a state that has read the followed logs at least as far as the caller and the table have."""
        seen = tuple((log, max(call.seen.get(log, 0), (cut or {}).get(log, 0))) for log in FOLLOWED_LOGS)
        envelope: CommandEnvelope = replace(call.envelope(command), seen=seen)
        return self.log.submit(envelope, timeout_s=call.left_s)

    def _read(self, call: Call, cut: Mapping[str, int]) -> None:
        """Wait until the state has read the followed logs as far as the table has."""
        self.log.wait({log: cut.get(log, 0) for log in FOLLOWED_LOGS}, timeout_s=call.left_s)

    def _table(self, call: Call) -> Projector[Table]:
        return queries.current(self.log.ledger, self._store(), overdue=call.is_overdue)

    def _store(self) -> ProjectionStore:
        return ProjectionStore(self.log.database)
