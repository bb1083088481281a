"""API of judging: judges, assignments, marks.

Promises: a judge sees the assigned entries, and never likes or another judge's marks.
"""

from starlette.responses import Response

from gateway.http import request_schemas, response_schemas, responses
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
from gateway.routing.service_calls import LONG_S, call_service, forward

JUDGES = frozenset({JUDGE})
ORGANISERS = frozenset({ORGANISER})
_ENTRY = "/judging/entries/{entry}"
# The fields of an entry that judges see. It is an allow list, so that a field added for moderators stays hidden.
JUDGE_FIELDS = frozenset(codes("entry unit unit_name type version number title profile text themes h5 at files"))


async def assigned_entry(app: AppContext, context: RequestContext) -> Response:
    """Return an entry that the judge is to mark, with the judge's own marks and the rubric (the criteria of marking).

    Scoring is asked first, so that an entry of another judge is refused before its content is read. Raises Problem.
    """
    own = await call_service(app, context, "scoring", "my_entry", context.path)
    content = await call_service(app, context, "submission", "public_entry", context.path)
    content_for_judge = {name: value for name, value in content.items() if name in JUDGE_FIELDS}
    return responses.read(context.request, {**own, "content": content_for_judge})


async def change_fields(app: AppContext, context: RequestContext) -> Response:
    """Store what a page changed in a mark. The same change again is recognised by its page and number."""
    return responses.read(
        context.request, await call_service(app, context, "scoring", "edit_mark", {**context.body, **context.path})
    )


