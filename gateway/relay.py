"""Most routes are one call: this makes their handlers."""

from starlette.responses import Response

from gateway import answers
from gateway.calls import DEADLINE_S, ask_service
from gateway.gate import Gate
from gateway.route import Ask, Handler


def relay(service: str, method: str, *, deadline_s: float = DEADLINE_S, public: bool = False) -> Handler:
    """Path, query and body become the call's body; its answer is ours."""

    async def handle(gate: Gate, ask: Ask) -> Response:
        body = {**ask.query, **ask.body, **ask.path}
        told = await ask_service(gate, ask, service, method, body, deadline_s=deadline_s)
        if ask.route.command:
            return answers.command(told, status=ask.route.status)
        return answers.read(ask.request, told, public=public)

    return handle
