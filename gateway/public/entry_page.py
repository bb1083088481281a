"""The page of one entry.

Promises: it shows what the views and the public answer of the entry hold, and nothing of an entry that is not visible.
While the submission service is away it shows what the views hold.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.admission import devices
from gateway.html.page import (
    kept_page,
    names_of,
    page,
    render,
    shown,
)
from gateway.http.problems import Problem
from gateway.public import entries, leaderboards
from gateway.routing.context import Gate
from gateway.routing.route import ANYONE, VOTER, Ask, Route
from gateway.routing.view_responses import per_type


async def entry(gate: Gate, ask: Ask) -> Response:
    name = ask.path["number"]
    found = gate.views.entry(name)
    if found is None:
        raise Problem("entry-unknown")
    try:
        content = await entries.whole_entry(gate, ask, found)
    except Problem as problem:
        if problem.status < 500:
            raise
        content = {}  # the service is away: what the view holds is better than nothing
    seen = gate.views.data("entries")["entries"][found]
    exhibition = gate.views.data("exhibition")
    names = names_of(gate, "unit_types", ask.lang), names_of(gate, "themes", ask.lang)
    board = gate.views.data("board").get("types", {}).get(seen["type"], ())
    standing: dict[str, Any] = next((row for row in board if row["entry"] == found), {})
    result = leaderboards.published(gate.views)
    way = like_way(gate, ask, seen)
    body = render(
        "public/entry.html",
        ask,
        path=f"/entries/{name}",
        complaint_about=name,
        title=seen["title"],
        entry=seen,
        content=content,
        standing=standing,
        won=next((each for each in result.get("winners", ()) if each["entry"] == found), {}),
        explained=bool(seen.get("judged")) and bool(result),
        is_final=bool(result.get("is_final")),
        exhibited=found in exhibition.get("entries", ()),
        type_name=names[0].get(seen["type"], seen["type"]),
        themes=[names[1].get(each, each) for each in content.get("themes", ())],
        videos=_files(content, "video"),
        sounds=_files(content, "audio"),
        like=way,
        ticket=_ticket(gate, ask, found) if way == "form" else "",
        per_type=per_type(gate),
    )
    if gate.views.phase(ask.at) != "likes":
        return kept_page(ask, body)
    response = shown(ask, body)  # the way to a like is the visitor's own, so the page is too
    if way == "form":
        devices.mark(ask.request, response)
    return response


def like_way(gate: Gate, ask: Ask, entry: Mapping[str, Any]) -> str:
    """How this visitor likes this entry now: by a form, by WeChat's door, by a code for a phone, or not at all."""
    if entry["number"] is None or entry["frozen"] or gate.views.phase(ask.at) != "likes":
        return ""
    if ask.session is not None and VOTER in ask.session.roles:
        return "form"
    if gate.doors is None:
        return ""
    return "wechat" if "MicroMessenger" in ask.request.headers.get("user-agent", "") else "code"


def _ticket(gate: Gate, ask: Ask, entry: str) -> str:
    return gate.turnstile.tickets.issue(ask.actor, count=1, entry=entry)[0]


def _files(content: Mapping[str, Any], kind: str) -> list[str]:
    return [each["sha256"] for each in content.get("files", ()) if each["kind"] == kind]


ROUTES = (Route(method="GET", path="/entries/{number}", base="", roles=ANYONE, about="One entry", raw=page(entry)),)
