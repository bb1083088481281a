"""Contact forms for complaints, suggestions and objections: the form, the reference number, and the state page.

Promises: nobody needs an account, and the sender's identity is not stored, for the gateway calls the service in its own
name. The same form sent twice is filed once. Anyone with the reference number can see the state; only staff can read
what was written. Filing is rate limited by session, or by network without one, and in total
(`admission/rate_limits.py`).
Does not promise that people behind one network address never have to wait a minute, nor that a form may name an entry
that is no longer shown.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError
from starlette.responses import Response

from gateway.html import page
from gateway.http import reference_numbers, responses
from gateway.http.client_signals import network
from gateway.http.forms import read_form
from gateway.http.problems import BODY, Problem
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.service_calls import call_as_gateway, call_service
from shared.names import is_visible
from shared.rpc import flatten_messages

FORM_BYTES = 32 * 1024  # 2,000 Chinese characters take 18 KB in a form
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}")


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
    rate_limits: tuple[str, str]  # of one sender and of all, by name in `rate_limits.py`
    form_context: Callable[[AppContext, RequestContext], dict[str, Any]] = _no_context

    async def file_request(self, app: AppContext, context: RequestContext) -> Response:
        """Handle the API request that files a complaint or objection; return its number and state. Raises Problem."""
        return responses.command(await self._file(app, context, context.body, context.command), status=201)

    async def form(self, app: AppContext, context: RequestContext) -> Response:
        """Return the page with the empty form.

        With a reference number in the query string, redirect to its state page.
        """
        query = context.request.query_params
        if "number" in query:
            return page.redirect(f"/{self.plural}/{self._parse_number(query['number'])}")
        number = query.get("entry", "")
        found = app.views.entry(number) if app.views.loaded else None
        body = page.render(
            f"public/{self.plural}.html",
            context,
            path=page.with_query(f"/{self.plural}", {"entry": number} if found else {}),
            entry=number if found else "",
            is_unknown=bool(number) and app.views.loaded and not found,
            form=secrets.token_urlsafe(16),
            **self.form_context(app, context),
        )
        return page.private_page(context, body)

    async def file_page(self, app: AppContext, context: RequestContext) -> Response:
        """Handle the form that a page sent: file it, and return the page with its reference number and state.

        Raises Problem if a field is invalid or the sender is too fast.
        """
        sent = await read_form(context.request, limit=FORM_BYTES)
        fields = {name: sent[name].replace("\r\n", "\n") for name in self.fields if sent.get(name)}
        try:
            self.schema().load({"words": " ", **fields})
        except ValidationError as problem:
            raise Problem("invalid", errors=flatten_messages(problem.messages), place=BODY) from problem
        nonce = sent.get("form", "")
        key = nonce if _NONCE.fullmatch(nonce) else secrets.token_urlsafe(16)
        command = app.command_ids.of(actor="form", route=context.route.name, key=key, content=fields)
        return self._state_page(
            app, context, await self._file(app, context, {"words": "", **fields}, command), is_new=True
        )

    async def state_page(self, app: AppContext, context: RequestContext) -> Response:
        """Return the page with the state of a complaint or objection, by its reference number. Raises Problem."""
        app.shedding.refuse(Shed.SEARCH)
        asked = {self.singular: self._parse_number(context.path[self.singular])}
        found = await call_service(app, context, self.service, self.singular, asked)
        return self._state_page(app, context, found, is_new=False)

    async def _file(
        self, app: AppContext, context: RequestContext, fields: Mapping[str, Any], command: str
    ) -> dict[str, Any]:
        """Check the fields and the rate limits, then file with the service. Raises Problem."""
        entry = app.views.entry(fields["entry"]) if fields.get("entry") else None
        if fields.get("entry") and entry is None:
            raise Problem("entry-unknown", field="entry")
        if not is_visible(fields["words"]):
            raise Problem("words-missing", field="words")
        who = f"session {context.session.sub}" if context.session else f"network {network(context.request)}"
        app.rate_limits.refuse_if_often(self.rate_limits[0], who)
        app.rate_limits.refuse_if_often(self.rate_limits[1], "")
        body = {**{name: fields.get(name) or None for name in self.fields}, "entry": entry}
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
