"""The pages of the result: rehearsal, proposal, signatures, release and publication; and disqualification.

Promises: the page shows what would be proposed now with everything in its way, and what is proposed with its difference
from the proposal before; a signature names the number and the digest that the page showed. Who would move up stands on
the page before an entry is disqualified.
"""

import asyncio
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gateway.html import page as pages
from gateway.http import problems, request_schemas
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.service_calls import LONG_S, call_service
from gateway.staff import desk_forms
from gateway.staff.organiser_forms import Action, DeskPage, Effect, Sent, Values, entry_id, entry_names, routes
from shared.decimals import two_decimals
from shared.zones import to_the_minute

NEEDED = 2  # signatures; ranking decides
CHANGES = ("came", "went", "moved")
WHY = ("disqualified", "not-ranked", "outranked", "score-changed", "others-moved", "newly-ranked", "seat-won")


async def load_result(app: AppContext, context: RequestContext) -> Values:
    """Return what the page of the result shows. Raises Problem."""
    rehearsal, result = await asyncio.gather(
        call_service(app, context, "ranking", "rehearse_result", {}, deadline_s=LONG_S),
        call_service(app, context, "ranking", "result", {}, deadline_s=LONG_S),
    )
    names, signatures = entry_names(app), tuple(result.get("standing_signatures") or ())
    return {
        "rehearsal": rehearsal,
        "obstacles": texts_of(rehearsal["obstacles"], context),
        "result": result,
        "names": names,
        "types": pages.names_of(app, "unit_types", context.lang),
        "winners": [shown_row(each) for each in rehearsal["winners"]],
        "changes": shown_changes(result.get("changes") or ()),
        "coming": shown_changes(rehearsal["changes"]),
        "signatures": signatures,
        "needed": NEEDED,
        "has_signed": context.actor in signatures,
        "is_signed": len(signatures) >= NEEDED,
        "awaits_publication": bool(result["proposal"]) and not result["published"],
    }


def texts_of(obstacles: Sequence[Mapping[str, Any]], context: RequestContext) -> list[dict[str, Any]]:
    """Return obstacles with what they mean in the reader's language."""
    found: list[dict[str, Any]] = []
    for each in obstacles:
        problem = Problem(each["code"], facts=each["detail"])
        text = problems.document(problem, lang=context.lang, request="", zone=context.zone)
        found.append({**each, "title": text["title"], "text": text["detail"]})
    return found


def shown_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a ranking with its score as people read it."""
    return {**row, "score": score(row["final"])}


def score(exact: str) -> str:
    """Return an exact score, a fraction, rounded to two decimals as it is published."""
    return two_decimals(round(Fraction(exact) * 100))


def shown_changes(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return changes of winners with their scores as people read them."""
    found = []
    for each in changes:
        sides = {side: each.get(side) and {**each[side], "score": score(each[side]["final"])} for side in SIDES}
        found.append({**each, **sides})
    return found


SIDES = ("before", "after")


def _signature(sent: Sent, _zone: str) -> Values:
    return {"proposal": sent.get("proposal", ""), "digest": sent.get("digest", "")}


def _proposal(sent: Sent, _zone: str) -> Values:
    return {"proposal": sent.get("proposal", "")}


def _release(sent: Sent, zone: str) -> Values:
    return {**_proposal(sent, zone), "at": desk_forms.instant(sent.get("at", ""), zone)}


