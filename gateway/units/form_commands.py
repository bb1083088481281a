"""Ids of commands that a page's form sends: the form holds a key, so that sending it twice does it once."""

from typing import Any

from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext


def command_id(app: AppContext, context: RequestContext, key: str, content: Any) -> str:
    """Return the id of a command that a form sent with this key and content.

    Without a key the command is one of its own. Raises Problem if the key is malformed.
    """
    session = context.session
    actor = f"{session.kind} {context.actor}" if session else ""
    return app.command_ids.of(actor=actor, route=context.route.name, key=key or context.id, content=content)
