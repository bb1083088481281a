"""Certificates: check one by its number, print it as PDF, and issue or revoke it as an organiser.

Promises: the page and the JSON give the current status, as ranking folds it from the log. Only a valid certificate is
printed.
Does not promise that a printed certificate is genuine: compare it with the page.
"""

from typing import Any

from starlette.responses import Response

from gateway.certificates.bundle import zip_certificates
from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import list_pages, reference_numbers, request_schemas, response_schemas, responses
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
    codes,
)
from gateway.routing.service_calls import LONG_S, NUMBER_PROBLEMS, call_service, forward, forward_look_up, look_up

VALID = "valid"


async def check_page(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a page's signature
    """Return the page with the form to check a certificate; with a number in the query string, redirect to its page.

    Raises Problem if the number cannot be one of a certificate.
    """
    number = context.request.query_params.get("number")
    if number is not None:
        return pages.redirect(f"/certificates/{_parse_number(number)}")
    body = pages.render("public/certificates.html", context, path="/certificates")
    return pages.private_page(context, body)


async def status_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page with the facts and the current status of a certificate.

    Raises Problem if there is no such number.
    """
    found = await _look_up(app, context)
    number = found["certificate"]
    body = pages.render(
        "public/certificate.html",
        context,
        path=f"/certificates/{number}",
        certificate=found,
        shown=reference_numbers.format_number(number),
        is_valid=found["status"] == VALID,
    )
    return pages.private_page(context, body)


async def certificate_pdf(app: AppContext, context: RequestContext) -> Response:
    """Return a certificate as PDF. Raises Problem if it is unknown or revoked, or cannot be printed now."""
    found = await _look_up(app, context)
    if found["status"] != VALID:
        raise Problem("certificate-revoked")
    pdf = await app.printer.pdf(found, _address(app, context, found["certificate"]))
    headers = {
        "Content-Disposition": f'inline; filename="{found["certificate"]}.pdf"',
        "Cache-Control": "no-cache",
        **responses.SAFE,
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


async def certificates_archive(app: AppContext, context: RequestContext) -> Response:
    """Return the PDFs of all valid certificates in one ZIP archive. Raises Problem if they cannot be printed now."""
    listed = await call_service(app, context, "ranking", "certificates", {}, deadline_s=LONG_S)
    valid = [each for each in listed["certificates"] if each["status"] == VALID]
    await app.printer.refuse_unprintable(valid)
    papers = [(each, await app.printer.pdf(each, _address(app, context, each["certificate"]))) for each in valid]
    headers = {
        "Content-Disposition": 'attachment; filename="certificates.zip"',
        "Cache-Control": responses.PRIVATE,
        **responses.SAFE,
    }
    return Response(zip_certificates(papers), media_type="application/zip", headers=headers)


async def issue(app: AppContext, context: RequestContext) -> Response:
    """Issue certificates, once every text of those that are due can be printed. Raises Problem with the list of names.

    A name that changes between the check and the issue is caught when its certificate is printed.
    """
    due = await call_service(app, context, "ranking", "certificates_due", context.body, deadline_s=LONG_S)
    await app.printer.refuse_unprintable(due["certificates"])
    return await _issue(app, context)


async def printable_names(app: AppContext, context: RequestContext) -> Response:
    """Answer how many winners of the published result a certificate can name. Raises Problem with those it cannot."""
    named = await call_service(app, context, "ranking", "certificate_texts", {}, deadline_s=LONG_S)
    await app.printer.refuse_unprintable(named["certificates"])
    return responses.read(context.request, {"printable": len(named["certificates"])})


_issue = forward("ranking", "issue_certificates", deadline_s=LONG_S)


async def _look_up(app: AppContext, context: RequestContext) -> dict[str, Any]:
    app.shedding.refuse(Shed.SEARCH)
    body = {"certificate": _parse_number(context.path["certificate"])}
    return await look_up(app, context, "ranking", "certificate", body, number=True)


def _address(app: AppContext, context: RequestContext, number: str) -> str:
    return f"{public_urls.base(app, context.request)}/certificates/{number}"


def _parse_number(number: str) -> str:
    """Parse a certificate number as people type it. Raises Problem."""
    return reference_numbers.parse_number(number, unknown="certificate-unknown", field="certificate")


ORGANISERS = frozenset({ORGANISER})
OBSERVERS = ORGANISERS | {AUDITOR, OPERATOR}
ROUTES = (
    Route(
        method="GET",
        path="/certificates",
        roles=OBSERVERS,
        about="List all certificates, and count the winners without a valid one",
        handle=forward("ranking", "certificates", page=list_pages.CERTIFICATES),
        query=request_schemas.ListPage,
        answer=response_schemas.Certificates,
        problems=list_pages.PROBLEMS,
    ),
    Route(
        method="POST",
        path="/certificates",
        roles=ORGANISERS,
        about="Issue certificates of the final result to all winners without one, or to the given entries",
        handle=issue,
        command=True,
        body=request_schemas.Issue,
        answer=response_schemas.Issued,
        problems=codes(
            "result-not-final result-outdated entry-not-winner not-an-organiser certificate-unprintable fonts-missing "
            "busy"
        ),
    ),
    Route(
        method="GET",
        path="/certificates/names",
        roles=OBSERVERS,
        about="Check that every name of the published result can be printed; else list those that cannot, and why",
        handle=printable_names,
        answer=response_schemas.PrintableNames,
        problems=("result-not-published", "certificate-unprintable", "fonts-missing", "busy"),
    ),
    Route(
        method="GET",
        path="/certificates.zip",
        answer_type="application/zip",
        roles=ORGANISERS,
        about="Download every valid certificate as PDF, with a table of them",
        handle=certificates_archive,
        problems=("certificate-unprintable", "fonts-missing", "busy"),
    ),
    Route(
        method="GET",
        path="/certificates/{certificate}",
        roles=ANYONE,
        about="Get the current status of a certificate by its number",
        handle=forward_look_up("ranking", "certificate", number=True),
        answer=response_schemas.Certificate,
        problems=("certificate-unknown", "shed", *NUMBER_PROBLEMS),
        shed=Shed.SEARCH,
    ),
    Route(
        method="POST",
        path="/certificates/{certificate}/revocation",
        roles=ORGANISERS,
        step_up=True,
        about="Revoke a certificate; anyone who checks it can read the reason",
        handle=forward("ranking", "revoke_certificate"),
        command=True,
        body=request_schemas.Revocation,
        answer=response_schemas.CertificateDone,
        problems=("certificate-unknown", "reason-missing", "not-an-organiser"),
    ),
    Route(
        method="GET",
        path="/certificates",
        base="",
        roles=ANYONE,
        about="Form to check a certificate",
        raw=page(check_page),
    ),
    Route(
        method="GET",
        path="/certificates/{certificate}.pdf",
        base="",
        roles=ANYONE,
        about="Get a valid certificate as PDF",
        raw=page(certificate_pdf),
        problems=codes("certificate-unknown certificate-revoked certificate-unprintable fonts-missing busy shed"),
    ),
    Route(
        method="GET",
        path="/certificates/{certificate}",
        base="",
        roles=ANYONE,
        about="Current status of a certificate",
        raw=page(status_page),
    ),
)
