"""Handle the messages that people send to the WeChat accounts, and write the replies.

Promises: a like by text belongs to the pseudonym of the service account's openid, and goes through the same queue as
any other like. If the subscription account does not know the person yet, it replies with the page to like on instead.
The data of a person who unsubscribes is deleted. No reply asks anybody to follow or share, or promises a reward.
"""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.backends.ports import LikeAnswer
from gateway.backends.wechat_accounts import SERVICE, WeChatAccounts
from gateway.http.poster_numbers import entry_in, number_in
from gateway.http.problems import Problem, document
from gateway.http.sessions import Session
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import VOTER
from gateway.voters import identities, other_likes, signed_links
from gateway.voters import wechat_chat_texts as say
from gateway.wechat import messages, replies
from shared.logs import logger

LIKE, MINE, HELP = KEYS = ("like", "mine", "help")  # of menu buttons, as in the campaign file
IN_WORDS: Mapping[str, str] = {
    "counted": say.COUNTED,
    "already": say.ALREADY,
    "pending": say.PENDING,
    "gone": say.GONE,
    "accepted": say.ACCEPTED,
}
FORGET_AGAIN_S = (15, 30, 60, 120, 300, 600, 1_800, 3_600)
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """A message that one of the accounts received. `base` is our public address, for links in the reply."""

    account: str
    message: messages.Message
    base: str


async def answer(app: AppContext, wechat: WeChatAccounts, told: Told) -> str | None:
    """Handle a message and return the reply as XML, or None for no reply. The reply to a failed message says why.

    Raises Problem if the data of a person who unsubscribed could not be deleted: without an answer WeChat pushes the
    message again, and meanwhile we go on trying by ourselves.
    """
    try:
        return await _answer(app, wechat, told)
    except Problem as problem:
        if isinstance(told.message, messages.Unsubscribe):
            if told.message.key not in wechat.pending_deletions:
                wechat.add_pending_deletion(told.message.key)
                wechat.run_in_background(_forget_on(app, wechat, told))
            raise
        log_.warning("replied to a push with a problem", account=told.account, code=problem.code)
        return _text(app, told, say.TRY_AGAIN.format(reason=reason(problem)))


async def _answer(app: AppContext, wechat: WeChatAccounts, told: Told) -> str | None:
    message = told.message
    match message:
        case messages.Text():
            return await _on_text(app, wechat, told, message)
        case messages.Click():
            return _on_click(app, told, message.button)
        case messages.Subscribe():
            return _text(app, told, say.GREETING.format(page=told.base + "/"))
        case messages.Unsubscribe():
            await _on_unsubscribe(app, wechat, told)
    return None  # no reply is expected when a person leaves, scans or opens a page


async def _on_text(app: AppContext, wechat: WeChatAccounts, told: Told, message: messages.Text) -> str:
    if not app.views.data("campaign"):
        return _text(app, told, say.CLOSED)
    named = number_in(message.content)
    if named is None:
        return _help(app, told)
    number = entry_in(message.content, app.views.by_number)
    if number is None:
        typed = f"{named[0]}{named[1]:03d}"
        return _text(app, told, say.UNKNOWN_ENTRY.format(number=typed, page=told.base + "/"))
    voter = await identities.voter_of(app, wechat, told.account, message.person)
    if voter is None:
        return _text(app, told, _like_page(app, told, number))
    session = Session(voter, frozenset({VOTER}), app.wall(), door="text")
    return _text(app, told, await _like(app, told, session, number))


async def _like(app: AppContext, told: Told, session: Session, number: str) -> str:
    try:
        answer = await other_likes.by_text(app, session, number, created_s=told.message.created_s)
    except Problem as problem:
        return say.REFUSED.format(number=number, title=_title(app, number), reason=reason(problem))
    return _outcome(app, told, number, answer)


def _outcome(app: AppContext, told: Told, number: str, answer: LikeAnswer) -> str:
    return IN_WORDS[answer["status"]].format(
        number=number,
        title=_title(app, number),
        remaining=answer.get("remaining", ""),
        receipt=public_urls.receipt(told.base, answer.get("receipt", "")),
    )


def _like_page(app: AppContext, told: Told, number: str) -> str:
    """Return the text with the page where a person whom we do not know yet can like and link the account."""
    name = app.keys.voter(told.message.person)
    link = signed_links.make_link(app.keys.session, name, now_s=app.wall() // 1000)
    page = public_urls.page(told.base, "/wechat/like", entry=number, link=link)
    return say.LINK_FIRST.format(number=number, title=_title(app, number), page=page)


def _on_click(app: AppContext, told: Told, button: str) -> str | None:
    match button:
        case "like":
            card = replies.Article(app.views.data("campaign")["title_zh"], say.LIKE_ABOUT, "", told.base + "/")
            return replies.news(told.message, card, now_s=app.wall() // 1000)
        case "mine":
            return _text(app, told, say.MINE.format(page=told.base + "/likes"))
        case "help":
            return _help(app, told)
    log_.warning("no handler for a menu button", account=told.account)
    return None


async def _on_unsubscribe(app: AppContext, wechat: WeChatAccounts, told: Told) -> None:
    """Delete the person's data. A person whom the subscription account cannot link to a voter has none."""
    name = app.keys.voter(told.message.person)
    voter = name if told.account == SERVICE else await identities.linked(app, wechat, name)
    if voter is not None:
        await identities.forget(app, wechat, voter)
    wechat.remove_pending_deletion(told.message.key)


async def _forget_on(app: AppContext, wechat: WeChatAccounts, told: Told) -> None:
    """WeChat sends an unsubscription three times in ten seconds, and a service may be away for longer.

    Tried on without end, since nobody else knows of it: the person's name here may not stand in a log. A gateway that
    ends meanwhile says how many it leaves (`app.py`), and an alert comes long before (ForgettingLate).
    """
    for pause_s in itertools.chain(FORGET_AGAIN_S, itertools.repeat(FORGET_AGAIN_S[-1])):
        await asyncio.sleep(pause_s)
        if told.message.key not in wechat.pending_deletions:
            return  # the message came again, and this time it was done
        try:
            return await _on_unsubscribe(app, wechat, told)
        except Problem as problem:
            log_.warning(
                "could not delete the data of a person who unsubscribed yet", account=told.account, code=problem.code
            )


def _help(app: AppContext, told: Told) -> str:
    likes = app.views.data("campaign").get("likes", {})
    limits = {name: likes.get(name, "") for name in ("per_day", "per_type")}
    return _text(app, told, say.HELP.format(page=told.base + "/", **limits))


def _text(app: AppContext, told: Told, words: str) -> str:
    return replies.text(told.message, words, now_s=app.wall() // 1000)


def _title(app: AppContext, number: str) -> str:
    return str(app.views.data("entries")["entries"][app.views.by_number[number]]["title"])


def reason(problem: Problem) -> str:
    """Return the title and detail of a problem in Chinese."""
    told = document(problem, lang="zh", request="")
    title, detail = told["title_zh"], told["detail_zh"]
    return title if detail == title else f"{title}。{detail}"
