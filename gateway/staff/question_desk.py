"""The question desk of organisers, as API and as page: the queue of units' questions, answers, and what is public.

Promises: while one organiser's claim lasts, the page offers the question to nobody else; a question becomes public, and
an answer goes out to many units, only after a page has shown the words; letters wait in the outbox like any other.
"""

import asyncio
from collections.abc import Mapping, Sequence

from gateway.html import page as pages
from gateway.http import request_schemas, response_schemas
from gateway.http.reference_numbers import format_number
from gateway.routing.context import AppContext
from gateway.routing.route import ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service, forward
from gateway.staff import desk_forms
from gateway.staff.organiser_forms import Action, DeskPage, Effect, Sent, Values, routes
from gateway.staff.unit_names import with_unit_names

STATES = ("open", "answered", "closed")
PAGE_ROWS = 30
ORGANISERS = frozenset({ORGANISER})


async def load_questions(app: AppContext, context: RequestContext) -> Values:
    """Return a page of questions, the stock answers, the public questions, and groups for letters. Raises Problem."""
    query = context.request.query_params
    state = query.get("state", "") if query.get("state", "") in STATES else "open"
    wanted = {"state": state, "limit": PAGE_ROWS, **({"after": query["after"]} if query.get("after") else {})}
    found, groups = await asyncio.gather(
        call_service(app, context, "moderation", "questions", wanted),
        call_service(app, context, "moderation", "letter_audiences", {}),
    )
    types = pages.names_of(app, "unit_types", context.lang)
    return {
        "found": found,
        "questions": [
            {**each, "shown": format_number(each["question"])}
            for each in await with_unit_names(app, found["questions"])
        ],
        "state": state,
        "states": STATES,
        "actor": context.actor,
        "fill": _filled(found["stock"], query.get("fill", ""), query.get("stock", "")),
        "groups": [
            {
                "key": f"{each['by']}.{each['code']}",
                "name": types.get(each["code"], each["code"])
                if each["by"] == "type"
                else pages.say_in(context.lang, f"letter-to.{each['code']}"),
                "count": len(each["units"]),
            }
            for each in groups["audiences"]
        ],
    }


def _filled(stock: Sequence[Mapping[str, str]], question: str, wanted: str) -> Mapping[str, str]:
    """Return the stock answer that the address puts into the form of a question; its fields are empty without one."""
    found = next((each for each in stock if each["stock"] == wanted), None)
    return {"question": "", "stock": "", "words": ""} if found is None else {**found, "question": question}


def _named(_app: AppContext, sent: Sent) -> Values:
    return {"question": sent.get("question", "")}


def _answer(sent: Sent, _zone: str) -> Values:
    stock = sent.get("stock", "")
    answers = sent.get("answer_count", "")
    return {
        "words": desk_forms.text_of(sent, "words"),
        "answer_count": int(answers) if answers.isdecimal() and len(answers) < 5 else 0,
        **({"stock": stock} if stock else {}),
    }


def _stock(sent: Sent, _zone: str) -> Values:
    number = sent.get("stock", "")
    body = {"title": sent.get("title", "").strip(), "words": desk_forms.text_of(sent, "words")}
    return {**body, **({"stock": number} if number else {})}


def _public(sent: Sent, _zone: str) -> Values:
    number = sent.get("question", "")
    body = {name: desk_forms.text_of(sent, name) for name in ("text", "words")}
    return {**body, **({"question": number} if number else {})}


def _letters(sent: Sent, _zone: str) -> Values:
    by, _, code = sent.get("to", "").partition(".")
    return {"title": sent.get("title", "").strip(), "by": by, "code": code}


