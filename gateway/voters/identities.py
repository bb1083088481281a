"""Who is behind an openid: the voter, whatever the account.

The voter is the pseudonym of the openid at the service account. At another account the same person has another openid;
what links the two is a UnionID, where the organiser has bound the accounts to one another at WeChat, or the person
themselves, who liked through the page that the other account sent. `vote.cases` keeps the links (`services/voting`).
Promises: an openid goes from here to WeChat, and to voting where it is sealed before it is stored; all else that is
stored and sent on are pseudonyms.
"""

import hashlib

from gateway.backends.wechat_accounts import SERVICE, SUBSCRIPTION, Doors
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.service_calls import ask_as_gateway
from gateway.wechat.account import Account
from gateway.wechat.errors import CallFailed
from shared.logs import logger

OPEN = "open"  # a UnionID, as `vote.cases` calls it
RPC_S = 2.0
WECHAT_S = 1.2
log_ = logger(__name__)


async def voter_of(app: AppContext, doors: Doors, account: str, openid: str) -> str | None:
    """The voter; None where nothing links this person's openid to one yet. Raises Problem."""
    name = app.keys.voter(openid)
    if account == SERVICE:
        return name
    voter = await linked(app, doors, name)
    if voter is None and account == SUBSCRIPTION:
        union = await _union(doors, doors.accounts.subscription, openid)
        return None if union is None else await by_union(app, doors, account, openid, union)
    return voter


async def by_union(app: AppContext, doors: Doors, account: str, openid: str, unionid: str) -> str | None:
    """The voter whose UnionID this is; then the openid is linked too. Raises Problem."""
    if not unionid:
        return None
    voter = await linked(app, doors, app.keys.voter(unionid))
    if voter is not None:
        await link(app, doors, voter, account, app.keys.voter(openid), openid=openid)
    return voter


async def link(app: AppContext, doors: Doors, voter: str, account: str, other: str, *, openid: str = "") -> None:
    """Have it known that `other` is this voter. A name that is somebody's already stays theirs. Raises Problem.

    `openid`, where it is at hand, is stored sealed under the person's key.
    """
    body = {"voter": voter, "account": account, "other": other, "openid": openid}
    id = hashlib.sha256(f"link {voter} {account} {other}".encode()).hexdigest()[:32]
    try:
        told = await ask_as_gateway(app, "voting", "link_voter", body, id=id, deadline_s=RPC_S)
    except Problem as problem:
        if problem.code not in ("link-taken", "link-to-self"):
            raise
        log_.warning("a name is linked otherwise", account=account, code=problem.code)
        return
    doors.known.note(other, told["voter"])


async def learn_union(app: AppContext, doors: Doors, openid: str, unionid: str = "") -> None:
    """Learn the UnionID of somebody who speaks to the service account, once. A failure is logged: no like waits."""
    voter = app.keys.voter(openid)
    if not doors.has_others or doors.known.get(voter) is not None:
        return
    try:
        union = unionid or await _union(doors, doors.accounts.service, openid)
        if union:
            await link(app, doors, voter, OPEN, app.keys.voter(union))
    except Problem as problem:
        log_.warning("a UnionID was not linked", code=problem.code)
        return
    doors.known.note(voter, voter)


async def forget(app: AppContext, doors: Doors | None, voter: str) -> None:
    """Have the key of a person destroyed who asks for it or unsubscribes: what is sealed under it is gone for good.

    Raises Problem where it is not sure to be done. Their likes stay as numbers, under a pseudonym.
    """
    if doors is not None:
        doors.known.drop(voter)
    await ask_as_gateway(app, "moderation", "forget_person", {"person": f"voter.{voter}"}, deadline_s=RPC_S)


async def linked(app: AppContext, doors: Doors, name: str) -> str | None:
    """The voter that a name at another account is linked to. Raises Problem."""
    known = doors.known.get(name)
    if known is not None:
        return known
    told = await ask_as_gateway(app, "voting", "voter_of", {"name": name}, deadline_s=RPC_S)
    voter: str | None = told["voter"]
    if voter is not None:
        doors.known.note(name, voter)
    return voter


async def _union(doors: Doors, account: Account | None, openid: str) -> str | None:
    if account is None:
        return None
    try:
        return (await doors.calls.follower(account, openid, budget_s=WECHAT_S)).unionid or None
    except CallFailed as failed:
        log_.warning("WeChat did not tell a UnionID", call=failed.call, errcode=failed.errcode)
        return None
