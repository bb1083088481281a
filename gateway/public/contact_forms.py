"""What anybody writes to those who run the campaign: a form, a number to ask by, and the page of what became of it.

Promises: nobody needs an account, and who writes is not stored: the order is the gateway's own; the same form sent
twice is one letter; the state is told to whoever has the number, and what was said to the desk alone. Filing is paced
by session, else by network, and in all (`asking.py`).
Does not promise that a network's neighbours never wait a minute, nor that an entry no longer shown can be named.
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
from gateway.http.forms import form_of
from gateway.http.idempotency import command_id
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.service_calls import ask_as_gateway, ask_service
from shared.rpc import flatten_messages

FORM_BYTES = 32 * 1024  # 2,000 Chinese characters are 18 KB in a form
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}")


def _nothing(_gate: AppContext, _ask: RequestContext) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Letters:
    """One kind of letter. Addresses, templates, calls and problems are named after it: `one` and `many`.

    `fields` are what a form may say, `body` makes the call's body of them and of the entry's id; `beside` is what the
    page with the form shows besides.
    """

    one: str
    many: str
    service: str
    fields: tuple[str, ...]
    schema: type[Schema]
    paces: tuple[str, str]  # of one writer and of all, by their names in `asking.py`
    beside: Callable[[AppContext, RequestContext], dict[str, Any]] = _nothing

    async def file(self, app: AppContext, context: RequestContext) -> Response:
        return responses.command(await self._filed(app, context, context.body, context.command), status=201)

    async def form(self, app: AppContext, context: RequestContext) -> Response:
        """The form; with a number in the address, on to its state."""
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
        """What a form files, and its number."""
        sent = await form_of(context.request, limit=FORM_BYTES)
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
        app.shedding.refuse(Shed.SEARCH)
        asked = {self.one: self._read(context.path[self.one])}
        found = await ask_service(app, context, self.service, self.one, asked)
        return self._state_page(app, context, found, is_new=False)

    async def _filed(
        self, app: AppContext, context: RequestContext, said: Mapping[str, Any], command: str
    ) -> dict[str, Any]:
        """File what was said. Raises Problem."""
        entry = app.views.entry(said["entry"]) if said.get("entry") else None
        if said.get("entry") and entry is None:
            raise Problem("entry-unknown", field="entry")
        if not said["words"].strip():
            raise Problem("words-missing", field="words")
        who = f"session {context.session.sub}" if context.session else f"network {network(context.request)}"
        app.asking.refuse_if_often(self.paces[0], who)
        app.asking.refuse_if_often(self.paces[1], "")
        body = {**{name: said.get(name) or None for name in self.fields}, "entry": entry}
        return await ask_as_gateway(app, self.service, f"file_{self.one}", body, id=command)

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
            shown=reference_numbers.grouped(number),
            entry=seen.get("number") or entry,
            title=seen.get("title", ""),
            is_new=is_new,
        )
        return page.shown(context, body)

    def _read(self, number: str) -> str:
        """A number as people type it. Raises Problem."""
        return reference_numbers.plain(number, unknown=f"{self.one}-unknown", field=self.one)
