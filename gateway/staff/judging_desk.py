"""The organisers' pages of judging: progress with its forecast, judges, the assignment, and the marks of an entry.

Promises: an assignment is confirmed by the digest of the proposal that the page showed, so if anything changed
meanwhile nothing is assigned and the new proposal is shown; a reassignment and the exclusion of a mark say what they do
before they are sent. Who reads what, who is late and what counts, the service scoring decides.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.html import page as pages
from gateway.http import problems, request_schemas
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.service_calls import LONG_S, call_service
from gateway.staff import desk_forms
from gateway.staff.organiser_forms import Action, DeskPage, Effect, Sent, Values, entry_id, entry_names, routes
from gateway.staff.result_desk import named

WITHIN, NAMES_READ = "judging", "sealed-words-read"  # the names of judges are stored encrypted
STATES = ("dismissed", "relieved", "handed-in", "done", "late", "on-time", "unknown")
WHY = ("recused", "employer", "city", "declared")
LIMITS = ("judges", "conflicts", "entries-per-judge")
STAGES = ("new", "opened", "skipped", "draft")
Row = Mapping[str, Any]


def judge_state(judge: Row) -> str:
    """Return how a judge stands, as one of STATES, by the judge's row in the progress report."""
    if judge["submitted_at"] is not None:
        return "handed-in"
    if not judge["active"]:
        return "dismissed"
    if judge["relieved"] and not judge["left"]:
        return "relieved"
    if not judge["left"]:
        return "done" if judge["marked"] else "unknown"
    return "unknown" if judge["late"] is None else "late" if judge["late"] else "on-time"


async def _progress(app: AppContext, context: RequestContext) -> dict[str, Any]:
    """Return the progress report; each judge has a `state`, and the names of judges stand by their accounts."""
    found = await call_service(app, context, "scoring", "progress", {}, deadline_s=LONG_S)
    judges = [{**each, "state": judge_state(each)} for each in found["judges"]]
    return {**found, "judges": judges, "persons": {each["judge"]: each["name"] for each in judges}}


async def load_progress(app: AppContext, context: RequestContext) -> Values:
    """Return how far judging is, and who will be late. Raises Problem."""
    found = await _progress(app, context)
    return {
        "report": found,
        "assigned": sum(each["assigned"] for each in found["judges"]),
        "marked": sum(each["marked"] for each in found["judges"]),
        "names": entry_names(app),
        "types": pages.names_of(app, "unit_types", context.lang),
    }


PROGRESS = DeskPage(
    "judging",
    load_progress,
    {"thirds": Action("scoring", "assign_third_readings", request_schemas.Nothing, lambda _sent, _zone: {})},
    about="the progress of judging, with its forecast",
    security_event=NAMES_READ,
)


async def load_judges(app: AppContext, context: RequestContext) -> Values:
    """Return the judges; the one that the address names with the entries still to be marked. Raises Problem."""
    found = await _progress(app, context)
    chosen = context.request.query_params.get("judge", "")
    judge = next((each for each in found["judges"] if each["judge"] == chosen), None)
    unmarked: list[dict[str, Any]] = []
    if judge is not None:
        listed = await call_service(app, context, "scoring", "unmarked_entries", {"judge": chosen}, deadline_s=LONG_S)
        unmarked = listed["unmarked"]
    return {"report": found, "judge": judge, "unmarked": unmarked, "names": entry_names(app)}


def _appointment(sent: Sent, _zone: str) -> Values:
    fields = {name: sent.get(name, "").strip() for name in ("judge", "name", "employer", "city")}
    return {**fields, "conflicts": sent.get("conflicts", "").replace(",", " ").replace("，", " ").split()}


def _reassignment(sent: Sent, _zone: str) -> Values:
    return {"reason": desk_forms.text_of(sent, "reason"), "entries": None}


def _sender(_app: AppContext, sent: Sent) -> Values:
    return {"judge": sent.get("judge", "")}


