"""The moderation desk: the queue with a reader beside it, and the forms by which a moderator decides.

Promises: every decision names the version that the page showed, and its turn; if another version came meanwhile, or
somebody else decided, nothing is decided and how it stands now is shown with what was typed, versions side by side.
Nothing is preselected. Each page works without scripts.
Does not promise that an entry was claimed before somebody decides on it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marshmallow import Schema
from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.html.players import players
from gateway.http import film_captions, form_nonces, problems, request_schemas
from gateway.http.fields import Choice, RequestSchema
from gateway.http.forms import read_form
from gateway.http.problem_texts import WORDS
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, MODERATOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms
from gateway.staff.queue_filter import PAGE_ROWS, QUEUE_PAGE, QueueFilter
from gateway.staff.review_text import Pair, mark_spans, marked_paragraphs, side_by_side
from shared.subtitles import spoken_text
from shared.zones import local_time

READERS = frozenset({MODERATOR, ORGANISER})
ITEMS = ("title", "profile", "text", "themes", "pictures", "video", "audio", "h5", "declarations", "other")
HAND_FLAGS = ("symbols", "attention")
COMPARED = ("title", "profile", "text", "h5")
MOST_FIELDS = 80
UNTIL_DAYS = (1, 2, 3)
CLOSED = frozenset({"withdrawn", "disqualified"})
_NOT_MENDABLE = frozenset({"entry-unknown", "session-invalid", "role-missing", "not-found"})


class FlagOff(RequestSchema):
    """Body of a form that takes a flag off."""

    flag = Choice(*HAND_FLAGS, required=True)


@dataclass(frozen=True, slots=True)
class Action:
    """What a form may do with an entry: moderation's method, and the schema of its body."""

    method: str
    schema: type[Schema]


ACTIONS = {
    "claim": Action("claim", request_schemas.Nothing),
    "approve": Action("approve", request_schemas.Approval),
    "return": Action("return_entry", request_schemas.Return),
    "reject": Action("reject", request_schemas.Rejection),
    "opinion": Action("give_second_opinion", request_schemas.SecondOpinion),
    "undo": Action("undo_decision", request_schemas.ReviewedVersion),
    "flag": Action("flag_entry", request_schemas.EntryFlag),
    "unflag": Action("unflag_entry", FlagOff),
    "freeze": Action("freeze", request_schemas.Reason),
    "unfreeze": Action("unfreeze", request_schemas.Reason),
    "disqualify": Action("disqualify", request_schemas.Disqualification),
    "disqualification": Action("confirm_disqualification", request_schemas.Opinion),
    "type": Action("correct_type", request_schemas.TypeCorrection),
    "type-request": Action("decide_type_correction", request_schemas.Opinion),
}
GOES_ON = frozenset({"approve", "return", "reject", "opinion"})
#: Why something is not checked, so far as a text of its own exists for it.
WHY = ("never-looked", "service-down", "link-changed")
#: What the history of an entry calls an event, so far as a text of its own exists for it.
EVENTS = frozenset(
    {
        "entry-submitted", "entry-withdrawn", "entry-claimed", "entry-approved", "entry-returned", "entry-rejected",
        "entry-flagged", "entry-unflagged", "second-opinion-asked", "second-opinion-given", "decision-undone",
        "entries-handed-over", "entry-frozen", "entry-unfrozen", "disqualification-proposed",
        "disqualification-declined", "entry-disqualified", "type-correction-asked", "type-correction-declined",
        "entry-checked", "type-corrected", "unit-name-corrected",
    }
)  # fmt: skip


async def desk(app: AppContext, context: RequestContext) -> Response:
    """Return the queue, with the entry in the reader that the address names. Raises Problem."""
    query = context.request.query_params
    shown = QueueFilter.of(query.multi_items())
    return await _page(app, context, shown, query.get("entry", ""), decided=query.get("decided", ""))


async def act(app: AppContext, context: RequestContext) -> Response:
    """Do what a form of the reader says, and go on: to the next entry after a decision, else to the same entry.

    What is refused and can be mended is shown with the form as it was typed. Raises Problem.
    """
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES, most_fields=MOST_FIELDS)
    shown, entry, name = QueueFilter.parse(sent.get("back", "")), context.path["entry"], sent.get("do", "")
    action = ACTIONS.get(name)
    if action is None:
        raise Problem("invalid", errors={"do": ["not-allowed"]})
    try:
        body = desk_forms.load_body(action.schema, _body_of(name, sent, zone=context.zone))
        desk_forms.begin_command(app, context, sent, name, body)
        await call_service(app, context, "moderation", action.method, {**body, "entry": entry})
    except Problem as problem:
        if problem.code in _NOT_MENDABLE or problem.status >= 500:
            raise
        context.command = ""
        return await _page(app, context, shown, entry, typed=sent, problem=problem)
    if name not in GOES_ON:
        return pages.redirect(shown.url(entry=entry))
    return pages.redirect(shown.url(entry=sent.get("next", ""), decided=entry))


