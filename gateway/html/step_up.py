"""Forms that ask again for the password or a code: the secret that such a form brings, and the form without it.

The page that asks sends the form that waited once more, to where it was sent, with one field more. So one press goes
on, and nothing that was typed is lost. Promises: the handler of the page never sees the secret, and a form is handled
only once the proof holds.
"""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from gateway.backends.step_up import set_proof_cookie
from gateway.html.sign_in import WAITING_FORM_BYTES, WaitingForm
from gateway.http import forms, limits
from gateway.http.problems import Problem
from gateway.routing import security_events
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.step_up import needed_of, prove, step_up_needed

FIELD = "step-up-secret"


class ProofAsked(Problem):
    """The problem of a form that needs a proof. `form` is the form, `needs` what proves, `wrong` what was wrong."""

    def __init__(self, form: WaitingForm, needs: str, wrong: Problem | None = None) -> None:
        super().__init__((wrong or step_up_needed(needs)).code)
        self.form, self.needs, self.wrong = form, needs, wrong


@dataclass(frozen=True, slots=True)
class NewProof:
    """A proof that a form has brought, for a cookie of the browser."""

    text: str

    def set_cookie(self, request: Request, response: Response) -> None:
        """Put the proof into the browser, so that forms of the next minutes need none."""
        set_proof_cookie(response, request, self.text)


async def require_form_proof(app: AppContext, context: RequestContext, path: str) -> NewProof | None:
    """Let a form through if its session is proved anew; return the proof if the form itself has brought one.

    `path` is where the form was sent. The request of `context` is without the secret then. Raise ProofAsked, or another
    Problem.
    """
    route, session, request = context.route, context.session, context.request
    assert session is not None  # a route that asks for a proof is for staff
    form = await _take_form(request, path)
    secret = "".join(value for name, value in form.fields if name == FIELD)
    form = replace(form, fields=tuple((name, value) for name, value in form.fields if name != FIELD))
    if is_form(request):
        context.request = _with_body(request, urlencode(form.fields).encode())
    if route.step_up_if is not None and not route.step_up_if(dict(form.fields)):
        return None
    if app.step_up.is_proved(session, dict(request.scope["headers"]), scheme=request.scope["scheme"]):
        return None
    needs = await needed_of(app, session.sub)
    if not secret:
        raise ProofAsked(form, needs)
    try:
        proved = await prove(app, context, {needs: secret})
    except Problem as problem:
        raise ProofAsked(form, needs, problem) from problem
    security_events.record_event(app, "stepped-up", context, {})
    return NewProof(proved["proof"])


def is_form(request: Request) -> bool:
    """Return whether the request has the body of a plain form, which can be sent once more."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == forms.TYPE


async def _take_form(request: Request, path: str) -> WaitingForm:
    if not is_form(request):  # a form with files stays unread: it is sent again by hand
        return WaitingForm(path, ())
    body = await limits.read_body(request, limit=WAITING_FORM_BYTES)
    form = WaitingForm.from_body(path, body)
    if form is None and body:
        raise Problem("text-broken")
    return form or WaitingForm(path, ())


def _with_body(request: Request, body: bytes) -> Request:
    """Return the request with another body. It can be read once, as any."""
    headers = [each for each in request.scope["headers"] if each[0] != b"content-length"]
    scope = {**request.scope, "headers": [*headers, (b"content-length", str(len(body)).encode())]}
    messages: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return Request(scope, receive)
