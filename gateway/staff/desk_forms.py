"""What all forms of the desks share: their command ids, their times, and the reading of their fields into a body.

Promises: the same form sent twice is one command; what a form holds is checked by the schema of the API's route, so a
page takes nothing that the API refuses.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError

from gateway.http.form_nonces import nonce_of
from gateway.http.problems import BODY, Problem
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from shared.rpc import flatten_messages
from shared.stamps import epoch_s

FORM_BYTES = 128 * 1024
#: Problems of the session or the address: no other words in the same form would help.
NOT_MENDABLE = frozenset(
    {"session-invalid", "session-expired", "session-ended", "role-missing", "not-found", "cross-site"}
)


def begin_command(
    app: AppContext, context: RequestContext, sent: Mapping[str, str], name: str, body: Mapping[str, Any]
) -> None:
    """Give the request the id of the command `name` that a form sends: `form` in what was sent is the form's nonce."""
    key = f"{nonce_of(sent)}.{name}"
    context.command = app.command_ids.of(
        actor=f"staff {context.actor}", route=context.route.name, key=key, content=[context.path, body]
    )


def require_mendable(context: RequestContext, problem: Problem) -> None:
    """Raise the problem again unless other words in the form may mend it; the form is another command then."""
    if problem.code in NOT_MENDABLE or problem.status >= 500:
        raise problem
    context.command = ""


def load_body(schema: type[Schema], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as the schema of an API route loads it. Raise Problem."""
    try:
        loaded: dict[str, Any] = schema().load(body)
    except ValidationError as problem:
        raise Problem("invalid", errors=flatten_messages(problem.messages), place=BODY) from problem
    return loaded


def text_of(sent: Mapping[str, str], name: str) -> str:
    """Return what was typed into a field of several lines, with the line ends of texts and no blanks around it."""
    return sent.get(name, "").replace("\r\n", "\n").strip()


def whole(text: str) -> int | str:
    """Return a whole number that was typed, or the text itself for a schema to refuse."""
    text = text.strip()
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 10 else text


def instant(text: str, zone: str) -> int | str:
    """Return what an input of type `datetime-local` holds, in a time zone, as ms since the epoch; else the text."""
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return round(epoch_s(local.replace(tzinfo=ZoneInfo(zone))) * 1000) if local.tzinfo is None else text
