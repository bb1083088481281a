"""The RPC methods for analysts: cohorts of likes, and who may read the sealed signals that some cohorts need."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson
from nameko.rpc import rpc

from services.voting import schemas, signal_openings
from services.voting.cohorts import SIGNALS, Choice, Cohorts, TooManyLikes
from services.voting.events import LikeCast
from services.voting.links import Persons
from services.voting.signal_openings import AskToOpenSignals, DecideOpening
from shared.decider import Refused
from shared.errors import Forgotten, Overdue
from shared.ledger import read_commits
from shared.network import NetworkSealer, network_sealer
from shared.rpc import Call, Reply, call, refusal, stored
from shared.stamps import wall_ms

ANALYSTS = ("organiser", "auditor")


class AnalysisRpc:
    """The RPC methods of voting for analysts. `VotingService` has the log that they use."""

    log: Any

    @rpc
    @call(schemas.Nothing, roles=ANALYSTS)
    def signal_openings(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return every opening of the signals that was asked for, newest first, and until when they may be read now."""
        at = self._now()
        found = sorted(self._state.openings.values(), key=lambda each: (-each.asked_at, each.opening))
        rows = [{**asdict(each), "state": each.state(at)} for each in found]
        return {"ok": {"openings": rows, "open_until": signal_openings.open_until(self._state.openings, at)}}

    @rpc
    @call(schemas.SignalsOpening, roles=ANALYSTS)
    def ask_to_open_signals(self, call: Call) -> Reply:
        """Ask that analysts may read the signals of likes for some hours. A second person decides."""
        opening = f"so-{hashlib.sha256(call.id.encode()).hexdigest()[:16]}"
        command = AskToOpenSignals(opening, call.actor, call.body["reason"], call.body["hours"], self._now())
        return stored(self.log.submit(call.envelope(command), timeout_s=call.left_s), {"opening": opening})

    @rpc
    @call(schemas.OpeningDecision, roles=ANALYSTS)
    def decide_opening(self, call: Call) -> Reply:
        """Agree to an opening of the signals that somebody else asked for, or refuse it."""
        command = DecideOpening(call.body["opening"], call.actor, call.body["agrees"], self._now())
        outcome = self.log.submit(call.envelope(command), timeout_s=call.left_s)
        return stored(outcome, {"opening": call.body["opening"]})

    @rpc
    @call(schemas.Cohorts, roles=ANALYSTS)
    def cohorts(self, call: Call) -> Reply:
        """Return the likes in groups (`cohorts.py`), with the addresses of the likes of one group if it is named.

        Signals are read only while an opening is in force.
        """
        campaign = self._state.campaign
        if campaign is None:
            return refusal(Refused("campaign-not-open"))
        body = dict(call.body)
        group = body.pop("group", None)
        if body["grouping"] in SIGNALS and signal_openings.open_until(self._state.openings, self._now()) is None:
            return refusal(Refused("signals-sealed", field="grouping"))
        sealer = network_sealer(self.log.settings, self.log.keys)
        found = Cohorts(Choice(zone=campaign.zone, **body), lambda like: _signals(sealer, like))
        try:
            for partition in range(campaign.likes.partitions):
                for commit in read_commits(self.log.ledger, f"vote.{partition}", commands=False):
                    if call.is_overdue():
                        raise Overdue
                    time.sleep(0)  # other calls of this process take their turns
                    for each in commit.recorded():
                        found.take(each.event, each.address)
        except TooManyLikes:
            return refusal(Refused("too-many-likes", field="since"))
        except Forgotten:
            return refusal(Refused("signals-destroyed", field="grouping"))
        return {"ok": {**found.groups(), "addresses": None if group is None else found.addresses(group)}}

    @property
    def _state(self) -> Persons:
        persons: Persons = self.log.state
        return persons

    def _now(self) -> int:
        """Return the campaign's time: the wall's, but for a rehearsal."""
        clock = self._state.clock
        return wall_ms() if clock is None else clock


def _signals(sealer: NetworkSealer, like: LikeCast) -> Mapping[str, str]:
    found: Mapping[str, str] = orjson.loads(sealer.open(like.signals))
    return found
