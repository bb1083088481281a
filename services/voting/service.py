"""The nameko shell of voting: receipts and the state of the partitions.

Likes do not come this way: they go in batches to the vote writers (`writer.py`), which are plain processes.
`vote.cases` is the log that the desk of like cases will append to.
"""

from typing import Any

from nameko.rpc import rpc

from services.voting import queries
from services.voting.domain import PollDecider
from services.voting.schemas import Nothing, Receipt
from shared.decider import Refused
from shared.hosting import EventLog, service_name
from shared.rpc import Call, Reply, call, refusal

NO_PARTITION = -1  # the service reads what the desk says; it has no votes of its own


class VotingService:
    name = service_name("voting")
    log = EventLog("vote.cases", PollDecider(NO_PARTITION), follows=("moderation", "submission"))

    @rpc
    @call(Receipt)
    def receipt(self, call: Call) -> Reply:
        """What a receipt stands for."""
        found = queries.like_of(self.log.ledger, self.log.keys.receipt, call.body["receipt"])
        return refusal(Refused("receipt-unknown", field="receipt")) if found is None else {"ok": found}

    @rpc
    @call(Nothing)
    def positions(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """How far each partition's log is."""
        campaign: Any = self.log.state.campaign
        count = 0 if campaign is None else campaign.likes.partitions
        return {"ok": {"positions": queries.heads(self.log.ledger, count)}}