async def _what_moves(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    listed, found = await asyncio.gather(
        call_service(app, context, "scoring", "unmarked_entries", {"judge": body["judge"]}, deadline_s=LONG_S),
        _progress(app, context),
    )
    names, lang = entry_names(app), context.lang
    moving = listed["unmarked"]
    return [
        (pages.say_in(lang, "judging.judge"), found["persons"].get(body["judge"], body["judge"])),
        (
            pages.say_in(lang, "judging.moves", count=len(moving)),
            " ／ ".join(named(names, each["entry"]) for each in moving),
        ),
        (pages.say_in(lang, "judging.reassign.reason"), body["reason"]),
    ]


JUDGES = DeskPage(
    "judging-judges",
    load_judges,
    {
        "appoint": Action("scoring", "appoint_judge", request_schemas.Judge, _appointment),
        "reassign": Action(
            "scoring",
            "reassign",
            request_schemas.Reassignment,
            _reassignment,
            named=_sender,
            asks=True,
            effects=_what_moves,
        ),
    },
    about="the judges, their conflicts of interest, and the reassignment of what one of them has not marked",
    within=WITHIN,
    security_event=NAMES_READ,
)


async def load_assignment(app: AppContext, context: RequestContext) -> Values:
    """Return the proposed assignment with its numbers, or why there is none yet. Raises Problem."""
    values: Values = {"proposal": None, "not_yet": "", "names": entry_names(app), "persons": {}, "rows": []}
    try:
        proposal, found = await asyncio.gather(
            call_service(app, context, "scoring", "propose_assignment", {"seed": None}, deadline_s=LONG_S),
            _progress(app, context),
        )
    except Problem as problem:
        if problem.code != "cohort-not-fixed":
            raise
        return {
            **values,
            "not_yet": problems.document(problem, lang=context.lang, request="", zone=context.zone)["title"],
        }
    rows = [{**each, "more": each["then"] - each["now"]} for each in proposal["judges"]]
    return {
        **values,
        "proposal": proposal,
        "report": found,
        "persons": found["persons"],
        "rows": rows,
        "new": sum(each["more"] for each in rows),
    }


def _confirmation(sent: Sent, _zone: str) -> Values:
    return {"confirm": sent.get("confirm", ""), "seed": None}


ASSIGNMENT = DeskPage(
    "judging-assignment",
    load_assignment,
    {"assign": Action("scoring", "assign", request_schemas.Assignment, _confirmation)},
    about="the proposed assignment of entries to judges",
    within=WITHIN,
    security_event=NAMES_READ,
)


async def load_marks(app: AppContext, context: RequestContext) -> Values:
    """Return all marks of the entry that the address names by its poster number. Raises Problem.

    An entry that nobody knows is said on the page itself.
    """
    wanted = context.request.query_params.get("entry", "").strip()
    values: Values = {"wanted": wanted, "entry": None, "marks": [], "rubric": [], "not_found": "", "persons": {}}
    values["names"] = entry_names(app)
    if not wanted:
        return values
    try:
        entry = entry_id(app, {"entry": wanted})
        listed, found = await asyncio.gather(
            call_service(app, context, "scoring", "marks_of_entry", {"entry": entry}), _progress(app, context)
        )
    except Problem as problem:
        if problem.status >= 500:
            raise
        text = problems.document(problem, lang=context.lang, request="", zone=context.zone)
        return {**values, "not_found": text["title"]}
    return {**values, "entry": entry, "marks": listed["marks"], "rubric": listed["rubric"], "persons": found["persons"]}


def _exclusion(sent: Sent, _zone: str) -> Values:
    return {"judge": sent.get("judge", ""), "entry": sent.get("id", ""), "reason": sent.get("reason", "").strip()}


async def _what_is_excluded(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    found = await _progress(app, context)
    lang = context.lang
    return [
        (pages.say_in(lang, "org.entry"), named(entry_names(app), body["entry"])),
        (pages.say_in(lang, "judging.judge"), found["persons"].get(body["judge"], body["judge"])),
        (pages.say_in(lang, "org.reason"), body["reason"]),
    ]


MARKS = DeskPage(
    "judging-marks",
    load_marks,
    {
        "exclude": Action(
            "scoring",
            "exclude_score",
            request_schemas.Exclusion,
            _exclusion,
            asks=True,
            effects=_what_is_excluded,
            proves=True,
        )
    },
    about="the marks of an entry, and the exclusion of one",
    within=WITHIN,
    security_event=NAMES_READ,
    remembers=("entry",),
)

PAGES = (PROGRESS, JUDGES, ASSIGNMENT, MARKS)
ROUTES = tuple(route for each in PAGES for route in routes(each))
