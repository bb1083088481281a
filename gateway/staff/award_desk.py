"""The pages of certificates and of the exhibition.

Promises: certificates are issued only after every name on them was found to be printable; a certificate is revoked, and
an entry taken down, only by a page that asks once more. The lists are ranking's and the public view's.
"""

from collections.abc import Sequence

from gateway.html import page as pages
from gateway.http import request_schemas
from gateway.http.reference_numbers import format_number, parse_number
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.service_calls import LONG_S, call_service
from gateway.staff.organiser_forms import Action, DeskPage, Effect, Sent, Values, entry_id, entry_names, routes
from gateway.staff.result_desk import named

SHOWN = 300


async def load_certificates(app: AppContext, context: RequestContext) -> Values:
    """Return the certificates that were issued, and how many winners have none. Raises Problem."""
    listed = await call_service(app, context, "ranking", "certificates", {}, deadline_s=LONG_S)
    awaited = await call_service(app, context, "ranking", "awaited_final", {}, deadline_s=LONG_S)
    rows = [{**each, "shown": format_number(each["certificate"])} for each in listed["certificates"]]
    return {
        "certificates": rows[:SHOWN],
        "count": len(rows),
        "valid": listed["valid"],
        "without": listed["without"],
        "is_final": bool(awaited.get("final_at")),
        "names": entry_names(app),
    }


async def _printable(app: AppContext, context: RequestContext, body: Values) -> None:
    due = await call_service(app, context, "ranking", "certificates_due", body, deadline_s=LONG_S)
    await app.printer.refuse_unprintable(due["certificates"])


async def _what_is_issued(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    due = await call_service(app, context, "ranking", "certificates_due", body, deadline_s=LONG_S)
    await app.printer.refuse_unprintable(due["certificates"])
    return [(pages.say_in(context.lang, "org.certificates.due"), str(len(due["certificates"])))]


async def _what_is_revoked(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    found = await call_service(app, context, "ranking", "certificate", {"certificate": body["certificate"]})
    return [
        (pages.say_in(context.lang, "org.certificate"), format_number(found["certificate"])),
        (pages.say_in(context.lang, "org.entry"), f"{found['title']} · {found['unit']}"),
        (pages.say_in(context.lang, "org.reason"), body["reason"]),
    ]


def _number(_app: AppContext, sent: Sent) -> Values:
    number = parse_number(sent.get("certificate", ""), unknown="certificate-unknown", field="certificate")
    return {"certificate": number}


def _reason(sent: Sent, _zone: str) -> Values:
    return {"reason": sent.get("reason", "").strip()}


CERTIFICATES = DeskPage(
    "certificates",
    load_certificates,
    {
        "issue": Action(
            "ranking",
            "issue_certificates",
            request_schemas.Issue,
            lambda _sent, _zone: {},
            asks=True,
            effects=_what_is_issued,
            before=_printable,
        ),
        "revoke": Action(
            "ranking",
            "revoke_certificate",
            request_schemas.Revocation,
            _reason,
            named=_number,
            asks=True,
            effects=_what_is_revoked,
            proves=True,
        ),
    },
    about="the certificates",
)


async def load_exhibition(app: AppContext, context: RequestContext) -> Values:
    """Return what is exhibited, and what is published. Raises Problem."""
    result = await call_service(app, context, "ranking", "result", {}, deadline_s=LONG_S)
    exhibition = app.views.data("exhibition")
    return {
        "result": result,
        "exhibition": exhibition,
        "is_open": bool(exhibition.get("open")),
        "names": entry_names(app),
        "types": pages.names_of(app, "unit_types", context.lang),
        "winners": len(result.get("winners") or ()),
    }


async def _what_is_shown(app: AppContext, context: RequestContext, _body: Values) -> Sequence[Effect]:
    result = await call_service(app, context, "ranking", "result", {}, deadline_s=LONG_S)
    return [(pages.say_in(context.lang, "org.winners"), str(len(result.get("winners") or ())))]


async def _what_is_taken_down(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    return [
        (pages.say_in(context.lang, "org.entry"), named(entry_names(app), body["entry"])),
        (pages.say_in(context.lang, "org.reason"), body["reason"]),
    ]


EXHIBITION = DeskPage(
    "exhibition",
    load_exhibition,
    {
        "open": Action(
            "ranking",
            "open_exhibition",
            request_schemas.Nothing,
            lambda _sent, _zone: {},
            asks=True,
            effects=_what_is_shown,
        ),
        "take-down": Action(
            "ranking",
            "take_down",
            request_schemas.TakeDown,
            _reason,
            named=lambda app, sent: {"entry": entry_id(app, sent)},
            asks=True,
            effects=_what_is_taken_down,
        ),
    },
    about="the exhibition",
)
ROUTES = (*routes(CERTIFICATES), *routes(EXHIBITION))