async def _what_everybody_reads(_app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    lang = context.lang
    return [
        (pages.say_in(lang, "question.public-text"), body["text"]),
        (pages.say_in(lang, "question.public-words"), body["words"]),
    ]


def _nothing(_sent: Sent, _zone: str) -> Values:
    return {}


QUESTIONS = DeskPage(
    "questions",
    load_questions,
    {
        "claim": Action("moderation", "claim_question", request_schemas.Nothing, _nothing, named=_named),
        "answer": Action(
            "moderation",
            "answer_question",
            request_schemas.QuestionAnswer,
            _answer,
            named=_named,
            after=lambda app, _context, _answer: app.desk_counts.clear(),  # the menu counts what waits
        ),
        "stock": Action("moderation", "set_stock_answer", request_schemas.StockAnswer, _stock),
        "drop": Action(
            "moderation",
            "drop_stock_answer",
            request_schemas.Nothing,
            _nothing,
            named=lambda _app, sent: {"stock": sent.get("stock", "")},
        ),
        "publish": Action(
            "moderation",
            "publish_question",
            request_schemas.PublicQuestion,
            _public,
            asks=True,
            effects=_what_everybody_reads,
        ),
        "remove": Action("moderation", "remove_public_question", request_schemas.Nothing, _nothing, named=_named),
        "broadcast": Action(
            "moderation", "broadcast_question", request_schemas.QuestionBroadcast, _letters, named=_named
        ),
    },
    readers=ORGANISERS,
    about="the questions of units, with answers",
    remembers=("state",),
    security_event="sealed-words-read",
)


_KNOWN = ("question-unknown", "question-claimed", "question-closed")
ROUTES = (
    *routes(QUESTIONS),
    Route(
        method="GET",
        path="/question-desk",
        roles=ORGANISERS,
        about="List the questions of units with their words, oldest first, the stock answers and the public questions",
        handle=forward("moderation", "questions"),
        security_event="sealed-words-read",
        query=request_schemas.Questions,
        answer=response_schemas.QuestionDesk,
        problems=("cursor-unknown",),
    ),
    Route(
        method="POST",
        path="/question-desk/{question}/claim",
        roles=ORGANISERS,
        about="Reserve a question for 15 minutes, so that no other organiser answers it",
        handle=forward("moderation", "claim_question"),
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.QuestionDone,
        problems=_KNOWN,
    ),
    Route(
        method="POST",
        path="/question-desk/{question}/answer",
        roles=ORGANISERS,
        about="Answer a question of a unit, or replace its last answer, as `answer_count` counts them",
        handle=forward("moderation", "answer_question"),
        command=True,
        body=request_schemas.QuestionAnswer,
        answer=response_schemas.QuestionDone,
        problems=(*_KNOWN, "question-answered", "words-missing"),
    ),
    Route(
        method="POST",
        path="/question-desk/publications",
        roles=ORGANISERS,
        about="Let everybody read a question and its answer, in words that name nobody",
        handle=forward("moderation", "publish_question"),
        command=True,
        body=request_schemas.PublicQuestion,
        answer=response_schemas.QuestionDone,
        problems=("words-missing", "common-questions-full"),
    ),
    Route(
        method="POST",
        path="/question-desk/{question}/removal",
        roles=ORGANISERS,
        about="Do not show a question to everybody any more",
        handle=forward("moderation", "remove_public_question"),
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.QuestionDone,
    ),
    Route(
        method="POST",
        path="/question-desk/{question}/letters",
        roles=ORGANISERS,
        about="Propose letters with a public question and its answer to a group of units; none goes out unread",
        handle=forward("moderation", "broadcast_question"),
        command=True,
        body=request_schemas.QuestionBroadcast,
        answer=response_schemas.QuestionLetters,
        problems=("common-question-unknown", "letters-empty"),
    ),
    Route(
        method="POST",
        path="/stock-answers",
        roles=ORGANISERS,
        about="Keep a text for questions that come again, or change it",
        handle=forward("moderation", "set_stock_answer"),
        command=True,
        body=request_schemas.StockAnswer,
        answer=response_schemas.StockDone,
        problems=("words-missing", "stock-unknown", "stock-full"),
    ),
    Route(
        method="POST",
        path="/stock-answers/{stock}/removal",
        roles=ORGANISERS,
        about="Do not offer a stock answer any more",
        handle=forward("moderation", "drop_stock_answer"),
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.StockDone,
    ),
)
