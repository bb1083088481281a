"""Start, stop and inspect the engines: `python -m deploy.engines up | down | status | env | kill`, also as functions.

The engines are MongoDB (or a server that speaks its protocol) and RabbitMQ. The first of these rules that applies
chooses which ones are used: `BAIJIA_ENGINES` (box, compose, given); `BAIJIA_MONGO_URI` and `BAIJIA_AMQP_URI`, if both
are set; Docker Compose, if a Docker engine answers; otherwise the box.

Promises: `up` is idempotent, even after a process was killed, and returns when both engines answer. Data survive `down`
and `kill`.
Does not promise to start or stop engines whose addresses were given.
"""

import os
from collections.abc import Mapping

import click

from deploy.docker import engines as compose_engines
from deploy.errors import DeployError, EnginesMissing
from deploy.local import paths, readiness, state_files
from deploy.local.box import NAME, Box
from deploy.local.engine_uris import Engines

KINDS = ("box", "compose", "given")
GIVEN_READY_S = 30


def kind(environment: Mapping[str, str] = os.environ) -> str:
    """Return which engines this environment chooses: "box", "compose" or "given".

    Raises DeployError for a contradiction.
    """
    named = environment.get("BAIJIA_ENGINES")
    if named and named not in KINDS:
        raise DeployError(f"BAIJIA_ENGINES is {named!r}; it must be one of {', '.join(KINDS)}.")
    uris = [environment.get(name) for name in ("BAIJIA_MONGO_URI", "BAIJIA_AMQP_URI")]
    if named != "box" and named != "compose" and any(uris) and not all(uris):
        raise DeployError("Set both BAIJIA_MONGO_URI and BAIJIA_AMQP_URI, or neither.")
    if named:
        return named
    if all(uris):
        return "given"
    return "compose" if compose_engines.is_available() else "box"


def up() -> Engines:
    """Start the engines that are not running, wait until both answer, and return their URIs.

    The URIs are also written to `env_file`. Raises DeployError.
    """
    which = kind()
    match which:
        case "given":
            engines = _given_engines()
            _require_answers(engines)
        case "compose":
            engines = compose_engines.up()
        case _:
            engines = Box().up()
    state_files.write(env_file(), engines.script(which))
    return engines


def down() -> None:
    """Stop the engines that `up` started, including a box that an earlier environment chose. Their data stay."""
    Box().down()
    if kind() == "compose" and compose_engines.is_available():
        compose_engines.down()


def kill() -> None:
    """Kill the engines with SIGKILL, like a power cut, for tests. Raises DeployError for given engines.

    The box restarts by itself, containers only at `up`.
    """
    match kind():
        case "given":
            raise DeployError("These engines were started by someone else, so they cannot be killed from here.")
        case "compose":
            compose_engines.kill()
        case _:
            pid = Box().supervisor.pid(NAME)
            if pid is not None:
                os.kill(pid, 9)


def halt() -> None:
    """Stop the engines until the next `up`, to simulate an outage in tests. Raises DeployError for given engines."""
    match kind():
        case "given":
            raise DeployError("These engines were started by someone else, so they cannot be stopped from here.")
        case "compose":
            compose_engines.down()
        case _:
            Box().supervisor.halt(NAME)


def status() -> str:
    """Return a line for a person that says which engines are used and whether they answer."""
    which = kind()
    if which == "box" and Box().supervisor.pid(NAME) is None:
        return "engines: the box, down"
    if which == "compose" and not compose_engines.running():
        return "engines: Docker Compose, down"
    engines = addresses()
    complaints = [readiness.mongo_complaint(engines.mongo), readiness.amqp_complaint(engines.amqp)]
    return f"engines: {which}, " + ("; ".join(c for c in complaints if c) or "up")


def addresses() -> Engines:
    """Return the URIs at which the engines answer when they run, without starting them."""
    match kind():
        case "given":
            return _given_engines()
        case "compose":
            return compose_engines.addresses()
        case _:
            return Box().engines()


def env_file() -> os.PathLike[str]:
    """Return the path of the shell script in which `up` exports the engines' URIs."""
    return paths.home() / "engines" / "engines.env"


def _given_engines() -> Engines:
    get = os.environ.get
    return Engines(get("BAIJIA_MONGO_URI", ""), get("BAIJIA_AMQP_URI", ""), get("BAIJIA_BOX_PG_URI"))


def _require_answers(engines: Engines) -> None:
    for complaint in (
        readiness.until(lambda: readiness.mongo_complaint(engines.mongo), timeout_s=GIVEN_READY_S),
        readiness.until(lambda: readiness.amqp_complaint(engines.amqp), timeout_s=GIVEN_READY_S),
    ):
        if complaint:
            raise EnginesMissing(f"{complaint}. Correct BAIJIA_MONGO_URI and BAIJIA_AMQP_URI, or unset both.")


@click.command(help=__doc__)
@click.argument("what", type=click.Choice(["up", "down", "status", "env", "kill"]))
def main(what: str) -> None:
    match what:
        case "up" | "env":
            engines = up() if what == "up" else addresses()
            click.echo(engines.script(kind()), nl=False)
        case "down":
            down()
        case "kill":
            kill()
        case _:
            click.echo(status())


if __name__ == "__main__":
    main()
