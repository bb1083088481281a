"""Ballots: one request that likes several entries, each answered for itself.

Promises: each like of a ballot is decided, stored and answered as a single like is, in the order of the ballot, so that
limits refuse the last ones. A ballot that is sent again with its key is the same ballot: what was decided is answered
as before, and only what was not decided is sent again, at the instant of the first time, so that a like that was taken
back meanwhile stays taken back. Ballots are remembered by this process: after a restart, or at another gateway, a
repeated ballot likes nothing twice, but may like again what was taken back in between.
One like ticket, one place in the session's rate and one challenge serve for the whole ballot; a challenge for several
likes is always the hard one. Addresses and networks are charged for each like.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.admission.devices import device_of
from gateway.admission.sent_ballots import SentBallot
from gateway.admission.turnstile import UNSOLVED, Evidence
from gateway.backends.ports import LikeAnswer
from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import request_schemas, response_schemas, responses
from gateway.http.forms import read_form
from gateway.http.problems import Problem, document
from gateway.http.sessions import Session
from gateway.routing.context import AppContext
from gateway.routing.route import VOTER, RequestContext, Route
from gateway.voters.likes import LIKE_HEADERS, LIKE_PROBLEMS, check_answer, is_undecided
from gateway.voters.other_likes import send_order

BALLOT_MAX = 100  # entries that a request may name at all; the campaign's daily limit is the bound
PICK = "pick."
FORM_BYTES = 16 * 1024
_LIKED = frozenset({"counted", "already", "pending"})


async def _cast(
    app: AppContext, session: Session, names: Sequence[str], evidence: Evidence, *, at: int, command: str
) -> list[LikeAnswer]:
    """Like the entries with these ids or poster numbers, and return the writer's answer to each, in order.

    `command` is the ballot's id (`http/idempotency.py`). Raise Problem if the ballot is not admitted, or if its key was
    used for another one.
    """
    limit = app.views.data("campaign")["likes"]["per_day"]
    if len(names) > limit:
        raise Problem("ballot-too-long", field="entries", facts={"limit": limit})
    ballot = app.sent_ballots.find(command)
    if ballot is None:
        entries = [app.views.entry(each) for each in names]
        admitted = app.turnstile.admit_ballot(session, len(entries), evidence)
        ballot = app.sent_ballots.add(command, entries, at=at, admitted=admitted)
    async with ballot.lock:
        await _send(app, session, ballot)
    if ballot.answers and all(map(is_undecided, ballot.answers)):
        app.sent_ballots.drop(command)
        app.turnstile.release(ballot.admitted)
    return ballot.answers


async def _send(app: AppContext, session: Session, ballot: SentBallot) -> None:
    """Send those orders of a ballot that have no final answer. They go into one batch, so one commit stores them."""

    async def order(entry: str | None) -> LikeAnswer:
        if entry is None:
            return {"status": "refused", "code": "entry-unknown", "detail": {}}
        return await send_order(app, session, entry, "like", at=ballot.at, passed=ballot.admitted)

    before = ballot.answers or [None] * len(ballot.entries)
    waiting = [k for k, answer in enumerate(before) if answer is None or _is_open(answer)]
    fresh = await asyncio.gather(*(order(ballot.entries[k]) for k in waiting))
    answers = list(before)
    for k, answer in zip(waiting, fresh, strict=True):
        answers[k] = answer
    ballot.answers = [each for each in answers if each is not None]


def _is_open(answer: LikeAnswer) -> bool:
    """Return whether an answer is not the last word: the order was not decided, or not yet."""
    return answer["status"] == "accepted" or is_undecided(answer)


def _rows(context: RequestContext, names: Sequence[str], answers: Sequence[LikeAnswer]) -> list[Any]:
    """Return what became of each like of a ballot, with the texts of refusals. Raise Problem if nothing was decided."""
    rows, problems = [], []
    for name, answer in zip(names, answers, strict=True):
        row: dict[str, Any] = {"entry": name, "status": answer["status"]}
        row |= {key: answer[key] for key in ("receipt", "ticket", "remaining") if key in answer}
        try:
            check_answer(answer)
        except Problem as problem:
            problems.append(problem)
            texts = document(problem, lang=context.lang, request=context.id, zone=context.zone)
            row |= {"status": "refused", "code": problem.code, "reason": _sentence(texts, context.lang)}
        rows.append(row)
    undecided = [each for each in problems if each.code in ("busy", "like-away")]
    if undecided and len(undecided) == len(rows):
        raise undecided[0]
    return rows


def _sentence(texts: Mapping[str, Any], lang: str) -> str:
    """Return a problem's title and what one may still do, as one text."""
    stop = "。" if lang == "zh" else ". "
    return stop.join(texts[key] for key in ("title", "detail") if texts.get(key))