async def _what_is_signed(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    """Return what a signature or the publication is about, as ranking holds it now."""
    result = await call_service(app, context, "ranking", "result", {}, deadline_s=LONG_S)
    say = context.lang
    found = [
        (pages.say_in(say, "org.proposal"), body["proposal"]),
        (pages.say_in(say, "org.winners"), str(len(result.get("winners") or ()))),
        (pages.say_in(say, "digest"), str(result.get("digest") or "")),
        (
            pages.say_in(say, "org.signed-by"),
            ", ".join(map(app.roster.name_of, result.get("standing_signatures") or ())) or "–",
        ),
    ]
    kinds = [each["kind"] for each in result.get("changes") or ()]
    if kinds:
        counts = {kind: kinds.count(kind) for kind in CHANGES}
        found.append((pages.say_in(say, "org.changes"), pages.say_in(say, "org.changes.count", **counts)))
    return found


async def _when_released(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    at = pages.say_in(context.lang, "org.release.at"), to_the_minute(body["at"], context.zone)
    return [*await _what_is_signed(app, context, body), at]


RESULT = DeskPage(
    "result",
    load_result,
    {
        "propose": Action("ranking", "propose_result", request_schemas.Nothing, lambda _sent, _zone: {}),
        "sign": Action(
            "ranking",
            "sign_result",
            request_schemas.Signature,
            _signature,
            asks=True,
            effects=_what_is_signed,
            proves=True,
        ),
        "release": Action(
            "ranking",
            "schedule_release",
            request_schemas.Release,
            _release,
            asks=True,
            effects=_when_released,
            proves=True,
        ),
        "cancel": Action(
            "ranking",
            "schedule_release",
            request_schemas.Release,
            lambda sent, zone: {**_proposal(sent, zone), "at": None},
        ),
        "publish": Action(
            "ranking",
            "publish_result",
            request_schemas.Publication,
            _proposal,
            asks=True,
            effects=_what_is_signed,
            proves=True,
        ),
    },
    about="the result: rehearsal, proposal, signatures, release and publication",
)


# Disqualification


async def load_disqualification(app: AppContext, context: RequestContext) -> Values:
    """Return what the page shows of the entry that the address names, and which proposals wait for a second person.

    Raises Problem, but not for an entry that nobody knows, which the page itself says.
    """
    typed = context.request.query_params.get("entry", "").strip()
    waiting = await call_service(app, context, "moderation", "work", {"kind": "disqualification", "limit": 200})
    values: Values = {
        "waiting": waiting["items"],
        "names": entry_names(app),
        "wanted": typed,
        "entry": None,
        "record": None,
        "effect": None,
        "not_found": "",
        "types": pages.names_of(app, "unit_types", context.lang),
    }
    if not typed:
        return values
    waiting_entries = {each["entry"] for each in waiting["items"]}
    try:
        entry = typed if typed in waiting_entries else entry_id(app, {"entry": typed})
        record = await call_service(app, context, "moderation", "desk", {"entry": entry})
    except Problem as problem:
        if problem.status >= 500:
            raise
        text = problems.document(problem, lang=context.lang, request="", zone=context.zone)
        return {**values, "not_found": text["title"]}
    return {**values, "entry": entry, "record": record, "effect": await effect_of(app, context, entry)}


async def effect_of(app: AppContext, context: RequestContext, entry: str) -> dict[str, Any] | None:
    """Return who would enter, leave or move if an entry were disqualified now, or None while nothing is ranked."""
    try:
        seen = await call_service(app, context, "ranking", "result_without", {"entry": entry}, deadline_s=LONG_S)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return None
    return {"changes": shown_changes(seen["changes"]), "obstacles": texts_of(seen["obstacles"], context)}


def _order(sent: Sent, _zone: str) -> Values:
    evidence = sent.get("evidence", "").strip().lower()
    body: Values = {"reason": sent.get("reason", "").strip(), "words": desk_forms.text_of(sent, "words")}
    return {**body, **({"evidence": evidence} if evidence else {})}


async def _who_moves(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    names, lang = entry_names(app), context.lang
    found = [(pages.say_in(lang, "org.entry"), named(names, body["entry"]))]
    if body.get("reason"):
        found.append((pages.say_in(lang, "org.reason"), body["reason"]))
    effect = await effect_of(app, context, body["entry"])
    if effect is None:
        return [*found, (pages.say_in(lang, "org.effect"), pages.say_in(lang, "org.effect.none"))]
    for each in effect["changes"]:
        if each["kind"] in ("came", "went"):
            found.append((pages.say_in(lang, f"org.change.{each['kind']}"), named(names, each["entry"])))
    return found


def named(names: Mapping[str, Mapping[str, str]], entry: str) -> str:
    """Return number, title and unit of an entry, or its id where the public does not see it."""
    known = names.get(entry)
    return entry if known is None else " · ".join(each for each in known.values() if each)


def _opinion(sent: Sent, _zone: str) -> Values:
    return {"agrees": sent.get("do") == "confirm", "words": desk_forms.text_of(sent, "words")}


def _named_entry(app: AppContext, sent: Sent) -> Values:  # noqa: ARG001 -- an action's signature
    """Return the entry as the page found it: the form holds its id, which moderation checks."""
    return {"entry": sent.get("entry", "")}


DISQUALIFICATION = DeskPage(
    "disqualification",
    load_disqualification,
    {
        "order": Action(
            "moderation",
            "disqualify",
            request_schemas.Disqualification,
            _order,
            named=_named_entry,
            asks=True,
            effects=_who_moves,
            proves=True,
        ),
        "confirm": Action(
            "moderation",
            "confirm_disqualification",
            request_schemas.Opinion,
            _opinion,
            named=_named_entry,
            asks=True,
            effects=_who_moves,
            proves=True,
        ),
        "decline": Action(
            "moderation",
            "confirm_disqualification",
            request_schemas.Opinion,
            _opinion,
            named=_named_entry,
            proves=True,
        ),
    },
    readers=frozenset({"organiser"}),
    about="disqualification, with who moves up",
)
ROUTES = (*routes(RESULT), *routes(DISQUALIFICATION))
