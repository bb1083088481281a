"""The page of one entry.

Promises: the page shows what the views (published parts of ranking's table) and submission's public data hold, and
nothing of an entry that is not visible.
While the submission service is unavailable, it shows what the views hold. A page that was made for one visitor is shown
to others only if it holds nothing of that visitor: ticket and proof are put in afterwards, and whoever has liked the
entry gets a page of their own.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from gateway.html import page_cache
from gateway.html.page import (
    cacheable_page,
    names_of,
    page,
    private_page,
    render,
    say_in,
)
from gateway.html.players import players
from gateway.http import film_captions
from gateway.http.like_outcome import ONCE_MORE, SIGNED_IN, LikeOutcome, clear_outcome, take_outcome
from gateway.http.problem_texts import WORDS
from gateway.http.problems import Problem, document
from gateway.http.response_cache import etag_of
from gateway.public import ai_marks, entries, leaderboards, like_buttons
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import LOOK_UP_PROBLEMS
from gateway.routing.view_responses import likes_per_type

SUMMARY_CHARS = 100
ANSWERS = ("counted", "already", "pending", "accepted", "gone")


async def entry(app: AppContext, context: RequestContext) -> Response:
    """Return the page of a visible entry, by id or poster number. Raises Problem if no visible entry has it."""
    name = context.path["number"]
    found = app.views.entry(name)
    if found is None:
        raise app.views.unseen_entry(name)
    try:
        content = await entries.full_entry(app, context, found)
    except Problem as problem:
        if problem.status < 500 and problem.code != "busy":
            raise
        content = {}  # the service is unavailable or has too much to do: what the view holds is better than nothing
    seen = app.views.data("entries")["entries"][found]
    exhibition = app.views.data("exhibition")
    names = names_of(app, "unit_types", context.lang), names_of(app, "themes", context.lang)
    board = app.views.data("board").get("types", {}).get(seen["type"], ())
    board_row: dict[str, Any] = next((row for row in board if row["entry"] == found), {})
    result = leaderboards.published_result(app.views)
    method = like_method(app, context, seen)
    state = await like_buttons.like_state(app, context) if method == like_buttons.FORM else None
    outcome = take_outcome(context.request) if method == like_buttons.FORM else None
    proof, browser = like_buttons.issue_tap(app, context) if method == like_buttons.WECHAT else ("", "")
    videos = await players(app, content.get("files", ()), "video", context.lang)
    sounds = await players(app, content.get("files", ()), "audio", context.lang)
    own = _own_state(app, state, found, seen) if state else None
    url = like_buttons.own_url(app, context, f"/entries/{name}")

    def make() -> bytes:
        return render(
            "public/entry.html",
            context,
            path=f"/entries/{name}",
            complaint_about=name,
            title=seen["title"],
            summary=_summary(content),
            og_picture=f"/media/{seen['pictures'][0]}/960.jpg" if seen.get("pictures") else "",
            entry=seen,
            campaign=app.views.campaign,
            content=content,
            board_row=board_row,
            won=next((each for each in result.get("winners", ()) if each["entry"] == found), {}),
            explained=bool(seen.get("judged")) and bool(result),
            is_final=bool(result.get("is_final")),
            exhibited=found in exhibition.get("entries", ()),
            type_name=names[0].get(seen["type"], seen["type"]),
            themes=[names[1].get(each, each) for each in content.get("themes", ())],
            ai_marks=ai_marks.marks(content),
            pictures=_pictures(seen, content),
            videos=videos,
            entry_id=found,
            captioned=film_captions.captioned(content.get("files", ())),
            sounds=sounds,
            like=method,
            proof=like_buttons.TAP_MARK.decode(),
            url=url,
            ticket=like_buttons.TICKET_MARK.decode(),
            mine=own,
            outcome=_outcome_text(context, outcome) if outcome else "",
            is_once_more=outcome is not None and outcome.status == ONCE_MORE,
            per_type=likes_per_type(app),
        )

    if outcome or (own and own["like"]):  # a receipt and what became of a like are this visitor's own
        body = make()
    else:
        shown_to_all = (own["remaining"], own["type_left"]) if own else None
        key = ("entry", name, context.lang, context.large, method, url, shown_to_all)
        sources = (*_sources(app, context), etag_of(orjson.dumps(content)), tuple(videos), tuple(sounds))
        body = app.entry_pages.get(key, sources, make).body
    ticket = _like_ticket(app, context, found) if method == like_buttons.FORM else ""
    body = like_buttons.fill(body, ticket=ticket, proof=proof)
    if not app.views.window_is_open("likes", context.at):
        return cacheable_page(context, body)
    response = private_page(context, body)  # how to like depends on the visitor, so the page is private
    like_buttons.set_cookies(context, response, method, browser)
    if outcome:
        clear_outcome(context.request, response)
    return response


async def captions(app: AppContext, context: RequestContext) -> Response:
    """Return the captions of a film of a visible entry, as WebVTT. Raises Problem as the entry's page does."""
    content = await entries.full_entry(app, context, context.path["number"])
    text = film_captions.captions_of(content["files"], context.path["sha256"])
    return film_captions.captions_response(context.request, text, public=True)


