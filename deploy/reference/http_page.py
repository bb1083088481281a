"""The reference page of HTTP: every route with its roles, by audience, and every problem."""

import inspect
from types import ModuleType

from deploy.reference.markdown import HEAD, flowing, table
from gateway import routes
from gateway.http.problem_texts import WORDS
from gateway.routing.route import Route

AUDIENCES = {
    "public": "Everybody",
    "voters": "Voters",
    "units": "Units",
    "staff": "Moderators, judges, organisers and auditors",
    "media_packs": "Whoever posts in other channels",
}


def http_page() -> str:
    """Return the Markdown of the page that lists every route by audience, and every problem."""
    parts = [
        HEAD.format("HTTP"),
        "Every route with the roles that it lets in.",
        "Besides these there are only the files below `/static`, and `/healthz` and `/readyz` for operators.",
        "Under `/api/v1` bodies and answers are JSON, and `/api/v1/openapi.json` describes each field.",
        "A command needs the header `Idempotency-Key`: the same key and body get the first answer again.",
        "A read accepts `at_least=<position>`, the token that an answer to a command has as `position`, and then waits"
        " until its answer includes that command; organisers, auditors and operators may also write `<log>:<n>`.",
        "Problems are `application/problem+json` with a stable code; the table at the end has them all.",
        "",
    ]
    for audience, title in AUDIENCES.items():
        parts.append(f"## {title}\n")
        for module in _route_modules(audience):
            about = flowing(inspect.getdoc(module) or "").split("\n")[0]
            parts += [f"### `{module.__name__.replace('.', '/')}.py`\n", f"{about}\n"]
            heads = ("method", "path", "roles", "what it does", "its own problems")
            parts += [*table(heads, [_route(each) for each in module.ROUTES]), ""]
    problems = [(f"`{code}`", str(each.status), each.zh, each.en) for code, each in sorted(WORDS.items())]
    parts += ["## Problems\n", *table(("code", "status", "Chinese", "English"), problems), ""]
    return "\n".join(parts)


def _route_modules(audience: str) -> list[ModuleType]:
    """Return the modules of one audience's folder that have routes, in the order of the route table."""
    prefix = f"gateway.{audience}."
    found = {each.__name__: each for each in vars(routes).values() if isinstance(each, ModuleType)}
    ours = [each for name, each in found.items() if name.startswith(prefix)]
    return sorted(ours, key=lambda each: routes.ROUTES.index(each.ROUTES[0]))


def _route(route: Route) -> tuple[str, ...]:
    marks = [word for word, holds in (("command", route.command), ("rehearsals only", route.rehearsal)) if holds]
    about = route.about + (f" ({', '.join(marks)})" if marks else "")
    path = f"`{route.base}{route.path}`"
    return route.method, path, ", ".join(sorted(route.roles)), about, " ".join(f"`{each}`" for each in route.problems)
