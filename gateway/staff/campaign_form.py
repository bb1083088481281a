"""Pages that write a campaign file: a form in steps, the file's text, and the check with the rules in words beside it.

The same pages serve whoever sets a campaign up (`campaign_setup.py`) and organisers of an open one.
Promises: no rule is known here: fields, checks, words of the rules and the hash come from services. Each step is a
plain form. What was typed is stored as a draft, or shown again where somebody else has saved meanwhile. A draft takes
effect by opening the campaign or by a new version of its rules, and by nothing else.
"""

import base64
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from gateway.html.page import desk_page as render_desk
from gateway.html.page import field_errors, mark_chinese, page, redirect, say_in, with_query
from gateway.html.texts import WORDS
from gateway.http import form_nonces, responses
from gateway.http.forms import read_file_form, read_form
from gateway.http.problems import BODY, Problem
from gateway.routing.context import AppContext
from gateway.routing.route import ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms

ROOT = "/organiser/campaign"
FORM_BYTES, MOST_FIELDS = 3 * 1024 * 1024, 1_200
CHECK, FILE, LOOK = "check", "file", "look"
PICTURES = ("logo", "banner")
PICTURE_FORM_BYTES = 320 * 1024  # a banner and the rest of the form
SPARE_ROWS = 2
ERROR = "error"
MENDABLE = frozenset(
    {
        "draft-differs",
        "campaign-file-broken",
        "campaign-file-unreadable",
        "invalid",
        "picture-unknown",
        "picture-too-large",
    }
)
_OWN = frozenset({"step", "revision", "do", "text", "template", "form"})
_DONE = frozenset({"saved", "locked", "amended", "replaced", "looked"})
ServiceCall = Callable[..., Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class FormPlace:
    """Where the pages stand: their path, how services are called, and how a page is answered.

    `call` takes a service, a method and a body; `show` takes a template and its values.
    """

    root: str
    call: ServiceCall
    show: Callable[..., Awaitable[Response]]


def desk_place(app: AppContext, context: RequestContext) -> FormPlace:
    """Return the place of an organiser's pages, in the name of whoever is signed in."""

    async def show(template: str, **values: Any) -> Response:
        return await render_desk(app, context, template, path=ROOT, base="html/desk.html", **values)

    return FormPlace(ROOT, partial(call_service, app, context), show)


async def show_form(context: RequestContext, place: FormPlace) -> Response:
    """Return the page of the step that the address names, or the start if there is no draft yet. Raises Problem."""
    draft = await place.call("moderation", "campaign_draft", {})
    query = context.request.query_params
    did = query.get("did", "")
    return await form_page(context, place, draft, step=query.get("step", ""), did=did)


async def send_form(context: RequestContext, place: FormPlace) -> Response:
    """Save what a form sent, and go on; show it again with what was typed if it cannot be saved. Raises Problem."""
    sent = await read_form(context.request, limit=FORM_BYTES, most_fields=MOST_FIELDS)
    step, revision = sent.get("step", ""), desk_forms.whole(sent.get("revision", "0"))
    body: dict[str, Any] = {"revision": revision if isinstance(revision, int) else 0}
    typed: dict[str, str] = {}
    if sent.get("do") == "play":
        return await _ask_for_play(context, place, sent.get("rule_hash", ""))
    if sent.get("do") == "template":
        body["template"] = sent.get("template", "")
    elif "text" in sent:
        body["text"] = sent["text"]
    else:
        typed = {name: value for name, value in sent.items() if name not in _OWN}
        body["values"] = typed
    try:
        saved = await place.call("moderation", "save_campaign_draft", body)
    except Problem as problem:
        if problem.code not in MENDABLE:
            raise
        draft = await place.call("moderation", "campaign_draft", {})
        response = await form_page(
            context, place, draft, step=step, problem=problem, typed=typed, text=sent.get("text")
        )
        response.status_code = problem.status
        return response
    names = [*saved["steps"], CHECK]
    following = names[min(names.index(step) + 1, len(names) - 1)] if step in names else names[0]
    to = following if sent.get("do") in ("next", "template") else (step if step in (*names, FILE) else CHECK)
    return redirect(with_query(place.root, {"step": to, "did": "saved"}))


async def _ask_for_play(context: RequestContext, place: FormPlace, rule_hash: str) -> Response:
    """Ask for a rehearsal of the whole campaign by the rules that the page showed. Raises Problem."""
    try:
        await place.call("moderation", "request_rehearsal", {"rule_hash": rule_hash})
    except Problem as problem:
        if problem.code not in MENDABLE:
            raise
        draft = await place.call("moderation", "campaign_draft", {})
        response = await form_page(context, place, draft, step=CHECK, problem=problem)
        response.status_code = problem.status
        return response
    return redirect(with_query(place.root, {"step": CHECK}) + "#whole")


async def form_page(
    context: RequestContext,
    place: FormPlace,
    draft: Mapping[str, Any],
    *,
    step: str = "",
    did: str = "",
    problem: Problem | None = None,
    typed: Mapping[str, str] = {},
    text: str | None = None,
    errors: Mapping[str, str] = {},
    sent: Mapping[str, str] = {},
) -> Response:
    """Return the page of a step of the draft. `typed` are values that could not be saved, `errors` those of the forms
    that open, lock or amend, by field, and `sent` what these forms held. Raises Problem.
    """
    names = [*draft["steps"], CHECK, FILE]
    if not draft["is_readable"] and step != CHECK:
        step = FILE
    elif step not in names:
        step = names[0]
    sheet = None
    if draft["rules"] is not None:
        sheet = await place.call("ranking", "draft_rule_sheet", {"rules": draft["rules"]})
    rehearsal = None
    if step == CHECK and draft["rules"] is not None and "rehearse" in context.request.query_params:
        rehearsal = await place.call("ranking", "rehearse_rules", {"rules": draft["rules"]})
    found = list(draft["problems"])
    counts = {name: sum(p["step"] == name and p["level"] == ERROR for p in found) for name in names}
    counts[CHECK] = sum(p["level"] == ERROR for p in found)
    parts, placed = _parts(draft, step, typed, context.lang)
    elsewhere = [p for p in found if step in (CHECK, FILE) or (p["step"] == step and p["path"] not in placed)]
    message = ""
    if problem is not None:
        message = (
            say_in(context.lang, "campaign.differs")
            if problem.code == "draft-differs"
            else " ".join(field_errors(problem, context.lang, zone=context.zone).values())
        )
    return await place.show(
        "staff/campaign_form.html",
        root=place.root,
        is_setup=place.root != ROOT,
        draft=draft,
        step=step,
        steps=names,
        counts=counts,
        parts=parts,
        found=elsewhere,
        sheet=sheet,
        rehearsal=rehearsal,
        did=did if did in _DONE else "",
        message=message,
        text=draft["text"] if text is None else text,
        errors=defaultdict(str, errors),
        sent=defaultdict(str, sent),
        form=form_nonces.new_nonce(),
    )


def _parts(
    draft: Mapping[str, Any], step: str, typed: Mapping[str, str], lang: str
) -> tuple[list[dict[str, Any]], set[str]]:
    """Return the parts of a step's form (fields, and tables of rows), and the paths whose problems stand at them."""
    words: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    listed = [field["path"] for field in draft["steps"].get(step, ()) if field["kind"] == "table"]
    placed: set[str] = set()
    for each in draft["problems"]:
        at = _list_around(each["path"], listed)
        words[at][each["level"]].append(each[lang])
        placed |= {each["path"]} if at != each["path"] else set()
    values = {**draft["values"], **typed}
    parts: list[dict[str, Any]] = []
    for field in draft["steps"].get(step, ()):
        table, is_row, _ = field["path"].partition(".*.")
        if not is_row:
            parts.append(_control(field, field["path"], values, words, lang))
            placed.add(field["path"])
        elif parts and parts[-1].get("table") == table:
            parts[-1]["columns"].append(field)
        else:
            parts.append({"table": table, "columns": [field], "rows": []})
    for part in parts:
        if "table" not in part:
            continue
        count = max(draft["rows"].get(part["table"], 0), _rows_typed(part["table"], typed)) + SPARE_ROWS
        for n in range(count):
            paths = [field["path"].replace("*", str(n)) for field in part["columns"]]
            part["rows"].append(
                [_control(f, path, values, words, lang) for f, path in zip(part["columns"], paths, strict=True)]
            )
            placed.update(paths)
    return parts, placed


def _list_around(path: str, lists: Sequence[str]) -> str:
    """Return the path of the field that a problem belongs to: a list of tables has the problems of all its lines."""
    parts = path.split(".")
    pattern = ".".join("*" if each.isdecimal() else each for each in parts)
    found = next((each for each in lists if pattern.startswith(f"{each}.")), None)
    return path if found is None else ".".join(parts[: found.count(".") + 1])


def _rows_typed(table: str, typed: Mapping[str, str]) -> int:
    prefix = f"{table}."
    found = [name.removeprefix(prefix).partition(".")[0] for name in typed if name.startswith(prefix)]
    return max((int(each) + 1 - SPARE_ROWS for each in found if each.isdecimal()), default=0)


def _control(
    field: Mapping[str, Any], path: str, values: Mapping[str, str], words: Mapping[str, Any], lang: str
) -> dict[str, Any]:
    value, kind, default = values.get(path, ""), field["kind"], field["default"]
    hint = f"campaign.hint.{field['path']}"
    hints = [say_in(lang, hint)] if hint in WORDS else []
    options: list[tuple[str, str]] = []
    if kind in ("choice", "flag"):
        known = field["choices"] if kind == "choice" else ("true", "false")
        options = [(each, choice_text(lang, field["path"], each)) for each in known]
        usual = choice_text(lang, field["path"], default)
        options.insert(0, ("", say_in(lang, "campaign.choose-default", value=usual)))
        if value and value not in known:
            options.append((value, value))
    elif default:
        hints.append(mark_chinese(lang, say_in(lang, "campaign.default", value=default)))
    hints += [say_in(lang, "campaign.warning", words=each) for each in words[path]["warning"]]
    is_local = kind == "moment" and (not value or len(value) == len("2027-06-07T08:00"))
    return {
        "name": path,
        "pattern": field["path"],
        "group": path.split(".")[1] if path.startswith("letters.") else "",
        "type": "datetime-local" if is_local else "text",
        "is_area": kind in ("lines", "table", "picture"),
        "lines": 3 if kind == "table" else 5,
        "uploads": path.rpartition(".")[2] if kind == "picture" else "",
        "uploaded": value.partition(";")[0].removeprefix("data:") if kind == "picture" else "",
        "is_number": kind in ("whole", "number"),
        "options": options,
        "value": value,
        "hint": Markup(" ").join(hints),
        "error": " ".join(words[path][ERROR]),
    }


def choice_text(lang: str, path: str, value: str) -> str:
    """Return what one value of a choice means, in a language."""
    special = f"campaign.choice.{value}.{path.partition('.')[0]}"
    return say_in(lang, special if special in WORDS else f"campaign.choice.{value}")


async def show_notice(context: RequestContext, place: FormPlace) -> Response:
    """Return the page on which the text of a notice is pasted. Raises Problem."""
    await place.call("moderation", "campaign_draft", {})  # refuses whoever may not see the draft
    return await _notice_page(context, place, None)


async def send_notice(context: RequestContext, place: FormPlace) -> Response:
    """Show what a pasted notice says, or put the findings that were confirmed into the draft. Raises Problem."""
    sent = await read_form(context.request, limit=FORM_BYTES, most_fields=MOST_FIELDS)
    text = sent.get("text", "")
    if not text.strip():
        return await _notice_page(context, place, None, is_empty=True)
    reading = await place.call("moderation", "read_campaign_notice", {"text": text})
    if sent.get("do") != "confirm":
        return await _notice_page(context, place, reading)
    values: dict[str, str] = {}
    for n, each in enumerate(reading["findings"], start=1):
        if f"take{n}" in sent:
            values |= each["values"]
    if not values:
        return await _notice_page(context, place, reading, is_empty=True)
    draft = await place.call("moderation", "campaign_draft", {})
    body: dict[str, Any] = {"revision": draft["revision"], "values": values}
    if not draft["revision"]:
        body["template"] = next(iter(draft["templates"]))
    if any(path.startswith("unit_types.") for path in values) and not draft["values"].get("quota.total"):
        values.setdefault("quota.total", "")  # the seats of the types are the total
    await place.call("moderation", "save_campaign_draft", body)
    return redirect(with_query(place.root, {"step": CHECK, "did": "saved"}))


async def _notice_page(
    context: RequestContext, place: FormPlace, reading: Mapping[str, Any] | None, *, is_empty: bool = False
) -> Response:
    pieces = [] if reading is None else _pieces(reading)
    findings = (
        [] if reading is None else [_finding(each, reading["text"], context.lang) for each in reading["findings"]]
    )
    wrong = []
    if reading is not None:
        for each in reading["contradictions"]:
            quotes = [reading["text"][start:end] for start, end in each["places"]]
            wrong.append({"words": each[context.lang], "quotes": quotes})
    response = await place.show(
        "staff/campaign_notice.html",
        root=place.root,
        is_setup=place.root != ROOT,
        reading=reading,
        pieces=pieces,
        findings=findings,
        wrong=wrong,
        is_empty=is_empty,
    )
    response.status_code = 422 if is_empty else 200
    return response


def _finding(each: Mapping[str, Any], text: str, lang: str) -> dict[str, Any]:
    """Return a finding as people read it: the words of the notice, and each field with its value."""
    values = []
    for path, value in each["values"].items():
        pattern = ".".join("*" if part.isdecimal() else part for part in path.split("."))
        special = f"campaign.choice.{value}"
        shown = say_in(lang, special) if pattern.endswith((".rule", ".name")) and special in WORDS else value
        values.append({"pattern": pattern, "value": shown.replace("T", " ") if "windows." in path else shown})
    return {"quote": text[each["start"] : each["end"]], "values": values}


def _pieces(reading: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the text in pieces, each with the numbers of the findings that it belongs to, and whether it is wrong."""
    text, findings = reading["text"], reading["findings"]
    wrong = [place for each in reading["contradictions"] for place in each["places"]]
    edges = {0, len(text)}
    for start, end in [*((each["start"], each["end"]) for each in findings), *wrong]:
        edges |= {start, end}
    found = []
    for start, end in pairwise(sorted(edges)):
        numbers = [n for n, each in enumerate(findings, start=1) if each["start"] <= start and end <= each["end"]]
        begun = [n for n in numbers if findings[n - 1]["start"] == start]
        is_wrong = any(first <= start and end <= last for first, last in wrong)
        found.append({"text": text[start:end], "numbers": numbers, "begun": begun, "is_wrong": is_wrong})
    return found


async def send_picture(context: RequestContext, place: FormPlace) -> Response:
    """Put an uploaded logo or banner into the draft, or take the one that it has out. Raises Problem."""
    sent, files = await read_file_form(context.request, limit=PICTURE_FORM_BYTES)
    which, revision = sent.get("which", ""), desk_forms.whole(sent.get("revision", "0"))
    body: dict[str, Any] = {"revision": revision if isinstance(revision, int) else 0}
    try:
        if which not in PICTURES:
            raise Problem("invalid", errors={"which": ["unknown"]}, place=BODY)
        if sent.get("do") == "remove":
            body["values"] = {f"theme.{which}": ""}
            await place.call("moderation", "save_campaign_draft", body)
        else:
            content = base64.b64encode(files.get("file", b"")).decode()
            if not content:
                raise Problem("picture-unknown")
            await place.call("moderation", "set_draft_picture", {**body, "which": which, "content": content})
    except Problem as problem:
        if problem.code not in MENDABLE:
            raise
        draft = await place.call("moderation", "campaign_draft", {})
        response = await form_page(context, place, draft, step=LOOK, problem=problem)
        response.status_code = problem.status
        return response
    return redirect(with_query(place.root, {"step": LOOK, "did": "saved"}))


async def organiser_picture(app: AppContext, context: RequestContext) -> Response:
    """Put a picture into the draft for an organiser of an open campaign. Raises Problem."""
    return await send_picture(context, desk_place(app, context))


async def organiser_notice(app: AppContext, context: RequestContext) -> Response:
    """Return the page for a notice's text, for an organiser of an open campaign. Raises Problem."""
    return await show_notice(context, desk_place(app, context))


async def send_organiser_notice(app: AppContext, context: RequestContext) -> Response:
    """Read a notice's text for an organiser of an open campaign. Raises Problem."""
    return await send_notice(context, desk_place(app, context))


async def organiser_form(app: AppContext, context: RequestContext) -> Response:
    """Return a step of the form for an organiser of an open campaign. Raises Problem."""
    return await show_form(context, desk_place(app, context))


async def send_organiser_form(app: AppContext, context: RequestContext) -> Response:
    """Save a step for an organiser of an open campaign. Raises Problem."""
    return await send_form(context, desk_place(app, context))


async def lock(app: AppContext, context: RequestContext) -> Response:
    """Lock the rules whose hash the page showed. Raises Problem."""
    sent = await read_form(context.request)
    body = {"rule_hash": sent.get("rule_hash", ""), "seed_commitment": None}
    desk_forms.begin_command(app, context, sent, "lock", body)
    try:
        await call_service(app, context, "moderation", "lock_rules", body)
    except Problem as problem:
        return await _refused(app, context, problem, "lock", sent)
    return redirect(f"{ROOT}?step={CHECK}&did=locked")


async def amend(app: AppContext, context: RequestContext) -> Response:
    """Put the draft in force as a new version of the locked rules. Raises Problem."""
    sent = await read_form(context.request)
    body = {"reason": sent.get("reason", "").strip(), "replaces": sent.get("replaces", "")}
    return await _send_draft(app, context, "amend_rules", body, sent, error_at="reason", done="amended")


async def replace_rules(app: AppContext, context: RequestContext) -> Response:
    """Put the draft in the place of rules that are not locked, with the hash that the page showed. Raises Problem."""
    sent = await read_form(context.request)
    names = ("rule_hash", "replaces")
    body = {"reason": sent.get("reason", "").strip(), **{name: sent.get(name, "") for name in names}}
    return await _send_draft(app, context, "replace_rules", body, sent, error_at="reason", done="replaced")


async def use_look(app: AppContext, context: RequestContext) -> Response:
    """Let pages look, and letters read, as the draft says. Raises Problem."""
    sent = await read_form(context.request)
    return await _send_draft(app, context, "set_page_theme", {"files": {}}, sent, error_at="look", done="looked")


async def _send_draft(
    app: AppContext,
    context: RequestContext,
    method: str,
    body: Mapping[str, Any],
    sent: Mapping[str, str],
    *,
    error_at: str,
    done: str,
) -> Response:
    """Send the draft that the page showed to a method of moderation; show the page again if it is refused."""
    draft = await desk_place(app, context).call("moderation", "campaign_draft", {})
    command = {"file": draft["text"], **body}
    desk_forms.begin_command(app, context, sent, done, command)
    try:
        if sent.get("revision") != str(draft["revision"]):
            raise Problem("draft-differs")
        await call_service(app, context, "moderation", method, command)
    except Problem as problem:
        return await _refused(app, context, problem, error_at, sent)
    return redirect(f"{ROOT}?step={CHECK}&did={done}")


async def _refused(
    app: AppContext, context: RequestContext, problem: Problem, field: str, sent: Mapping[str, str]
) -> Response:
    place = desk_place(app, context)
    context.command = ""
    draft = await place.call("moderation", "campaign_draft", {})
    words = " ".join(field_errors(problem, context.lang, zone=context.zone).values())
    response = await form_page(context, place, draft, step=CHECK, errors={field: words}, sent=sent)
    response.status_code = problem.status
    return response


def file_response(text: str, name: str) -> Response:
    """Return the text of the draft as a file to be stored."""
    headers = {
        "Cache-Control": responses.PRIVATE,
        "Content-Disposition": f'attachment; filename="{name}.toml"',
        **responses.SAFE,
    }
    return Response(text, media_type="application/toml", headers=headers)


async def download(app: AppContext, context: RequestContext) -> Response:
    """Return the draft as a file. Raises Problem."""
    draft = await desk_place(app, context).call("moderation", "campaign_draft", {})
    return file_response(draft["text"], "campaign")


ROUTES = (
    Route(
        method="GET",
        path=ROOT,
        base="",
        roles=frozenset({ORGANISER}),
        about="Form of the campaign file, with the check and the rules in words",
        raw=page(organiser_form),
    ),
    Route(
        method="POST",
        path=ROOT,
        base="",
        roles=frozenset({ORGANISER}),
        about="Save a step of the campaign file's draft by form",
        raw=page(send_organiser_form),
    ),
    Route(
        method="GET",
        path=f"{ROOT}/file",
        base="",
        roles=frozenset({ORGANISER}),
        about="Get the draft of the campaign file",
        raw=page(download),
    ),
    Route(
        method="GET",
        path=f"{ROOT}/notice",
        base="",
        roles=frozenset({ORGANISER}),
        about="Page on which the text of a notice is read into the draft",
        raw=page(organiser_notice),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/notice",
        base="",
        roles=frozenset({ORGANISER}),
        about="Read the text of a notice, or put confirmed findings into the draft, by form",
        raw=page(send_organiser_notice),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/picture",
        base="",
        roles=frozenset({ORGANISER}),
        about="Put a logo or a banner into the draft by form",
        raw=page(organiser_picture),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/lock",
        base="",
        roles=frozenset({ORGANISER}),
        about="Lock the rules by form",
        raw=page(lock),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/replace",
        base="",
        roles=frozenset({ORGANISER}),
        about="Put the draft in the place of rules that are not locked, by form",
        raw=page(replace_rules),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/look",
        base="",
        roles=frozenset({ORGANISER}),
        about="Let pages and letters follow the draft, by form",
        raw=page(use_look),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/amend",
        base="",
        roles=frozenset({ORGANISER}),
        about="Put the draft in force as a new version of the locked rules, by form",
        raw=page(amend),
    ),
)