ROUTES = (
    Route(
        method="POST",
        path="/judges",
        roles=ORGANISERS | {OPERATOR},
        about="Appoint a judge, or correct a judge's data",
        handle=forward("scoring", "appoint_judge"),
        command=True,
        body=request_schemas.Judge,
        answer=response_schemas.JudgeAppointed,
        problems=("not-a-judge", "unit-unknown", "too-many-judges"),
    ),
    Route(
        method="POST",
        path="/assignments",
        roles=ORGANISERS,
        about="Assign the missing readings",
        handle=forward("scoring", "assign", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Assignment,
        answer=response_schemas.AssignedAll,
        problems=("cohort-not-fixed", "seed-fixed", "assignment-infeasible", "assignment-changed"),
    ),
    Route(
        method="POST",
        path="/judges/{judge}/reassignment",
        roles=ORGANISERS,
        about="Reassign a late judge's unmarked entries to other judges, all or none",
        handle=forward("scoring", "reassign", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Reassignment,
        answer=response_schemas.Reassigned,
        problems=codes("judge-unknown reason-missing entries-not-unread assignment-infeasible"),
    ),
    Route(
        method="POST",
        path="/judging/third-readings",
        roles=ORGANISERS,
        about="Assign one more judge to each entry whose marks differ too much; the clock process does the same",
        handle=forward("scoring", "assign_third_readings", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.ThirdReadings,
        problems=codes("third-readings-unset cohort-not-fixed window-closed"),
    ),
    Route(
        method="GET",
        path="/assignments/proposal",
        roles=ORGANISERS | {AUDITOR},
        about="Preview an assignment, without storing anything",
        handle=forward("scoring", "propose_assignment", deadline_s=LONG_S),
        query=request_schemas.Seed,
        answer=response_schemas.AssignmentProposal,
        problems=("cohort-not-fixed", "seed-fixed"),
    ),
    Route(
        method="GET",
        path="/judging/progress",
        roles=ORGANISERS | {AUDITOR},
        about="Get each judge's progress, and the entries that lack marks",
        handle=forward("scoring", "progress"),
        security_event="sealed-words-read",
        answer=response_schemas.JudgingProgress,
    ),
    Route(
        method="GET",
        path=f"{_ENTRY}/marks",
        roles=ORGANISERS | {AUDITOR},
        about="List all marks of an entry",
        handle=forward("scoring", "marks_of_entry"),
        answer=response_schemas.MarksOfEntry,
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
        answer=response_schemas.ScoreExcluded,
        problems=("judge-unknown", "score-unknown", "reason-missing"),
        step_up=True,
    ),
    Route(
        method="GET",
        path="/judging/mine",
        roles=JUDGES,
        about="Get the judge's assigned entries and own marks, with the rubric",
        handle=forward("scoring", "my_assignments"),
        answer=response_schemas.Assignments,
    ),
    Route(
        method="GET",
        path=_ENTRY,
        roles=JUDGES,
        about="Get an assigned entry in full, with the judge's own marks",
        handle=assigned_entry,
        answer=response_schemas.AssignedEntry,
        problems=("not-assigned", "entry-unknown", "independence-undeclared"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/score",
        roles=JUDGES,
        about="Mark an entry, or change its mark",
        handle=forward("scoring", "give_score"),
        command=True,
        body=request_schemas.Marks,
        answer=response_schemas.MarkGiven,
        problems=codes(
            "not-assigned conflicted entry-out entry-withdrawn window-closed sheet-submitted criteria-differ "
            "entry-unknown mark-out-of-range mark-needs-words mark-settled score-excluded not-a-judge judge-unknown "
            "independence-undeclared"
        ),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/draft",
        roles=JUDGES,
        about="Save unfinished marks and remarks as a draft, which never counts",
        handle=forward("scoring", "save_draft"),
        command=True,
        body=request_schemas.DraftMarks,
        answer=response_schemas.MarkGiven,
        problems=codes(
            "not-assigned conflicted entry-out entry-withdrawn window-closed sheet-submitted criteria-differ "
            "entry-unknown mark-out-of-range mark-settled score-excluded not-a-judge judge-unknown "
            "independence-undeclared"
        ),
    ),
    Route(
        method="GET",
        path=f"{_ENTRY}/sheet",
        roles=JUDGES,
        about="Get what the judge has filled in for an entry, field by field, with its revision",
        handle=forward("scoring", "filled_in"),
        answer=response_schemas.FilledIn,
        problems=("not-assigned", "independence-undeclared"),
    ),
    Route(
        method="PATCH",
        path=f"{_ENTRY}/sheet",
        roles=JUDGES,
        about="Store changed fields of a mark, unless another page has changed them since; with `give` it is the mark",
        handle=change_fields,
        body=request_schemas.SheetFields,
        answer=response_schemas.FilledInChanged,
        problems=codes(
            "not-assigned conflicted entry-out entry-withdrawn window-closed sheet-submitted criteria-differ "
            "entry-unknown mark-out-of-range mark-needs-words mark-settled score-excluded not-a-judge judge-unknown "
            "independence-undeclared draft-changed draft-field-unknown draft-field-invalid"
        ),
    ),
    Route(
        method="POST",
        path="/judging/independence",
        roles=JUDGES,
        about="Declare one's independence, which comes before reading the first entry",
        handle=forward("scoring", "declare_independence"),
        command=True,
        body=request_schemas.Independence,
        answer=response_schemas.IndependenceDeclared,
        problems=("declaration-outdated", "not-a-judge", "judge-unknown"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/reading",
        roles=JUDGES,
        about="Note that the judge opened an entry, or put it off",
        handle=forward("scoring", "note_reading"),
        command=True,
        body=request_schemas.Reading,
        answer=response_schemas.ReadingNoted,
        problems=("not-assigned", "independence-undeclared", "not-a-judge", "judge-unknown"),
    ),
    Route(
        method="POST",
        path="/judging/practice",
        roles=JUDGES,
        about="Try a mark of the practice entry; nothing is stored",
        handle=forward("scoring", "try_mark"),
        body=request_schemas.Practice,
        answer=response_schemas.PracticeMark,
        problems=("criteria-differ", "mark-out-of-range", "mark-needs-words"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/recusal",
        roles=JUDGES,
        about="Recuse from an entry, so that another judge gets it; once judging has ended, a given mark stays",
        handle=forward("scoring", "declare_conflict"),
        command=True,
        body=request_schemas.Recusal,
        answer=response_schemas.ConflictDeclared,
        problems=("entry-unknown", "judge-unknown", "reason-missing", "mark-stands"),
    ),
    Route(
        method="POST",
        path="/judging/sheet",
        roles=JUDGES,
        about="Submit the judge's sheet; no mark can change afterwards",
        handle=forward("scoring", "submit_sheet"),
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.SheetSubmitted,
        problems=("not-assigned", "sheet-incomplete", "not-a-judge", "judge-unknown"),
    ),
)
