"""The form of a unit's entry: as a plain form that is saved by its button, and with what its scripts need.

Promises: what was typed is never lost. A change that would overwrite somebody else's is not stored, and both versions
are shown to choose from. A draft is stored even if it could not be handed in.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page, say_in, unit_page
from gateway.html.texts_unit import UNIT_WORDS
from gateway.http.forms import read_form
from gateway.http.limits import DRAFT_BYTES
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import API, UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.units import draft_form, entry_progress, own_entry
from gateway.units.own_entry import OwnEntry

UNITS = frozenset({UNIT})
PATH = "/unit/entries/{entry}"
MANAGED = "/unit/managed/{unit}"
KINDS = ("picture", "video", "audio")
MOST_FIELDS = 1_000
MIB = 1024 * 1024
#: Texts that the scripts show, by the part of their key after `unit.`.
SCRIPT_TEXTS = ("count", "file", "is-", "leave", "conflict", "expired", "h5", "paste", "ai.")
#: Pictures and films that a person has chosen are shown before they are sent.
LOCAL_FILES = "img-src 'self' blob:; media-src 'self' blob:"


async def form(app: AppContext, context: RequestContext) -> Response:
    """Return the form of an entry; `new` is the one that the unit works on. Raises Problem."""
    own = await own_entry.load(app, context)
    if own.due is None:  # it cannot be handed in again: its page says what became of it
        return pages.redirect("/unit")
    return await _form_page(app, context, own)


async def send_form(app: AppContext, context: RequestContext) -> Response:
    """Store what was changed in the form, then lead to the step that was asked for.

    If somebody else changed the same fields meanwhile, the rest is stored and both versions of these are shown.
    """
    sent = await read_form(context.request, limit=2 * DRAFT_BYTES, most_fields=MOST_FIELDS)
    own = await own_entry.load(app, context)
    values = draft_form.values_of(own.draft)
    chosen, missing = draft_form.choices(sent)
    if sent.get("entry", own.name) != own.name:  # another unit has signed in meanwhile, or the entry was withdrawn
        names = {"sent": sent["entry"], "entry": own.name}
        typed = chosen or draft_form.changes(sent, values)
        errors = {"": say_in(context.lang, "unit.form.other-entry", **names)}
        return await _form_page(app, context, own, typed=typed, errors=errors, status=409, written_for=sent["entry"])
    if missing:
        return _conflict_page(context, own, _conflicts_again(own, sent), is_missing=True)
    changed = chosen or draft_form.changes(sent, values)
    conflicts: list[draft_form.Conflict] = []
    try:
        if changed:
            conflicts = await _store(app, context, own, changed, revision=_whole(sent.get("revision", "")))
    except Problem as problem:
        errors = pages.field_errors(problem, context.lang, zone=context.zone)
        return await _form_page(app, context, own, typed=changed, errors=errors, status=problem.status)
    if conflicts:
        return _conflict_page(context, await own_entry.load(app, context), conflicts)
    steps = {"preview": "/preview", "check": "/hand-in"}
    return pages.redirect(own.place.path + steps.get(sent.get("do", ""), ""))


async def _store(
    app: AppContext, context: RequestContext, own: OwnEntry, changed: Mapping[str, Any], *, revision: int
) -> list[draft_form.Conflict]:
    """Store changed fields, and return those that somebody else changed meanwhile, which are not stored."""
    change = {**own.place.body, "revision": revision, "fields": dict(changed), "device": "", "sequence": 0}
    try:
        await call_service(app, context, "submission", "change_draft", change)
    except Problem as problem:
        if problem.code != "draft-changed":
            raise
        conflicts = draft_form.conflicts(problem.facts)
        rest = {name: value for name, value in changed.items() if name not in {each.name for each in conflicts}}
        if rest:
            await call_service(app, context, "submission", "change_draft", {**change, "fields": rest})
        return conflicts
    return []


def _conflicts_again(own: OwnEntry, sent: Mapping[str, str]) -> list[draft_form.Conflict]:
    """Return the conflicts that a form shows again because nothing was chosen for some of them."""
    stored = own.draft["fields"]
    return [
        draft_form.Conflict(name, draft_form.unpacked(sent[f"mine.{name}"]), each.get("value"), each.get("at"))
        for name in [each.removeprefix("mine.") for each in sent if each.startswith("mine.")]
        for each in [stored.get(name, {})]
    ]


def _conflict_page(
    context: RequestContext, own: OwnEntry, conflicts: list[draft_form.Conflict], *, is_missing: bool = False
) -> Response:
    names = own_entry.labels(context.lang)
    return unit_page(
        context,
        "units/conflict.html",
        path=own.place.path,
        status=409,
        own=own,
        revision=own.draft["revision"],
        is_missing=is_missing,
        conflicts=[
            {
                "name": each.name,
                "label": names[entry_progress.field_of(each.name)],
                "mine": _value_text(each.mine, context.lang),
                "theirs": _value_text(each.theirs, context.lang),
                "packed_mine": draft_form.packed(each.mine),
                "packed_theirs": draft_form.packed(each.theirs),
                "at": each.at,
                "may_keep_both": entry_progress.field_of(each.name) in ("profile", "text", "themes", "files")
                and "." not in each.name,
            }
            for each in conflicts
        ],
    )


def _value_text(value: Any, lang: str) -> str:
    """Return a value of a field as text, for both versions of a conflict."""
    if not value:
        return say_in(lang, "unit.conflict.empty")
    if isinstance(value, list):
        return "\n".join(each if isinstance(each, str) else each.get("name") or each["sha256"][:8] for each in value)
    return str(value)


async def _form_page(
    app: AppContext,
    context: RequestContext,
    own: OwnEntry,
    *,
    typed: Mapping[str, Any] = {},
    errors: Mapping[str, str] = {},
    status: int = 200,
    written_for: str = "",
) -> Response:
    """Return the form with the values of the draft, or with those that were typed and could not be stored."""
    rule = await call_service(app, context, "submission", "entry_rule", {})
    stored, limits = draft_form.values_of(own.draft), rule["limits"]
    values = {**stored, **typed}
    facts = own.draft["files"]
    files = [{**facts.get(each["sha256"], {}), **each} for each in values["files"]]
    for each in files:
        each.setdefault("kind", "picture")
        each["name"] = each.get("name") or each["sha256"][:8]
    captions = {name.removeprefix("caption."): value for name, value in values.items() if name.startswith("caption.")}
    remarks = own_entry.returned_remarks(own, context.lang)
    response = unit_page(
        context,
        "units/form.html",
        path=own.place.path,
        status=status,
        own=own,
        progress=own.progress,
        due=own.due,
        version=own.draft["version"],
        revision=own.draft["revision"],
        written_for=written_for or own.name,
        saved_at=own.draft["at"] or None,
        values=values,
        marks=draft_form.marks({name: stored.get(name) for name in _form_fields(values)}),
        files=files,
        captions=captions,
        ai={name.removeprefix("ai."): value for name, value in values.items() if name.startswith("ai.")},
        rule=rule,
        themes={each["code"]: each[context.lang] for each in rule["themes"]},
        labels=own_entry.labels(context.lang),
        errors=errors,
        returned={"remarks": remarks} if remarks else None,
        remarks={name: [each for each in remarks if each["field"] == name] for name in own_entry.labels("zh")},
        key=context.id,
        counters=_counters(values, files, limits, context.lang),
        hints=_hints(rule, context.lang),
        accepts=_accepts(rule),
        config=_config(context, own, rule, facts),
    )
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = "; ".join(
        [*(each for each in policy.split("; ") if not each.startswith(("img-src", "media-src"))), LOCAL_FILES]
    )
    return response


def _form_fields(values: Mapping[str, Any]) -> list[str]:
    files = [each["sha256"] for each in values["files"]]
    per_file = [f"{kind}.{sha256}" for sha256 in files for kind in ("caption", "ai", "subtitles")]
    return [*draft_form.TEXTS, "themes", "files", *per_file, *(f"ai.{part}" for part in draft_form.TEXTS)]


def _counters(
    values: Mapping[str, Any], files: list[dict[str, Any]], limits: Mapping[str, Any], lang: str
) -> dict[str, str]:
    """Return the counters that the page shows before its script counts: of pictures and films, and room for texts."""
    kinds = {kind: sum(each["kind"] == kind for each in files) for kind in KINDS}
    found = {name: _text_counter(values[name], limits[f"{name}_max"], lang) for name in ("title", "profile", "text")}
    found["picture"] = say_in(lang, "unit.file.count", items=kinds["picture"], most=limits["pictures_max"])
    for kind in ("video", "audio"):
        found[kind] = say_in(lang, "unit.file.count-films", items=kinds[kind]) if kinds[kind] else ""
    return found


def _text_counter(text: str, most: int | None, lang: str) -> str:
    if most is None:
        return ""
    return say_in(lang, "unit.count", counted="…" if text else "0", most=f"{most:,}")


def _hints(rule: Mapping[str, Any], lang: str) -> dict[str, str]:
    limits = rule["limits"]

    def size(kind: str) -> str:
        return f"{limits[f'{kind}_max_bytes'] // MIB} MB"

    def forms(kind: str) -> str:
        return " · ".join(each.upper() for each in rule["containers"][kind])

    least, most = limits["pictures_min"], limits["pictures_max"]
    minutes = f"{limits['video_max_s'] / 60:g}"
    return {
        "picture": say_in(lang, "unit.field.picture.hint", least=least, most=most, size=size("picture")),
        "video": say_in(lang, "unit.field.video.hint", minutes=minutes, size=size("video"), forms=forms("video")),
        "audio": say_in(lang, "unit.field.audio.hint", size=size("audio"), forms=forms("audio")),
    }


def _accepts(rule: Mapping[str, Any]) -> dict[str, str]:
    """Return which files the browser offers for each kind; what it lets through is checked in any case."""
    films = {kind: ",".join(f".{each}" for each in rule["containers"][kind]) for kind in ("video", "audio")}
    return {
        "picture": "image/*,.heic,.heif,.avif",
        "video": f"video/*,{films['video']}",
        "audio": f"audio/*,{films['audio']}",
    }


def _config(
    context: RequestContext,
    own: OwnEntry,
    rule: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what the form's scripts need: the draft, limits, addresses, and texts."""
    at = ("zh", "en").index(context.lang)
    words = {
        key.removeprefix("unit."): texts[at]
        for key, texts in UNIT_WORDS.items()
        if key.removeprefix("unit.").startswith(SCRIPT_TEXTS)
    }
    labels = {f"field.{name}": label for name, label in own_entry.labels(context.lang).items() if name}
    return {
        "unit": context.actor,
        "entry": own.place.managed or own.name,
        "draft": {"revision": own.draft["revision"], "fields": own.draft["fields"]},
        "limits": rule["limits"],
        "facts": facts,
        "themes": {each["code"]: each[context.lang] for each in rule["themes"]},
        "zone": context.zone,
        "lang": context.lang,
        "rule": rule["text"],
        "url": own.api,
        "uploads": f"{API}/uploads",
        "preparation": f"{API}/files/{{sha256}}/preparation",
        "links": f"{API}/my/links/preview",
        "pasted": f"{API}/my/pasted-texts",
        "preview": f"{own.place.path}/preview",
        "check": f"{own.place.path}/hand-in",
        "words": {
            **words,
            **labels,
            "file.thumb": "/media/{sha256}/480.webp",
            "h5.address": "/media/{sha256}/poster-480.webp",
        },
    }


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


ROUTES = tuple(
    Route(method=method, path=path, base="", roles=UNITS, about=about + whose, raw=page(handle))
    for path, whose in ((PATH, "; `new` is the one that the unit works on"), (MANAGED, " for which the caller types"))
    for method, about, handle in (
        ("GET", "Form of a unit's entry", form),
        ("POST", "Store the draft of a unit's entry by the plain form", send_form),
    )
)