async def compare(app: AppContext, context: RequestContext) -> Response:
    """Return two entries side by side, such as two that look like copies of each other. Raises Problem."""
    entry, other = context.path["entry"], context.path["other"]
    left, right = await asyncio.gather(_content(app, context, entry), _content(app, context, other))
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/compare.html",
        path=f"{QUEUE_PAGE}/entries/{entry}/beside/{other}",
        one=left,
        other_one=right,
        texts=_same_texts(left, right),
        kinds=pages.names_of(app, "unit_types", context.lang),
    )


async def versions(app: AppContext, context: RequestContext) -> Response:
    """Return two versions of an entry side by side: those that the address names, or the last two. Raises Problem."""
    entry, query = context.path["entry"], context.request.query_params
    latest = await _content(app, context, entry)
    after = _version(query.get("after", ""), latest["latest"], default=latest["latest"])
    before = _version(query.get("before", ""), latest["latest"], default=max(1, after - 1))
    left, right = await asyncio.gather(
        _content(app, context, entry, version=before), _content(app, context, entry, version=after)
    )
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/versions.html",
        path=pages.with_query(f"{QUEUE_PAGE}/entries/{entry}/versions", {"before": str(before), "after": str(after)}),
        entry=latest,
        before=left,
        after=right,
        changes=changes_between(left, right),
        themes=pages.names_of(app, "themes", context.lang),
    )


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what differs between two versions: texts as pairs of paragraphs, themes and files as what left and came.

    Pure; unchanged parts are left out.
    """
    changes: list[dict[str, Any]] = []
    for name in COMPARED:
        old, new = before.get(name) or "", after.get(name) or ""
        if old != new:
            changes.append({"name": name, "pairs": side_by_side(old, new), "left": [], "came": []})
    for name in ("themes", "files"):
        old_list, new_list = _plain_list(before.get(name)), _plain_list(after.get(name))
        if old_list != new_list:
            left = [each for each in old_list if each not in new_list]
            came = [each for each in new_list if each not in old_list]
            changes.append({"name": name, "pairs": (), "left": left, "came": came})
    return changes


def _plain_list(items: Sequence[Any] | None) -> list[Any]:
    return list(items or ())


def _same_texts(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[tuple[str, tuple[Pair, ...]]]:
    return [(name, side_by_side(left.get(name) or "", right.get(name) or "")) for name in ("title", "profile", "text")]


def _version(text: str, latest: int, *, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= latest else default


async def _content(
    app: AppContext, context: RequestContext, entry: str, *, version: int | None = None
) -> dict[str, Any]:
    return await call_service(app, context, "submission", "entry", {"entry": entry, "version": version})


def _body_of(name: str, sent: Mapping[str, str], *, zone: str) -> dict[str, Any]:
    """Return the body of the API's command that a form stands for. What cannot be read stays as text."""
    turn = {"turn": desk_forms.whole(sent["turn"])} if sent.get("turn") else {}
    version = {"version": desk_forms.whole(sent.get("version", "")), **turn}
    text = {each: value.replace("\r\n", "\n") for each, value in sent.items()}
    decision = {**version, **({"second": True} if sent.get("second") else {})}
    opinion = {"words": text.get("words", ""), **({"agrees": sent["agrees"] == "yes"} if sent.get("agrees") else {})}
    match name:
        case "approve":
            grade = sent.get("grade", "").strip()
            return {**decision, **({"grade": desk_forms.whole(grade)} if grade else {})}
        case "return":
            until = desk_forms.instant(sent.get("until", ""), zone)
            return {**decision, "remarks": remarks_of(text), "until": until}
        case "reject":
            return {**decision, "reason": text.get("reason", ""), "remarks": remarks_of(text)}
        case "opinion":
            return {**version, **opinion}
        case "disqualification" | "type-request":
            return {**turn, **opinion}
        case "undo":
            return version
        case "flag":
            return {"flag": sent.get("flag", ""), "words": text.get("words", "")}
        case "unflag":
            return {"flag": sent.get("flag", "")}
        case "disqualify":
            evidence = sent.get("evidence", "").strip().lower()
            words = {"words": text.get("words", ""), **({"evidence": evidence} if evidence else {})}
            return {"reason": text.get("reason", ""), **words}
        case "freeze" | "unfreeze":
            return {"reason": text.get("reason", "")}
        case "type":
            return {"type": text.get("type", ""), "reason": text.get("reason", "")}
    return {}


