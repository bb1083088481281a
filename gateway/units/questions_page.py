"""Questions of a unit to the organisers, as API and as page: the form, and the unit's own questions with answers.

Promises: a unit reads its own questions alone; what was typed stands in the form again when it is refused. How many
questions may wait and how many may be asked a day, the service decides and the page says.
"""

from collections import defaultdict
from collections.abc import Mapping

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page, redirect, unit_page
from gateway.http import request_schemas, response_schemas
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service, forward
from gateway.units import own_entry
from gateway.units.form_commands import command_id

PATH = "/unit/questions"
UNITS = frozenset({UNIT})
_PROBLEMS = ("campaign-not-open", "entry-unknown", "words-missing", "questions-waiting", "questions-too-many")


async def questions(app: AppContext, context: RequestContext) -> Response:
    """Return the unit's questions with answers, and the form for another. Raises Problem."""
    return await _page(app, context, {})


async def ask_question(app: AppContext, context: RequestContext) -> Response:
    """Ask a question by form, and show the list with it. Raises Problem."""
    sent = await read_form(context.request)
    body = {"entry": sent.get("entry") or None, "words": sent.get("words", "").replace("\r\n", "\n").strip()}
    context.command = command_id(app, context, sent.get("key", ""), body)
    try:
        await call_service(app, context, "moderation", "ask_question", body)
    except Problem as problem:
        if problem.status >= 500:
            raise
        context.command = ""
        return await _page(app, context, sent, problem=problem)
    return redirect(f"{PATH}?asked=yes")


async def _page(
    app: AppContext, context: RequestContext, typed: Mapping[str, str], *, problem: Problem | None = None
) -> Response:
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    found = await call_service(app, context, "moderation", "unit_questions", {})
    own = await own_entry.load(app, context)
    title = str((own.view or {}).get("title") or "")
    return unit_page(
        context,
        "units/questions.html",
        path=PATH,
        status=200 if problem is None else problem.status,
        found=found,
        entry=own.name if own.view else "",
        title=title,
        typed=defaultdict(str, typed),
        errors=defaultdict(str, errors),
        asked=context.request.query_params.get("asked") == "yes",
        key=context.id,
    )


ROUTES = (
    Route(
        method="GET",
        path="/my/questions",
        roles=UNITS,
        about="List the unit's questions to the organisers with their answers, newest first",
        handle=forward("moderation", "unit_questions"),
        answer=response_schemas.UnitQuestions,
    ),
    Route(
        method="POST",
        path="/my/questions",
        roles=UNITS,
        about="Ask the organisers a question, about the unit's own entry or in general",
        handle=forward("moderation", "ask_question"),
        command=True,
        body=request_schemas.Question,
        answer=response_schemas.QuestionDone,
        problems=_PROBLEMS,
        status=201,
    ),
    Route(
        method="GET",
        path=PATH,
        base="",
        roles=UNITS,
        about="The unit's questions to the organisers, and a form for another",
        raw=page(questions),
    ),
    Route(method="POST", path=PATH, base="", roles=UNITS, about="Ask the organisers by form", raw=page(ask_question)),
)
