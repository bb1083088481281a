"""The engines: `python -m deploy.engines up | down | status | env`, and the same as functions.

The first of these that holds decides which: `BAIJIA_ENGINES` (box, compose, given); `BAIJIA_MONGO_URI` and
`BAIJIA_AMQP_URI`; a Docker engine that answers; the box.

Promises: `up` is idempotent, also after any kill, and returns when both engines answer; data outlive `down` and `kill`.
Does not promise to start or stop engines that were given.
"""

import os
import sys
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
    """Which engines this machine, in this environment, is to use."""
    named = environment.get("BAIJIA_ENGINES")
    if named and named not in KINDS:
        raise DeployError(f"BAIJIA_ENGINES is {named!r}; it may be {', '.join(KINDS)}.")
    uris = [environment.get(name) for name in ("BAIJIA_MONGO_URI", "BAIJIA_AMQP_URI")]
    if named != "box" and named != "compose" and any(uris) and not all(uris):
        raise DeployError("Give both BAIJIA_MONGO_URI and BAIJIA_AMQP_URI, or neither.")
    if named:
        return named
    if all(uris):
        return "given"
    return "compose" if compose_engines.answers() else "box"


def up() -> Engines:
    """Start what is not running; wait until it answers."""
    which = kind()
    match which:
        case "given":
            engines = _given()
            _insist(engines)
        case "compose":
            engines = compose_engines.up()
        case _:
            engines = Box().up()
    state_files.write(env_file(), engines.script(which))
    return engines


def down() -> None:
    """Stop what `up` started. All of it: also a box that an earlier environment chose."""
    Box().down()
    if kind() == "compose" and compose_engines.answers():
        compose_engines.down()


def kill() -> None:
    """As a power cut, for tests. The box comes back by itself, containers by `up`."""
    match kind():
        case "given":
            raise DeployError("These engines were given; only who started them may kill them.")
        case "compose":
            compose_engines.kill()
        case _:
            pid = Box().keeper.pid(NAME)
            if pid is not None:
                os.kill(pid, 9)


def halt() -> None:
    """Stop the engines and leave them away until `up`: an outage, for tests."""
    match kind():
        case "given":
            raise DeployError("These engines were given; only who started them may stop them.")
        case "compose":
            compose_engines.down()
        case _:
            Box().keeper.halt(NAME)


def status() -> str:
    """One line."""
    which = kind()
    if which == "box" and Box().keeper.pid(NAME) is None:
        return "engines: the box, down"
    if which == "compose" and not compose_engines.running():
        return "engines: Docker Compose, down"
    engines = where()
    complaints = [readiness.mongo_complaint(engines.mongo), readiness.amqp_complaint(engines.amqp)]
    return f"engines: {which}, " + ("; ".join(c for c in complaints if c) or "up")


def where() -> Engines:
    """Where they answer when they are up, without starting them."""
    match kind():
        case "given":
            return _given()
        case "compose":
            return compose_engines.where()
        case _:
            return Box().engines()


def env_file() -> os.PathLike[str]:
    return paths.home() / "engines" / "engines.env"


def _given() -> Engines:
    get = os.environ.get
    return Engines(get("BAIJIA_MONGO_URI", ""), get("BAIJIA_AMQP_URI", ""), get("BAIJIA_BOX_PG_URI"))


def _insist(engines: Engines) -> None:
    for complaint in (
        readiness.until(lambda: readiness.mongo_complaint(engines.mongo), timeout_s=GIVEN_READY_S),
        readiness.until(lambda: readiness.amqp_complaint(engines.amqp), timeout_s=GIVEN_READY_S),
    ):
        if complaint:
            raise EnginesMissing(f"{complaint}. Mend BAIJIA_MONGO_URI and BAIJIA_AMQP_URI, or unset them both.")


@click.command(help=__doc__)
@click.argument("what", type=click.Choice(["up", "down", "status", "env", "kill"]))
def main(what: str) -> None:
    try:
        match what:
            case "up" | "env":
                engines = up() if what == "up" else where()
                click.echo(engines.script(kind()), nl=False)
            case "down":
                down()
            case "kill":
                kill()
            case _:
                click.echo(status())
    except DeployError as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
