"""The nameko shell of voting: receipts, who is the same person, handed-over sessions, and WeChat's tokens.

Likes do not come this way: they go in batches to the vote writers (`writer.py`), which are plain processes.
`vote.cases` is the log that this service appends to; `links.py` decides it.
"""

from typing import Any

from nameko.extensions import DependencyProvider
from nameko.rpc import rpc

from services.voting import queries, schemas
from services.voting.doubles import LikesOfPersons
from services.voting.followed_logs import FOLLOWED_LOGS, OWN_LOG
from services.voting.handoffs import Handoffs
from services.voting.links import LinkVoter, PersonDecider, Persons, VoidDoubles
from services.voting.tokens import MongoShelf, TokenAway, TokenKeeper
from services.voting.wechat_tokens import WeChatTokens, accounts_of
from shared.decider import Refused
from shared.hosting import EventLog, service_name
from shared.mongo_ledger import MongoLedger, connect
from shared.personal import PersonalFields, person
from shared.rpc import (
    Call,
    Reply,
    call,
    refusal,
    stored,
)
from shared.settings import Settings
from shared.stamps import wall_ms

GATEWAY = ("operator",)  # the gateway itself, in nobody's name: it has seen what proves the call


class Doors(DependencyProvider):
    """What the doors keep beside the log: injected as itself."""

    def setup(self) -> None:
        settings = Settings.read()
        database = connect(settings.mongo_uri)[settings.database]
        self.handoffs = Handoffs(database)
        self.persons = LikesOfPersons(MongoLedger(database))
        accounts = {} if settings.wechat_file is None else accounts_of(settings.wechat_file)
        fetch = WeChatTokens(settings.wechat_api, accounts, access=self._access)
        self.tokens = TokenKeeper(MongoShelf(database), fetch, me=settings.process)

    def _access(self, account: str, stale: str) -> str:
        return self.tokens.token(f"{account}/access", stale=stale).token

    def get_dependency(self, worker_ctx: Any) -> "Doors":  # noqa: ARG002 -- nameko's signature
        return self


class VotingService:
    name = service_name("voting")
    log = EventLog(OWN_LOG, PersonDecider(), follows=FOLLOWED_LOGS)
    doors = Doors()

    # likes

    @rpc
    @call(schemas.Receipt)
    def receipt(self, call: Call) -> Reply:
        """What a receipt stands for."""
        found = queries.like_of(self.log.ledger, self.log.keys.receipt, call.body["receipt"])
        return refusal(Refused("receipt-unknown", field="receipt")) if found is None else {"ok": found}

    # persons

    @rpc
    @call(schemas.Link, roles=GATEWAY)
    def link_voter(self, call: Call) -> Reply:
        """Learn another name of a voter."""
        voter, openid = self._persons.voter_of(call.body["voter"]), call.body["openid"]
        news = call.body["other"] not in self._persons.links
        sealed = self._personal.seal(person("voter", voter), openid.encode()) if openid and news else None
        command = LinkVoter(voter, call.body["account"], call.body["other"], sealed, call.at)
        outcome = self.log.submit(call.order(command), timeout_s=call.left_s)
        return stored(outcome, {"voter": self._persons.voter_of(voter)})

    @rpc
    @call(schemas.Name, roles=GATEWAY)
    def voter_of(self, call: Call) -> Reply:
        """The voter behind a name at another account; none where no link is known."""
        name = call.body["name"]
        return {"ok": {"voter": self._persons.voter_of(name) if name in self._persons.links else None}}

    @rpc
    @call(schemas.Nothing, roles=GATEWAY)
    def settle_links(self, call: Call) -> Reply:
        """Void what persons have liked twice under two names. The clock asks; nothing to do costs a query."""
        found = self.doors.persons.doubles(self._persons.people(), self._partitions)
        fresh = tuple(each for each in found if each.like not in self._persons.voided)
        if not fresh:
            return {"ok": {"voided": 0}}
        clock = self._persons.clock
        command = VoidDoubles(fresh, wall_ms() if clock is None else clock)
        outcome = self.log.submit(call.order(command), timeout_s=call.left_s)
        return stored(outcome, {"voided": len(fresh)})

    # sessions that are handed over

    @rpc
    @call(schemas.Handoff, roles=GATEWAY)
    def handoff(self, call: Call) -> Reply:
        """Whether a voter has confirmed a handoff."""
        return {"ok": {"state": self.doors.handoffs.state(call.body["handoff"])}}

    @rpc
    @call(schemas.Confirmation, roles=GATEWAY)
    def confirm_handoff(self, call: Call) -> Reply:
        confirmed = self.doors.handoffs.confirm(call.body["handoff"], call.body["voter"])
        return {"ok": {}} if confirmed else refusal(Refused("handoff-spent"))

    @rpc
    @call(schemas.Handoff, roles=GATEWAY)
    def take_handoff(self, call: Call) -> Reply:
        """The voter who confirmed, once."""
        voter = self.doors.handoffs.take(call.body["handoff"])
        return {"ok": {"voter": voter}} if voter else refusal(Refused("handoff-waiting"))

    # WeChat's tokens

    @rpc
    @call(schemas.Token, roles=GATEWAY)
    def wechat_token(self, call: Call) -> Reply:
        """A good access token or JS ticket. `stale` is one that WeChat has refused."""
        name, stale = call.body["name"], call.body["stale"]
        try:
            kept = self.doors.tokens.token(name, stale=stale, within_s=call.left_s)
        except TokenAway:
            return refusal(Refused("wechat-away"))
        return {"ok": {"token": kept.token, "renew_at": kept.renew_at, "expires": kept.expires}}

    @property
    def _persons(self) -> Persons:
        persons: Persons = self.log.state
        return persons

    @property
    def _personal(self) -> PersonalFields:
        return PersonalFields(self.log.vault, self.log.keys.campaign)

    @property
    def _partitions(self) -> int:
        campaign = self._persons.campaign
        return 0 if campaign is None else campaign.likes.partitions
