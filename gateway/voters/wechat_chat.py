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
from gateway.routing.view_responses import likes_per_type
from gateway.voters import identities, other_likes, signed_links
from gateway.voters import wechat_chat_texts as texts
from gateway.wechat import messages, replies
from gateway.wechat.plain_text import plain
from shared.logs import logger
from shared.zones import DEFAULT

LIKE, MINE, HELP = KEYS = ("like", "mine", "help")  # of menu buttons, as in the campaign file
ANSWER_TEXTS: Mapping[str, str] = {
    "counted": texts.COUNTED,
    "already": texts.ALREADY,
    "pending": texts.PENDING,
    "gone": texts.GONE,
    "accepted": texts.ACCEPTED,
}
FORGET_AGAIN_S = (15, 30, 60, 120, 300, 600, 1_800, 3_600)
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message that one of the accounts received. `base` is our public URL, for links in the reply."""

    account: str
    message: messages.Message
    base: str


async def answer(app: AppContext, wechat: WeChatAccounts, received: ReceivedMessage) -> str | None:
    """Handle a message and return the reply as XML, or None if the message needs no reply.

    If handling fails, the reply says why. Raises Problem if the data of a person who unsubscribed could not be deleted:
    without an answer WeChat pushes the message again, and meanwhile we go on trying by ourselves.
    """
    try:
        return await _answer(app, wechat, received)
    except Problem as problem:
        if isinstance(received.message, messages.Unsubscribe):
            if received.message.key not in wechat.pending_deletions:
                wechat.add_pending_deletion(received.message.key)
                wechat.run_in_background(_retry_forgetting(app, wechat, received))
            raise
        log_.warning("replied to a push with a problem", account=received.account, code=problem.code)
        return _text(app, received, texts.TRY_AGAIN.format(reason=reason(problem, zone=app.views.zone)))


async def _answer(app: AppContext, wechat: WeChatAccounts, received: ReceivedMessage) -> str | None:
    message = received.message
    match message:
        case messages.Text():
            return await _on_text(app, wechat, received, message)
        case messages.Click():
            return _on_click(app, received, message.button)
        case messages.Subscribe():
            return _text(app, received, texts.GREETING.format(page=received.base + "/"))
        case messages.Unsubscribe():
            await _on_unsubscribe(app, wechat, received)
    return None  # no reply is expected when a person leaves, scans or opens a page


async def _on_text(app: AppContext, wechat: WeChatAccounts, received: ReceivedMessage, message: messages.Text) -> str:
    if not app.views.data("campaign"):
        return _text(app, received, texts.CLOSED)
    named = number_in(message.content)
    if named is None:
        return _help(app, received)
    number = entry_in(message.content, app.views.by_number)
    if number is None:
        typed = f"{named[0]}{named[1]:03d}"
        return _text(app, received, texts.UNKNOWN_ENTRY.format(number=typed, page=received.base + "/"))
    voter = await identities.voter_of(app, wechat, received.account, message.person)
    if voter is None:
        return _text(app, received, _link_text(app, received, number))
    session = Session(voter, frozenset({VOTER}), app.wall(), door="text")
    return _text(app, received, await _like(app, received, session, number))


async def _like(app: AppContext, received: ReceivedMessage, session: Session, number: str) -> str:
    try:
        answer = await other_likes.like_by_text(app, session, number, created_s=received.message.created_s)
    except Problem as problem:
        return texts.REFUSED.format(
            number=number, title=_title(app, number), reason=reason(problem, zone=app.views.zone)
        )
    return _outcome(app, received, number, answer)


def _outcome(app: AppContext, received: ReceivedMessage, number: str, answer: LikeAnswer) -> str:
    return ANSWER_TEXTS[answer["status"]].format(
        number=number,
        title=_title(app, number),
        remaining=answer.get("remaining", ""),
        receipt=public_urls.receipt(received.base, answer.get("receipt", "")),
    )


def _link_text(app: AppContext, received: ReceivedMessage, number: str) -> str:
    """Return the text with the page where a person whom we do not know yet can like and link the account."""
    name = app.keys.voter(received.message.person)
    link = signed_links.make_link(app.keys.session, name, now_s=app.wall() // 1000)
    page = public_urls.page(received.base, "/wechat/like", entry=number, link=link)
    return texts.LINK_FIRST.format(number=number, title=_title(app, number), page=page)


def _on_click(app: AppContext, received: ReceivedMessage, button: str) -> str | None:
    match button:
        case "like":
            card = replies.Article(
                plain(app.views.data("campaign")["title_zh"]), texts.LIKE_ABOUT, "", received.base + "/"
            )
            return replies.news(received.message, card, now_s=app.wall() // 1000)
        case "mine":
            return _text(app, received, texts.MINE.format(page=received.base + "/likes"))
        case "help":
            return _help(app, received)
    log_.warning("no handler for a menu button", account=received.account)
    return None


async def _on_unsubscribe(app: AppContext, wechat: WeChatAccounts, received: ReceivedMessage) -> None:
    """Delete the person's data. A person whom the subscription account cannot link to a voter has none."""
    name = app.keys.voter(received.message.person)
    voter = name if received.account == SERVICE else await identities.linked_voter(app, wechat, name)
    if voter is not None:
        await identities.forget_voter(app, wechat, voter)
    wechat.remove_pending_deletion(received.message.key)


async def _retry_forgetting(app: AppContext, wechat: WeChatAccounts, received: ReceivedMessage) -> None:
    """Retry the deletion for an unsubscription until it succeeds.

    WeChat sends an unsubscription three times in ten seconds, and a service may be away for longer. The retries never
    end, because no other process knows of the request: the person's name may not be written into a log. A gateway that
    ends meanwhile logs how many requests it leaves (`app.py`), and an alert comes long before (ForgettingLate).
    """
    for pause_s in itertools.chain(FORGET_AGAIN_S, itertools.repeat(FORGET_AGAIN_S[-1])):
        await asyncio.sleep(pause_s)
        if received.message.key not in wechat.pending_deletions:
            return  # the message came again, and this time it was done
        try:
            return await _on_unsubscribe(app, wechat, received)
        except Problem as problem:
            log_.warning(
                "could not delete the data of a person who unsubscribed yet",
                account=received.account,
                code=problem.code,
            )


def _help(app: AppContext, received: ReceivedMessage) -> str:
    per_day, per_type = app.views.data("campaign").get("likes", {}).get("per_day", ""), likes_per_type(app)
    of_type = texts.HELP_OF_TYPE.format(per_type=per_type) if per_type else ""
    return _text(app, received, texts.HELP.format(page=received.base + "/", per_day=per_day, of_type=of_type))


def _text(app: AppContext, received: ReceivedMessage, words: str) -> str:
    return replies.text(received.message, words, now_s=app.wall() // 1000)


def _title(app: AppContext, number: str) -> str:
    """Return the title of an entry as it may stand in a reply. A unit wrote it, so it is no markup there."""
    return plain(str(app.views.data("entries")["entries"][app.views.by_number[number]]["title"]))


def reason(problem: Problem, *, zone: str = DEFAULT) -> str:
    """Return the title and detail of a problem in Chinese as one text, for a reply in the chat.

    Times are those of `zone`.
    """
    received = document(problem, lang="zh", request="", zone=zone)
    title, detail = plain(received["title_zh"]), plain(received["detail_zh"])
    return title if detail == title else f"{title}。{detail}"