async def send_ballot(app: AppContext, context: RequestContext) -> Response:
    """Like the entries that the body names; return what became of each as JSON. Raises Problem."""
    assert context.session is not None  # the route is not open
    names, headers = context.body["entries"], dict(context.request.scope["headers"])
    evidence = _evidence(
        context,
        ticket=headers.get(b"like-ticket", b"").decode("latin-1"),
        solution=headers.get(b"challenge-solution", b"").decode("latin-1"),
    )
    answers = await _cast(app, context.session, names, evidence, at=context.at, command=context.command)
    rows = _rows(context, names, answers)
    is_whole = all(each["status"] != "accepted" for each in rows)
    return responses.command(
        {"answers": rows, "remaining": min((each["remaining"] for each in rows if "remaining" in each), default=None)},
        status=200 if is_whole else 202,
    )


async def ballot_page(app: AppContext, context: RequestContext) -> Response:
    """Like the entries that were ticked on a page; return the page with what became of each. Raises Problem.

    The form's like ticket is the key, so that reloading the result likes nothing again.
    """
    assert context.session is not None  # the route is not open
    form = await read_form(context.request, limit=FORM_BYTES, most_fields=BALLOT_MAX + 5)
    names = [name.removeprefix(PICK) for name in form if name.startswith(PICK)]
    rows: list[dict[str, Any]] = []
    if names:
        ticket = form.get("ticket", "")
        command = app.command_ids.of(
            actor=f"voter {context.actor}", route=context.route.name, key=ticket or "none", content=names
        )
        evidence = _evidence(context, ticket=ticket, solution=UNSOLVED)
        answers = await _cast(app, context.session, names, evidence, at=context.at, command=command)
        rows = [{**each, **_label(app, each["entry"])} for each in _rows(context, names, answers)]
    liked = sum(each["status"] in _LIKED for each in rows)
    body = pages.render(
        "voters/ballot.html",
        context,
        path="/likes",
        rows=rows,
        liked=liked,
        refused=sum(each["status"] == "refused" for each in rows),
        remaining=min((each["remaining"] for each in rows if "remaining" in each), default=None),
    )
    return pages.private_page(context, body)


def _label(app: AppContext, name: str) -> dict[str, str]:
    found = app.views.entry(name)
    seen = app.views.data("entries")["entries"][found] if found else {}
    return {"title": seen.get("title", ""), "number": seen.get("number") or name}


def _evidence(context: RequestContext, *, ticket: str, solution: str) -> Evidence:
    request = context.request
    headers = dict(request.scope["headers"])
    return Evidence(
        ticket,
        solution,
        request.client.host if request.client else "",
        headers.get(b"user-agent", b""),
        headers.get(b"sec-fetch-site", b"").decode("latin-1"),
        device_of(headers, request.scope["scheme"]),
    )


ROUTES = (
    Route(
        method="POST",
        path="/ballots",
        roles=frozenset({VOTER}),
        about="Like several entries at once, up to the day's limit; each is answered for itself",
        handle=send_ballot,
        body=request_schemas.Ballot,
        headers=LIKE_HEADERS,
        answer=response_schemas.Ballot,
        problems=(*LIKE_PROBLEMS, "ballot-too-long"),
        command=True,
        later=True,
    ),
    Route(
        method="POST",
        path="/ballots",
        base="",
        roles=frozenset({VOTER}),
        about="Like several entries at once by form",
        raw=page(ballot_page),
    ),
)
