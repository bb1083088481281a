"""Certificates by number: whether one is valid now, its paper, and what organisers do with them.

Promises: the page and the JSON say the present status, as ranking folds it from the log; nothing but a valid
certificate is printed. Does not promise that a paper in somebody's hand is genuine: compare it with the page.
"""

from typing import Any

from starlette.responses import Response

from gateway.certificates.bundle import bundled
from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import reference_numbers, request_schemas, responses
from gateway.http import response_schemas as told
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import (
    ANYONE,
    AUDITOR,
    OPERATOR,
    ORGANISER,
    RequestContext,
    Route,
)
from gateway.routing.service_calls import LONG_S, ask_service, forward

VALID = "valid"


async def look_up(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a page's signature
    """The form to check a number; with one in the address, on to it."""
    said = context.request.query_params.get("number")
    if said is not None:
        return pages.sent_on(f"/certificates/{_read(said)}")
    body = pages.render("public/certificates.html", context, path="/certificates")
    return pages.shown(context, body)


async def status_page(app: AppContext, context: RequestContext) -> Response:
    found = await _found(app, context)
    number = found["certificate"]
    body = pages.render(
        "public/certificate.html",
        context,
        path=f"/certificates/{number}",
        certificate=found,
        shown=reference_numbers.grouped(number),
        is_valid=found["status"] == VALID,
    )
    return pages.shown(context, body)


async def printed(app: AppContext, context: RequestContext) -> Response:
    """The paper of a valid certificate."""
    found = await _found(app, context)
    if found["status"] != VALID:
        raise Problem("certificate-revoked")
    made = await app.printer.pdf(found, _address(app, context, found["certificate"]))
    headers = {
        "Content-Disposition": f'inline; filename="{found["certificate"]}.pdf"',
        "Cache-Control": "no-cache",
        **responses.SAFE,
    }
    return Response(made, media_type="application/pdf", headers=headers)


async def all_printed(app: AppContext, context: RequestContext) -> Response:
    """Every valid paper in one file."""
    listed = await ask_service(app, context, "ranking", "certificates", {}, deadline_s=LONG_S)
    valid = [each for each in listed["certificates"] if each["status"] == VALID]
    papers = [(each, await app.printer.pdf(each, _address(app, context, each["certificate"]))) for each in valid]
    headers = {
        "Content-Disposition": 'attachment; filename="certificates.zip"',
        "Cache-Control": responses.PRIVATE,
        **responses.SAFE,
    }
    return Response(bundled(papers), media_type="application/zip", headers=headers)


async def _found(app: AppContext, context: RequestContext) -> dict[str, Any]:
    app.shedding.refuse(Shed.SEARCH)
    asked = {"certificate": _read(context.path["certificate"])}
    return await ask_service(app, context, "ranking", "certificate", asked)


def _address(app: AppContext, context: RequestContext, number: str) -> str:
    return f"{public_urls.base(app, context.request)}/certificates/{number}"


def _read(number: str) -> str:
    """A number as people type it. Raises Problem."""
    return reference_numbers.plain(number, unknown="certificate-unknown", field="certificate")


ORGANISERS = frozenset({ORGANISER})
WATCHING = ORGANISERS | {AUDITOR, OPERATOR}
ROUTES = (
    Route(
        method="GET",
        path="/certificates",
        roles=WATCHING,
        about="All certificates, and how many winners have none that is valid",
        handle=forward("ranking", "certificates"),
        answer=told.Certificates,
    ),
    Route(
        method="POST",
        path="/certificates",
        roles=ORGANISERS,
        about="Issue certificates of the final result: to all winners that have none, or to those named",
        handle=forward("ranking", "issue_certificates", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Issue,
        answer=told.Issued,
        problems=("result-not-final", "result-outdated", "entry-not-winner", "not-an-organiser"),
    ),
    Route(
        method="GET",
        path="/certificates.zip",
        answer_type="application/zip",
        roles=ORGANISERS,
        about="Every valid certificate as PDF, and a table of them",
        handle=all_printed,
        problems=("fonts-missing", "busy"),
    ),
    Route(
        method="GET",
        path="/certificates/{certificate}",
        roles=ANYONE,
        about="Whether a certificate is valid now, by its number",
        handle=forward("ranking", "certificate"),
        answer=told.Certificate,
        problems=("certificate-unknown", "shed"),
        shed=Shed.SEARCH,
    ),
    Route(
        method="POST",
        path="/certificates/{certificate}/revocation",
        roles=ORGANISERS,
        about="Revoke a certificate, for a reason that whoever checks it reads",
        handle=forward("ranking", "revoke_certificate"),
        command=True,
        body=request_schemas.Revocation,
        answer=told.CertificateDone,
        problems=("certificate-unknown", "reason-missing", "not-an-organiser"),
    ),
    Route(method="GET", path="/certificates", base="", roles=ANYONE, about="Check a certificate", raw=page(look_up)),
    Route(
        method="GET",
        path="/certificates/{certificate}.pdf",
        base="",
        roles=ANYONE,
        about="A valid certificate as PDF",
        raw=page(printed),
        problems=("certificate-unknown", "certificate-revoked", "fonts-missing", "busy", "shed"),
    ),
    Route(
        method="GET",
        path="/certificates/{certificate}",
        base="",
        roles=ANYONE,
        about="Whether a certificate is valid now",
        raw=page(status_page),
    ),
)
