"""Judges and their marks. A judge sees the entries that are assigned, never likes, never another judge's marks."""

from starlette.responses import Response

from gateway.http import request_schemas, responses
from gateway.http import response_schemas as told
from gateway.routing.context import AppContext
from gateway.routing.route import (
    AUDITOR,
    JUDGE,
    OPERATOR,
    ORGANISER,
    RequestContext,
    Route,
    codes,
)
from gateway.routing.service_calls import LONG_S, ask_service, forward

JUDGES = frozenset({JUDGE})
ORGANISERS = frozenset({ORGANISER})
_ENTRY = "/judging/entries/{entry}"
# What a judge sees of an entry. A list of what is let through: a field that somebody adds for moderators stays hidden.
JUDGED = frozenset(codes("entry unit unit_name type version number title profile text themes h5 at files"))


async def assigned(app: AppContext, context: RequestContext) -> Response:
    """One assigned entry: the judge's own marks and rubric, then what is judged. Others' entries are refused first."""
    own = await ask_service(app, context, "scoring", "my_entry", context.path)
    content = await ask_service(app, context, "submission", "public_entry", context.path)
    judged = {name: value for name, value in content.items() if name in JUDGED}
    return responses.read(context.request, {**own, "content": judged})


ROUTES = (
    Route(
        method="POST",
        path="/judges",
        roles=ORGANISERS | {OPERATOR},
        about="Appoint a judge, or mend what is known of one",
        handle=forward("scoring", "appoint_judge"),
        command=True,
        body=request_schemas.Judge,
        answer=told.JudgeAppointed,
        problems=("not-a-judge", "unit-unknown", "too-many-judges"),
    ),
    Route(
        method="POST",
        path="/assignments",
        roles=ORGANISERS,
        about="Assign the readings that are still missing",
        handle=forward("scoring", "assign", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Seed,
        answer=told.Assigned,
        problems=("cohort-not-fixed", "seed-fixed", "assignment-infeasible"),
    ),
    Route(
        method="POST",
        path="/judges/{judge}/reassignment",
        roles=ORGANISERS,
        about="Move what a late judge has not marked to others: all of it, or nothing",
        handle=forward("scoring", "reassign", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Reassignment,
        answer=told.Reassigned,
        problems=codes("judge-unknown reason-missing entries-not-unread assignment-infeasible"),
    ),
    Route(
        method="POST",
        path="/judging/third-readings",
        roles=ORGANISERS,
        about="Give one judge more to each entry whose marks lie too far apart; the clock asks the same",
        handle=forward("scoring", "assign_third_readings", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Nothing,
        answer=told.ThirdReadings,
        problems=codes("third-readings-unset cohort-not-fixed window-closed"),
    ),
    Route(
        method="GET",
        path="/assignments/proposal",
        roles=ORGANISERS | {AUDITOR},
        about="What an assignment would do; writes nothing",
        handle=forward("scoring", "propose_assignment", deadline_s=LONG_S),
        query=request_schemas.Seed,
        answer=told.AssignmentProposal,
        problems=("cohort-not-fixed", "seed-fixed"),
    ),
    Route(
        method="GET",
        path="/judging/progress",
        roles=ORGANISERS | {AUDITOR},
        about="How far each judge is, and which entries are short of marks",
        handle=forward("scoring", "progress"),
        answer=told.JudgingProgress,
    ),
    Route(
        method="GET",
        path=f"{_ENTRY}/marks",
        roles=ORGANISERS | {AUDITOR},
        about="All marks of an entry",
        handle=forward("scoring", "marks_of_entry"),
        answer=told.MarksOfEntry,
        problems=("entry-unknown",),
    ),
    Route(
        method="POST",
        path="/judging/exclusions",
        roles=ORGANISERS,
        about="Exclude a judge's mark, with a reason",
        handle=forward("scoring", "exclude_score"),
        command=True,
        body=request_schemas.Exclusion,
        answer=told.ScoreExcluded,
        problems=("judge-unknown", "score-unknown", "reason-missing"),
    ),
    Route(
        method="GET",
        path="/judging/mine",
        roles=JUDGES,
        about="The judge's own entries and marks, with the rubric",
        handle=forward("scoring", "my_assignments"),
        answer=told.Assignments,
    ),
    Route(
        method="GET",
        path=_ENTRY,
        roles=JUDGES,
        about="An assigned entry, whole, with the judge's own marks",
        handle=assigned,
        answer=told.AssignedEntry,
        problems=("not-assigned", "entry-unknown"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/score",
        roles=JUDGES,
        about="Mark an entry, or mark it anew",
        handle=forward("scoring", "give_score"),
        command=True,
        body=request_schemas.Marks,
        answer=told.MarkGiven,
        problems=codes(
            "not-assigned conflicted entry-out window-closed sheet-submitted criteria-differ "
            "entry-unknown mark-out-of-range mark-needs-words mark-settled score-excluded not-a-judge judge-unknown"
        ),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/draft",
        roles=JUDGES,
        about="Keep marks and words that are not whole yet; they never count",
        handle=forward("scoring", "save_draft"),
        command=True,
        body=request_schemas.DraftMarks,
        answer=told.MarkGiven,
        problems=codes(
            "not-assigned conflicted entry-out window-closed sheet-submitted criteria-differ "
            "entry-unknown mark-out-of-range mark-settled score-excluded not-a-judge judge-unknown"
        ),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/recusal",
        roles=JUDGES,
        about="Step back from an entry: another judge gets it; after the end a mark stands",
        handle=forward("scoring", "declare_conflict"),
        command=True,
        body=request_schemas.Recusal,
        answer=told.ConflictDeclared,
        problems=("entry-unknown", "judge-unknown", "reason-missing", "mark-stands"),
    ),
    Route(
        method="POST",
        path="/judging/sheet",
        roles=JUDGES,
        about="Submit the sheet: no mark changes after it",
        handle=forward("scoring", "submit_sheet"),
        command=True,
        body=request_schemas.Nothing,
        answer=told.SheetSubmitted,
        problems=("not-assigned", "sheet-incomplete", "not-a-judge", "judge-unknown"),
    ),
)
