"""Map WeChat openids to voters, across the accounts of a campaign.

A voter is the pseudonym of the openid at the service account. At another account the same person has another openid.
Two things link them: a UnionID, if the organiser has bound the accounts to each other at WeChat, or the person, who
liked through the page that the other account sent. The log `vote.cases` stores the links (`services/voting`).

Promises: an openid is sent only to WeChat, and to voting, which encrypts it before storing it. Everything else that is
stored or sent is a pseudonym.
"""

import hashlib

from gateway.backends.wechat_accounts import SERVICE, SUBSCRIPTION, WeChatAccounts
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.service_calls import call_as_gateway
from gateway.wechat.account import Account
from gateway.wechat.errors import CallFailed
from shared.logs import logger

OPEN = "open"  # a UnionID, as `vote.cases` calls it
RPC_S = 2.0
WECHAT_S = 1.2
log_ = logger(__name__)


async def voter_of(app: AppContext, wechat: WeChatAccounts, account: str, openid: str) -> str | None:
    """Return the voter of an openid at one of the accounts, or None if nothing links the openid to a voter yet.

    At the subscription account, WeChat is asked for a UnionID if no link is stored. Raises Problem.
    """
    name = app.keys.voter(openid)
    if account == SERVICE:
        return name
    voter = await linked_voter(app, wechat, name)
    if voter is None and account == SUBSCRIPTION:
        union = await _fetch_union_id(wechat, wechat.accounts.subscription, openid)
        return None if union is None else await voter_by_union_id(app, wechat, account, openid, union)
    return voter


async def voter_by_union_id(
    app: AppContext, wechat: WeChatAccounts, account: str, openid: str, unionid: str
) -> str | None:
    """Return the voter that a UnionID is linked to, or None; if there is one, also link the openid to that voter.

    Raises Problem.
    """
    if not unionid:
        return None
    voter = await linked_voter(app, wechat, app.keys.voter(unionid))
    if voter is not None:
        await link_account(app, wechat, voter, account, app.keys.voter(openid), openid=openid)
    return voter


async def link_account(
    app: AppContext, wechat: WeChatAccounts, voter: str, account: str, other: str, *, openid: str = ""
) -> None:
    """Link the pseudonym `other`, which a person has at another account, to a voter. Raises Problem.

    A pseudonym that is linked to somebody else stays theirs, with a warning in the log. `openid`, if given, is stored
    encrypted under the person's key.
    """
    body = {"voter": voter, "account": account, "other": other, "openid": openid}
    id = hashlib.sha256(f"link {voter} {account} {other}".encode()).hexdigest()[:32]
    try:
        answer = await call_as_gateway(app, "voting", "link_voter", body, id=id, deadline_s=RPC_S)
    except Problem as problem:
        if problem.code not in ("link-taken", "link-to-self"):
            raise
        log_.warning("the pseudonym is linked to another voter", account=account, code=problem.code)
        return
    wechat.links.add(other, answer["voter"])


async def learn_union_id(app: AppContext, wechat: WeChatAccounts, openid: str, unionid: str = "") -> None:
    """Link the UnionID of a person who contacts the service account to their voter, so that other accounts know them.

    Does nothing if there are no other accounts or it was done before. A failure is only logged.
    """
    voter = app.keys.voter(openid)
    if not wechat.has_others or wechat.links.get(voter) is not None:
        return
    try:
        union = unionid or await _fetch_union_id(wechat, wechat.accounts.service, openid)
        if union:
            await link_account(app, wechat, voter, OPEN, app.keys.voter(union))
    except Problem as problem:
        log_.warning("could not link a UnionID", code=problem.code)
        return
    wechat.links.add(voter, voter)


async def forget_voter(app: AppContext, wechat: WeChatAccounts | None, voter: str) -> None:
    """Destroy the key of a voter who asks for it or unsubscribes, so that what is encrypted under it is lost for ever.

    Raises Problem if the destruction is not certain to happen. The voter's likes stay as numbers under a pseudonym.
    """
    if wechat is not None:
        wechat.links.drop(voter)
    await call_as_gateway(app, "moderation", "forget_person", {"person": f"voter.{voter}"}, deadline_s=RPC_S)


async def linked_voter(app: AppContext, wechat: WeChatAccounts, name: str) -> str | None:
    """Return the voter that a pseudonym of another account is linked to, or None, from the cache or the voting service.

    Raises Problem.
    """
    known = wechat.links.get(name)
    if known is not None:
        return known
    answer = await call_as_gateway(app, "voting", "voter_of", {"name": name}, deadline_s=RPC_S)
    voter: str | None = answer["voter"]
    if voter is not None:
        wechat.links.add(name, voter)
    return voter


async def _fetch_union_id(wechat: WeChatAccounts, account: Account | None, openid: str) -> str | None:
    if account is None:
        return None
    try:
        return (await wechat.calls.follower(account, openid, budget_s=WECHAT_S)).unionid or None
    except CallFailed as failed:
        log_.warning("WeChat did not return a UnionID", call=failed.call, errcode=failed.errcode)
        return None
