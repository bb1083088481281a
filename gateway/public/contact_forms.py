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
from gateway.http.idempotency import command_id
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.service_calls import call_as_gateway, call_service
from shared.rpc import flatten_messages

FORM_BYTES = 32 * 1024  # 2,000 Chinese characters take 18 KB in a form
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}")


def _nothing(_gate: AppContext, _ask: RequestContext) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Letters:
    """One kind of contact form. Addresses, templates, RPC methods and problem codes are named after `one` and `many`.

    `fields` are the fields that the form may have; `beside` returns further variables for the page with the form.
    """

    one: str
    many: str
    service: str
    fields: tuple[str, ...]
    schema: type[Schema]
    paces: tuple[str, str]  # of one sender and of all, by name in `rate_limits.py`
    beside: Callable[[AppContext, RequestContext], dict[str, Any]] = _nothing

    async def file(self, app: AppContext, context: RequestContext) -> Response:
        """File a JSON request. Raises Problem."""
        return responses.command(await self._filed(app, context, context.body, context.command), status=201)

    async def form(self, app: AppContext, context: RequestContext) -> Response:
        """Return the page with the form; with a number in the query string, redirect to its state page."""
        query = context.request.query_params
        if "number" in query:
            return page.sent_on(f"/{self.many}/{self._read(query['number'])}")
        number = query.get("entry", "")
        found = app.views.entry(number) if app.views.loaded else None
        body = page.render(
            f"public/{self.many}.html",
            context,
            path=page.address(f"/{self.many}", {"entry": number} if found else {}),
            entry=number if found else "",
            form=secrets.token_urlsafe(16),
            **self.beside(app, context),
        )
        return page.shown(context, body)

    async def file_page(self, app: AppContext, context: RequestContext) -> Response:
        """File what a form sent, and return the page with its number. Raises Problem."""
        sent = await read_form(context.request, limit=FORM_BYTES)
        said = {name: sent[name].replace("\r\n", "\n") for name in self.fields if sent.get(name)}
        try:
            self.schema().load({"words": " ", **said})
        except ValidationError as problem:
            raise Problem("invalid", errors=flatten_messages(problem.messages)) from problem
        nonce = sent.get("form", "")
        key = nonce if _NONCE.fullmatch(nonce) else secrets.token_urlsafe(16)
        command = command_id(actor="form", route=context.route.name, key=key, content=said)
        return self._state_page(
            app, context, await self._filed(app, context, {"words": "", **said}, command), is_new=True
        )

    async def state_page(self, app: AppContext, context: RequestContext) -> Response:
        """Return the page with the state of a filed form, by its number. Raises Problem."""
        app.shedding.refuse(Shed.SEARCH)
        asked = {self.one: self._read(context.path[self.one])}
        found = await call_service(app, context, self.service, self.one, asked)
        return self._state_page(app, context, found, is_new=False)

    async def _filed(
        self, app: AppContext, context: RequestContext, said: Mapping[str, Any], command: str
    ) -> dict[str, Any]:
        """Check the fields and the rate limits, then file with the service. Raises Problem."""
        entry = app.views.entry(said["entry"]) if said.get("entry") else None
        if said.get("entry") and entry is None:
            raise Problem("entry-unknown", field="entry")
        if not said["words"].strip():
            raise Problem("words-missing", field="words")
        who = f"session {context.session.sub}" if context.session else f"network {network(context.request)}"
        app.rate_limits.refuse_if_often(self.paces[0], who)
        app.rate_limits.refuse_if_often(self.paces[1], "")
        body = {**{name: said.get(name) or None for name in self.fields}, "entry": entry}
        return await call_as_gateway(app, self.service, f"file_{self.one}", body, id=command)

    def _state_page(
        self, app: AppContext, context: RequestContext, found: Mapping[str, Any], *, is_new: bool
    ) -> Response:
        entry = found["entry"] or ""
        seen = app.views.data("entries").get("entries", {}).get(entry, {})
        number = found[self.one]
        body = page.render(
            f"public/{self.one}.html",
            context,
            path=f"/{self.many}/{number}",
            **{self.one: found},
            shown=reference_numbers.format_number(number),
            entry=seen.get("number") or entry,
            title=seen.get("title", ""),
            is_new=is_new,
        )
        return page.shown(context, body)

    def _read(self, number: str) -> str:
        """Parse a reference number as people type it. Raises Problem."""
        return reference_numbers.parse_number(number, unknown=f"{self.one}-unknown", field=self.one)
