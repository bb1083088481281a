"""RPC service beside the vote writers: receipts, links between a person's names, session handoffs, WeChat's tokens.

It handles no likes: they go in batches to the vote writers (`writer.py`), which are plain processes. This service
appends to the log `vote.cases`, as `links.py` decides.
"""

from typing import Any

from nameko.extensions import DependencyProvider
from nameko.rpc import rpc

from services.voting import analysis_rpc, queries, schemas
from services.voting.doubles import LikesOfPersons
from services.voting.events import DoublesVoided
from services.voting.followed_logs import FOLLOWED_LOGS, OWN_LOG
from services.voting.handoffs import Handoffs
from services.voting.links import LinkVoter, PersonDecider, Persons, VoidDoubles
from services.voting.tokens import MongoTokenStore, TokenSource, TokenUnavailable
from services.voting.voter_likes import VoterLikes
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
from shared.session_store import EndedSessions
from shared.settings import Settings
from shared.stamps import wall_ms

GATEWAY = ("operator",)  # the gateway itself, without a user: it has checked the proof of the call


class Stores(DependencyProvider):
    """nameko dependency provider of the stores beside the log: handoffs, likes by person and voter, WeChat's tokens."""

    def setup(self) -> None:
        settings = Settings.read()
        database = connect(settings.mongo_uri)[settings.database]
        self.handoffs = Handoffs(database)
        self.ended_sessions = EndedSessions(database)
        self.persons = LikesOfPersons(MongoLedger(database))
        self.voter_likes = VoterLikes(MongoLedger(database))
        accounts = {} if settings.wechat_file is None else accounts_of(settings.wechat_file)
        fetch = WeChatTokens(settings.wechat_api, accounts, access=self._access)
        self.tokens = TokenSource(MongoTokenStore(database), fetch, me=settings.process)

    def _access(self, account: str, stale: str) -> str:
        return self.tokens.token(f"{account}/access", stale=stale).token

    def get_dependency(self, worker_ctx: Any) -> "Stores":  # noqa: ARG002 -- nameko's signature
        return self


class VotingService(analysis_rpc.AnalysisRpc):
    """nameko service of voting: each method answers one RPC call of the gateway or the clock process."""

    name = service_name("voting")
    log = EventLog(OWN_LOG, PersonDecider(), follows=FOLLOWED_LOGS)
    stores = Stores()

    # Likes

    @rpc
    @call(schemas.Receipt)
    def receipt(self, call: Call) -> Reply:
        """Return the like that a receipt stands for, as it was stored (`queries.like_of`)."""
        found = queries.like_of(self.log.ledger, self.log.keys.receipt, call.body["receipt"])
        return refusal(Refused("receipt-unknown", field="receipt")) if found is None else {"ok": found}

    @rpc
    @call(schemas.Voter, roles=GATEWAY)
    def likes_of_voter(self, call: Call) -> Reply:
        """Return the likes of a voter on all days with their receipts, also those that were taken back or voided."""
        if not self._partitions:
            return {"ok": {"likes": []}}
        likes = self.stores.voter_likes.of(call.body["voter"], self._partitions)
        return {"ok": {"likes": queries.own_likes(likes, self._persons.why_void, self.log.keys.receipt)}}

    # Persons

    @rpc
    @call(schemas.Link, roles=GATEWAY)
    def link_voter(self, call: Call) -> Reply:
        """Link another name (pseudonym) of the same person to a voter, and return the voter that stays.

        The gateway has checked the proof that both are one person.
        """
        voter, openid = self._persons.voter_of(call.body["voter"]), call.body["openid"]
        news = call.body["other"] not in self._persons.links
        sealed = self._personal.seal(person("voter", voter), openid.encode()) if openid and news else None
        command = LinkVoter(voter, call.body["account"], call.body["other"], sealed, call.at)
        outcome = self.log.submit(call.envelope(command), timeout_s=call.left_s)
        return stored(outcome, {"voter": self._persons.voter_of(voter)})

    @rpc
    @call(schemas.Name, roles=GATEWAY)
    def voter_of(self, call: Call) -> Reply:
        """Return the voter that a name at another account is linked to, or None if no link is known."""
        name = call.body["name"]
        return {"ok": {"voter": self._persons.voter_of(name) if name in self._persons.links else None}}

    @rpc
    @call(schemas.Nothing, roles=GATEWAY)
    def settle_links(self, call: Call) -> Reply:
        """Void doubles, likes that persons gave twice under two names. The campaign's clock process calls this
        regularly; a call with nothing to do costs one query.
        """
        found = self.stores.persons.doubles(self._persons.people(), self._partitions)
        fresh = tuple(each for each in found if each.like not in self._persons.voided)
        if not fresh:
            return {"ok": {"voided": 0}}
        clock = self._persons.clock
        command = VoidDoubles(fresh, wall_ms() if clock is None else clock)
        outcome = self.log.submit(call.envelope(command), timeout_s=call.left_s)
        voided = sum(len(each.likes) for each in outcome.events if isinstance(each, DoublesVoided))
        return stored(outcome, {"voided": voided})

    # Sessions that are handed over

    @rpc
    @call(schemas.Handoff, roles=GATEWAY)
    def handoff(self, call: Call) -> Reply:
        """Return the state of a handoff of a session: waiting, confirmed or taken."""
        return {"ok": {"state": self.stores.handoffs.state(call.body["handoff"])}}

    @rpc
    @call(schemas.Confirmation, roles=GATEWAY)
    def confirm_handoff(self, call: Call) -> Reply:
        """Let a voter, who is signed in on a phone, confirm the handoff of the session to a browser."""
        confirmed = self.stores.handoffs.confirm(call.body["handoff"], call.body["voter"])
        return {"ok": {}} if confirmed else refusal(Refused("handoff-spent"))

    @rpc
    @call(schemas.Handoff, roles=GATEWAY)
    def take_handoff(self, call: Call) -> Reply:
        """Take a handoff: return the voter who confirmed it to the first caller, and refuse every other."""
        voter = self.stores.handoffs.take(call.body["handoff"])
        return {"ok": {"voter": voter}} if voter else refusal(Refused("handoff-waiting"))

    @rpc
    @call(schemas.EndedSession, roles=GATEWAY)
    def end_session(self, call: Call) -> Reply:
        """Store that a voter signed out: the session ends before it expires."""
        self.stores.ended_sessions.end(call.body["session"], expires=call.body["expires"])
        return {"ok": {}}

    @rpc
    @call(schemas.Nothing, roles=GATEWAY)
    def ended_sessions(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return the voters' sessions that ended before they expire. Each gateway asks every few seconds."""
        return {"ok": {"sessions": self.stores.ended_sessions.all()}}

    # WeChat's tokens

    @rpc
    @call(schemas.Token, roles=GATEWAY)
    def wechat_token(self, call: Call) -> Reply:
        """Return a valid access token or JS ticket of WeChat. `stale` is the token that WeChat has refused, if any."""
        name, stale = call.body["name"], call.body["stale"]
        try:
            kept = self.stores.tokens.token(name, stale=stale, within_s=call.left_s)
        except TokenUnavailable:
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