def remarks_of(sent: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the remarks of a return: what was written at each item, in the order of the items."""
    written = {item: sent.get(f"words-{item}", "").strip() for item in ITEMS}
    return [{"item": item, "words": words} for item, words in written.items() if words]


async def _page(
    app: AppContext,
    context: RequestContext,
    shown: QueueFilter,
    entry: str,
    *,
    decided: str = "",
    typed: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    queue, case, before, templates = await asyncio.gather(
        call_service(app, context, "moderation", "queue", shown.body()),
        _case(app, context, entry, typed or {}) if entry else _nothing(),
        _decided(app, context, decided) if decided else _nothing(),
        templates_of(app, context),
    )
    document, errors = None, {}
    if problem is not None:
        document = problems.document(problem, lang=context.lang, request=context.id, zone=context.zone)
        errors = pages.field_errors(problem, context.lang, zone=context.zone)
    rows = queue["entries"]
    assert context.session is not None  # the routes are not open
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/desk.html",
        items=ITEMS,
        path=shown.url(entry=entry),
        status=200 if problem is None else problem.status,
        queue=queue,
        rows=rows,
        shown=shown,
        page_rows=PAGE_ROWS,
        entry=entry,
        case=case,
        decided=before,
        place=next((i for i, row in enumerate(rows) if row["entry"] == entry), None),
        next_entry=neighbour(rows, entry, me=context.actor, step=1),
        previous_entry=neighbour(rows, entry, me=context.actor, step=-1),
        typed=defaultdict(str, typed or {}),
        problem=document,
        errors=defaultdict(str, errors),
        form=form_nonces.new_nonce(),
        templates=templates,
        hand_flags=HAND_FLAGS,
        events=EVENTS,
        reasons_why=WHY,
        kinds=pages.names_of(app, "unit_types", context.lang),
        themes=pages.names_of(app, "themes", context.lang),
        may_decide=MODERATOR in context.session.roles,
        needs_grade=bool(queue["grades"] or errors.get("grade")),
        until_options=until_options(context),
        **clock_of(app, context),
    )


def clock_of(app: AppContext, context: RequestContext) -> dict[str, Any]:
    """Return the clock by which a page counts down: the campaign's time now, and whether it stands still."""
    return {"now_ms": context.at, "clock_stands": app.views.data("campaign").get("clock") is not None}


def until_options(context: RequestContext) -> dict[int, str]:
    """Return 18:00 of some days from now, by the number of days, as an input of type `datetime-local` holds it."""
    now = local_time(context.at, context.zone)
    return {days: f"{now + timedelta(days=days):%Y-%m-%d}T18:00" for days in UNTIL_DAYS}


def neighbour(rows: Sequence[Mapping[str, Any]], entry: str, *, me: str, step: int) -> str:
    """Return the next entry of the queue's page after `entry` (or before it, with a `step` of -1), or an empty text.

    What others review now is passed over. If the entry is no part of the page, the first of the page is next.
    """
    ids = [row["entry"] for row in rows]
    start = ids.index(entry) + step if entry in ids else (0 if step > 0 else -1)
    for i in range(start, len(rows) if step > 0 else -1, step):
        claim = rows[i].get("claim") if i >= 0 else None
        if i >= 0 and (claim is None or claim["by"] == me):
            return str(ids[i])
    return ""


async def _nothing() -> None:
    return None


async def _decided(app: AppContext, context: RequestContext, entry: str) -> dict[str, Any] | None:
    """Return moderation's record of the entry that was decided last, to say what is true of it now."""
    try:
        return await call_service(app, context, "moderation", "desk", {"entry": entry})
    except Problem:
        return None


async def captions(app: AppContext, context: RequestContext) -> Response:
    """Return the captions of a film of an entry's latest version, as WebVTT. Raises Problem."""
    content = await _content(app, context, context.path["entry"])
    text = film_captions.captions_of(content["files"], context.path["sha256"])
    return film_captions.captions_response(context.request, text, public=False)


async def templates_of(app: AppContext, context: RequestContext) -> dict[str, list[str]]:
    """Return the reasons that moderators may start from, by item, in Chinese: the unit reads them."""
    found = await call_service(app, context, "moderation", "reasons", {})
    templates: dict[str, list[str]] = defaultdict(list)
    for each in found["reasons"]:
        templates[each["item"] if each["item"] in ITEMS else "other"].append(each["zh"])
    return templates


async def _case(app: AppContext, context: RequestContext, entry: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return all that the reader shows of an entry. `typed` is a form that was refused, with the version it was for."""
    record, content, notes = await asyncio.gather(
        call_service(app, context, "moderation", "desk", {"entry": entry}),
        _content(app, context, entry),
        call_service(app, context, "moderation", "notes", {"entry": entry}),
    )
    latest = content["version"]
    seen = _version(typed.get("version", ""), latest, default=latest)
    decided = (record.get("decided") or {}).get("version")
    base = seen if seen < latest else decided if decided and decided < latest else None
    before = None if base is None else await _content(app, context, entry, version=base)
    files, hits = content["files"], hits_by_item(notes["hints"])
    link = await call_service(app, context, "submission", "entry_link", {"entry": entry}) if content["h5"] else None
    texts = {name: content.get(name) or "" for name in ("profile", "text")}
    second = record["second"]
    return {
        "entry": entry,
        "record": record,
        "content": content,
        "title": mark_spans(content["title"], hits["title"]),
        **{name: marked_paragraphs(text, hits[name]) for name, text in texts.items()},
        "lengths": {name: len(text) for name, text in texts.items()},
        "pictures": [each for each in files if each["kind"] == "picture"],
        "films": await players(app, files, "video", context.lang),
        "captions": {each["sha256"]: spoken_text(each.get("subtitles") or "") for each in files},
        "captioned": film_captions.captioned(files),
        "sounds": await players(app, files, "audio", context.lang),
        "hints": notes["hints"],
        "why_texts": why_texts(notes["hints"], context.lang),
        "link": link,
        "part_names": {each["sha256"]: each["name"] for each in files},
        "duplicates": notes["duplicates"],
        "history": notes["history"][::-1],
        "before": before,
        "is_overtaken": seen < latest,
        "changes": [] if before is None else changes_between(before, content),
        "mine": (record.get("claim") or {}).get("by") == context.actor,
        "is_open": record["number"] is None and record["status"] not in CLOSED,
        "may_decide": may_decide(record, context.actor),
        "second": second,
        "may_second": second is not None and second["by"] != context.actor,
    }


def may_decide(record: Mapping[str, Any], me: str) -> bool:
    """Return whether a form to decide makes sense: the entry is open, no other reviews it, and no proposal waits."""
    is_open = record["number"] is None and record["status"] not in CLOSED
    return is_open and record["second"] is None and (record.get("claim") or {"by": me})["by"] == me


def why_texts(hints: Sequence[Mapping[str, Any]], lang: str) -> dict[str, str]:
    """Return what the reasons in hints mean, by their code, where the pages or the table of problems has a text."""
    codes = {each["why"] for hint in hints for each in (hint, *hint["items"]) if each["why"]}
    texts = {code: WORDS[code] for code in codes if code in WORDS}
    return {code: each.zh if lang == "zh" else each.en for code, each in texts.items()}


def hits_by_item(hints: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[int, int]]]:
    """Return where machine checks found something, by item: the first and the last character but one of each hit."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for hint in hints:
        for each in hint["items"]:
            found[each["item"]] += [(hit["start"], hit["end"]) for hit in each["hits"] if hit["end"] > hit["start"]]
    return found


_ENTRY = f"{QUEUE_PAGE}/entries/{{entry}}"
ROUTES = (
    Route(
        method="GET",
        path=QUEUE_PAGE,
        base="",
        roles=READERS,
        about="Page of the review queue with a reader",
        raw=page(desk),
    ),
    Route(
        method="POST",
        path=_ENTRY,
        base="",
        roles=READERS,
        about="Claim or decide an entry by form",
        raw=page(act),
        step_up=True,
        step_up_if=lambda fields: fields.get("do") in ("disqualify", "disqualification"),
    ),
    Route(
        method="GET",
        path=f"{_ENTRY}/captions/{{sha256}}",
        base="",
        roles=READERS | {AUDITOR},
        about="Captions of a film of an entry, as WebVTT",
        raw=page(captions),
    ),
    Route(
        method="GET",
        path=f"{_ENTRY}/versions",
        base="",
        roles=READERS | {AUDITOR},
        about="Page with two versions of an entry side by side",
        raw=page(versions),
    ),
    Route(
        method="GET",
        path=f"{_ENTRY}/beside/{{other}}",
        base="",
        roles=READERS | {AUDITOR},
        about="Page with two entries side by side",
        raw=page(compare),
    ),
)
