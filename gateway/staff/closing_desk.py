"""The pages between publication and the final result: notice and objections, and the list of everything still open.

Promises: objections are answered one by one or, after a page has listed them, together; the result becomes final only
by the page that lists what is open, and ranking refuses it while anything is.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.html import page as pages
from gateway.http import request_schemas
from gateway.http.problems import Problem
from gateway.http.reference_numbers import format_number
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.service_calls import LONG_S, call_service
from gateway.staff import desk_forms
from gateway.staff.organiser_forms import Action, DeskPage, Effect, Sent, Values, entry_names, routes
from gateway.staff.result_desk import texts_of

STATES = ("open", "upheld", "dismissed")
PAGE_ROWS = 50
#: Where an open item is settled, by the code of the obstacle.
SETTLED_AT: Mapping[str, str] = {
    "result-not-published": "/organiser/result",
    "notice-running": "/organiser/notice",
    "objections-open": "/organiser/notice",
    "objections-upheld": "/organiser/notice?state=upheld",
    "complaints-open": "/desk/moderation/complaints",
    "disqualifications-open": "/organiser/disqualification",
    "marks-missing": "/organiser/judging",
    "too-few-marks": "/organiser/judging",
    "likes-held": "/organiser/changes#held",
    "campaign-not-open": "/organiser/campaign",
    "rules-not-locked": "/organiser/campaign",
    "seed-mismatch": "/ops",
    "result-outdated": "/organiser/result",
    "changes-open": "/organiser/changes",
    "entries-undecided": "/desk/moderation",
    "letters-open": "/organiser/messages",
    "views-behind": "/ops",
    "views-building": "/ops",
}


async def load_notice(app: AppContext, context: RequestContext) -> Values:
    """Return the notice and a page of objections, those that wait first. Raises Problem."""
    query = context.request.query_params
    state = query.get("state", "") if query.get("state", "") in STATES else "open"
    wanted = {"state": state, "limit": PAGE_ROWS, **({"after": query["after"]} if query.get("after") else {})}
    awaited, found = await asyncio.gather(
        call_service(app, context, "ranking", "awaited_final", {}, deadline_s=LONG_S),
        call_service(app, context, "ranking", "objections", wanted),
    )
    rows = [{**each, "shown": format_number(each["objection"])} for each in found["objections"]]
    return {
        "awaited": awaited,
        "objections": rows,
        "open": found["open"],
        "next": found["next"],
        "state": state,
        "states": STATES,
        "names": entry_names(app),
        "is_running": bool(awaited["published_proposal"]) and context.at < awaited["notice_until"],
    }


def _answer(sent: Sent, _zone: str) -> Values:
    if sent.get("upheld") not in ("yes", "no"):
        raise Problem("invalid", errors={"upheld": ["required"]})
    return {"upheld": sent["upheld"] == "yes", "words": desk_forms.text_of(sent, "words")}


def _answers(sent: Sent, zone: str) -> Values:
    picked = [name.removeprefix("pick-") for name in sent if name.startswith("pick-")]
    if not picked:
        raise Problem("invalid", errors={"objections": ["required"]})
    return {**_answer(sent, zone), "objections": picked}


async def _which(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:  # noqa: ARG001
    lang = context.lang
    verdict = pages.say_in(lang, "org.uphold" if body["upheld"] else "org.dismiss")
    numbers = body.get("objections") or [body["objection"]]
    numbers_text = ", ".join(format_number(each) for each in numbers)
    return [
        (pages.say_in(lang, "org.objections.touched", count=len(numbers)), numbers_text),
        (pages.say_in(lang, "org.verdict"), verdict),
        (pages.say_in(lang, "org.answer"), body["words"]),
    ]


NOTICE = DeskPage(
    "notice",
    load_notice,
    {
        "answer": Action(
            "ranking",
            "decide_objection",
            request_schemas.ObjectionDecision,
            _answer,
            named=lambda _app, sent: {"objection": sent.get("objection", "")},
        ),
        "together": Action(
            "ranking",
            "decide_objections",
            request_schemas.ObjectionDecisions,
            _answers,
            asks=True,
            effects=_which,
        ),
    },
    readers=frozenset({"organiser"}),
    about="the notice and the objections",
)


async def load_final(app: AppContext, context: RequestContext) -> Values:
    """Return everything that keeps the result from becoming final, with counts and where each is settled.

    `messages` counts the letters by state, of which those that nobody has approved yet keep nothing back.
    Raises Problem.
    """
    awaited, messages = await asyncio.gather(
        call_service(app, context, "ranking", "awaited_final", {}, deadline_s=LONG_S),
        call_service(app, context, "moderation", "message_counts", {}),
    )
    names, items = entry_names(app), []
    for each in texts_of(awaited["obstacles"], context):
        shown = _lines_of(each, names)
        items.append({**each, "path": SETTLED_AT.get(each["code"], ""), "shown": shown, "count": _count_of(each)})
    return {"awaited": awaited, "messages": messages, "items": items, "is_final": bool(awaited.get("final_at"))}


def _count_of(obstacle: Mapping[str, Any]) -> int:
    """Return how many things an obstacle is about; 0 for one that is not counted, such as a running notice."""
    for key, value in (obstacle["detail"] or {}).items():
        if isinstance(value, list | tuple):
            return len(value)
        if key in ("likes", "letters"):
            return int(value)
    return 0


def _lines_of(obstacle: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the things that an obstacle names, as people know them: numbers of letters, and entries.

    An entry that the public does not see has no name here; the page that settles it has.
    """
    detail = obstacle["detail"] or {}
    letters = [format_number(each) for key in ("objections", "complaints") for each in detail.get(key) or ()]
    entries = [each if isinstance(each, str) else str(each.get("entry", "")) for each in detail.get("entries") or ()]
    known = [names[each] for each in entries if each in names]
    return letters + [" ".join(filter(None, (each["number"], each["title"]))) for each in known]


async def _what_ends(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    result = await call_service(app, context, "ranking", "result", {}, deadline_s=LONG_S)
    return [
        (pages.say_in(context.lang, "org.proposal"), body["proposal"]),
        (pages.say_in(context.lang, "org.winners"), str(len(result.get("winners") or ()))),
        (pages.say_in(context.lang, "digest"), str(result.get("digest") or "")),
    ]


FINAL = DeskPage(
    "final",
    load_final,
    {
        "finalise": Action(
            "ranking",
            "finalise_result",
            request_schemas.Publication,
            lambda sent, _zone: {"proposal": sent.get("proposal", "")},
            asks=True,
            effects=_what_ends,
            proves=True,
        )
    },
    about="everything that keeps the result from becoming final",
)
ROUTES = (*routes(NOTICE), *routes(FINAL))
