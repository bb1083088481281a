"""Contact forms for complaints, suggestions and objections: the form, the reference number, and the state page.

Promises: nobody needs an account, and the sender's identity is not stored, for the gateway calls the service in its own
name. The same form sent twice is filed once. Anyone with the reference number can see the state; only staff can read
what was written. A sender, which is a session, or a network without one, pays for all but the first letter with a proof
of work (`admission/letters.py`), and what others send refuses nobody. A form that comes without the work is shown
again with its texts; then the browser does the work and sends it.
Does not promise that somebody without scripts never has to wait for some minutes, nor that a form may name an entry
that is no longer shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from marshmallow import Schema, ValidationError
from starlette.responses import Response

from gateway.html import page
from gateway.http import reference_numbers, responses
from gateway.http.client_signals import network
from gateway.http.form_nonces import new_nonce, nonce_of
from gateway.http.forms import read_form
from gateway.http.problems import BODY, Problem
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.service_calls import call_as_gateway, look_up
from shared.names import is_visible
from shared.rpc import flatten_messages

FORM_BYTES = 32 * 1024  # 2,000 Chinese characters take 18 KB in a form


def _sender(context: RequestContext) -> str:
    """Return who sends a letter, as admission counts them: the session, or the network of a request without one."""
    return f"session {context.session.sub}" if context.session else f"network {network(context.request)}"


def _always(_app: AppContext, _context: RequestContext) -> bool:
    return True


def _no_context(_app: AppContext, _context: RequestContext) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class ContactForm:
    """One kind of contact form (complaints or objections), with the handlers of its routes.

    URLs, templates, RPC methods and problem codes are named after `singular` and `plural`. `fields` are the fields that
    the form may have; `form_context` returns further variables for the page with the form.
    """

    singular: str
    plural: str
    service: str
    fields: tuple[str, ...]
    schema: type[Schema]
    form_context: Callable[[AppContext, RequestContext], dict[str, Any]] = _no_context
    takes_letters: Callable[[AppContext, RequestContext], bool] = _always  # else the service refuses them

    async def file_request(self, app: AppContext, context: RequestContext) -> Response:
        """Handle the API request that files a complaint or objection; return its number and state. Raises Problem."""
        solution = context.request.headers.get("challenge-solution", "")
        filed = await self._file(app, context, context.body, command=context.command, solution=solution)
        return responses.command(filed, status=201)

    async def form(self, app: AppContext, context: RequestContext) -> Response:
        """Return the page with the empty form.

        With a reference number in the query string, redirect to its state page.
        """
        query = context.request.query_params
        if "number" in query:
            return page.redirect(f"/{self.plural}/{self._parse_number(query['number'])}")
        number = query.get("entry", "")
        found = app.views.entry(number) if app.views.loaded else None
        return self._form_page(
            app,
            context,
            {"entry": number if found else "", "form": new_nonce()},
            challenge=app.letters.challenge(_sender(context)) if self.takes_letters(app, context) else None,
            is_unknown=bool(number) and app.views.loaded and not found,
        )

    def _form_page(
        self,
        app: AppContext,
        context: RequestContext,
        written: Mapping[str, str],
        *,
        challenge: Mapping[str, Any] | None,
        is_unknown: bool = False,
        wait_s: int = 0,
    ) -> Response:
        """Return the page with the form and what was written in it.

        `challenge` is the work that the letter costs. `wait_s` says that the form was sent without it, and after how
        many seconds that is possible.
        """
        number = written.get("entry", "")
        body = page.render(
            f"public/{self.plural}.html",
            context,
            path=page.with_query(f"/{self.plural}", {"entry": number} if number else {}),
            entry=number,
            written={"words": "", "contact": "", "kind": "", **written},
            form=written["form"],
            is_unknown=is_unknown,
            challenge="" if challenge is None else orjson.dumps(challenge).decode(),
            wait_min=-(-wait_s // 60),
            **self.form_context(app, context),
        )
        return page.private_page(context, body, status=403 if wait_s else 200)

    async def file_page(self, app: AppContext, context: RequestContext) -> Response:
        """Handle the form that a page sent: file it, and return the page with its reference number and state.

        If the letter costs work that was not done, return the form again with its texts. Raises Problem if a field is
        invalid.
        """
        sent = await read_form(context.request, limit=FORM_BYTES)
        fields = {name: sent[name].replace("\r\n", "\n") for name in self.fields if sent.get(name)}
        try:
            self.schema().load({"words": " ", **fields})
        except ValidationError as problem:
            raise Problem("invalid", errors=flatten_messages(problem.messages), place=BODY) from problem
        key = nonce_of(sent)
        command = app.command_ids.of(actor="form", route=context.route.name, key=key, content=fields)
        try:
            filed = await self._file(
                app, context, {"words": "", **fields}, command=command, solution=sent.get("solution", "")
            )
        except Problem as problem:
            if problem.code != "letter-challenge":
                raise
            wait_s, challenge = problem.facts["seconds"], problem.facts["challenge"]
            return self._form_page(app, context, {**fields, "form": key}, challenge=challenge, wait_s=wait_s)
        return self._state_page(app, context, filed, is_new=True)

    async def state_page(self, app: AppContext, context: RequestContext) -> Response:
        """Return the page with the state of a complaint or objection, by its reference number. Raises Problem."""
        app.shedding.refuse(Shed.SEARCH)
        asked = {self.singular: self._parse_number(context.path[self.singular])}
        found = await look_up(app, context, self.service, self.singular, asked, number=True)
        return self._state_page(app, context, found, is_new=False)

    async def _file(
        self, app: AppContext, context: RequestContext, fields: Mapping[str, Any], *, command: str, solution: str
    ) -> dict[str, Any]:
        """Check the fields, take the price of the letter, wait for its turn, and file it with the service.

        Raises Problem.
        """
        entry = app.views.entry(fields["entry"]) if fields.get("entry") else None
        if fields.get("entry") and entry is None:
            raise Problem("entry-unknown", field="entry")
        if not is_visible(fields["words"]):
            raise Problem("words-missing", field="words")
        if self.takes_letters(app, context):  # nobody works for a letter that is refused anyway
            app.letters.pay(_sender(context), command, solution)
        body = {**{name: fields.get(name) or None for name in self.fields}, "entry": entry}
        async with app.letters.turns.turn(_sender(context)):
            return await call_as_gateway(app, self.service, f"file_{self.singular}", body, id=command)

    def _state_page(
        self, app: AppContext, context: RequestContext, found: Mapping[str, Any], *, is_new: bool
    ) -> Response:
        entry = found["entry"] or ""
        seen = app.views.data("entries").get("entries", {}).get(entry, {})
        number = found[self.singular]
        body = page.render(
            f"public/{self.singular}.html",
            context,
            path=f"/{self.plural}/{number}",
            **{self.singular: found},
            shown=reference_numbers.format_number(number),
            entry=seen.get("number") or entry,
            title=seen.get("title", ""),
            is_new=is_new,
        )
        return page.private_page(context, body)

    def _parse_number(self, number: str) -> str:
        """Parse a reference number as people type it. Raises Problem."""
        return reference_numbers.parse_number(number, unknown=f"{self.singular}-unknown", field=self.singular)