def _sources(app: AppContext, context: RequestContext) -> tuple[object, ...]:
    """Return what the page of any entry depends on: the views, the windows that have begun or ended, and the minute."""
    digests = (app.views.view(each).digest for each in page_cache.VIEWS)
    return (*digests, app.views.boundaries_passed(context.at), context.frame)


def _summary(content: Mapping[str, Any]) -> str:
    """Return how an entry begins in its own words, for those to whom a link to it is sent; empty without its text."""
    words = " ".join(f"{content.get('profile') or ''} {content.get('text') or ''}".split())
    return words if len(words) <= SUMMARY_CHARS else f"{words[:SUMMARY_CHARS]}…"


def _pictures(seen: Mapping[str, Any], content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the pictures of an entry with their sizes and captions, where submission has told them."""
    sizes = {each["sha256"]: each for each in content.get("files", ())}
    unknown = {"width": 0, "height": 0, "caption": "", "alt": ""}
    return [{**unknown, **sizes.get(sha256, {}), "sha256": sha256} for sha256 in seen.get("pictures") or ()]


def like_method(app: AppContext, context: RequestContext, entry: Mapping[str, Any]) -> str:
    """Return how this visitor can like this entry now (`like_buttons.visitor_method`), or "" if it takes no likes."""
    if entry["number"] is None or entry["frozen"] or not app.views.window_is_open("likes", context.at):
        return ""
    return like_buttons.visitor_method(app, context)


def _own_state(app: AppContext, state: like_buttons.LikeState, entry: str, seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the voter's like button shows: today's like of the entry, or None, and what is left."""
    return {
        "like": state.likes.get(entry),
        "remaining": state.remaining,
        "type_left": like_buttons.left_of_type(app, state, seen["type"]),
    }


def _outcome_text(context: RequestContext, outcome: LikeOutcome) -> str:
    """Return in words what became of a like that was sent with the sign-in."""
    if outcome.status == ONCE_MORE:
        return say_in(context.lang, "like.once-more")
    if outcome.status == SIGNED_IN:
        return say_in(context.lang, "like.signed-in")
    if outcome.status == "refused" and outcome.code in WORDS:
        problem = Problem(outcome.code, facts=outcome.facts)
        texts = document(problem, lang=context.lang, request=context.id, zone=context.zone)
        return say_in(context.lang, "like.not", why=texts["title"], more=texts["detail"] or "")
    return say_in(context.lang, f"liked.{outcome.status}") if outcome.status in ANSWERS else ""


def _like_ticket(app: AppContext, context: RequestContext, entry: str) -> str:
    return app.turnstile.tickets.issue(context.actor, count=1, entry=entry)[0]


ROUTES = (
    Route(method="GET", path="/entries/{number}", base="", roles=ANYONE, about="Page of an entry", raw=page(entry)),
    Route(
        method="GET",
        path="/entries/{number}/captions/{sha256}",
        base="",
        roles=ANYONE,
        about="Captions of a film of a visible entry, as WebVTT, by the SHA-256 of the film",
        handle=captions,
        problems=("entry-unknown", *entries.ENTRY_HIDDEN, "upload-unknown", *LOOK_UP_PROBLEMS),
    ),
)
