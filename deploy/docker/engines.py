"""Run MongoDB and RabbitMQ with Docker Compose, on a machine where a Docker engine answers.

Written and linted on machines without a Docker engine, so it has not been run: see `docker/README.md`.
"""

import shutil
import subprocess

from deploy.docker import passwords
from deploy.docker.compose import AMQP_PASSWORD, FILE, MONGO_PASSWORD
from deploy.errors import EnginesMissing
from deploy.local import paths, readiness
from deploy.local.engine_uris import Engines
from deploy.topology import broker_accounts

SERVICES = ("mongo", "rabbitmq")
READY_S = 60


def is_available() -> bool:
    """Return whether a Docker engine answers and the compose plugin is installed."""
    if shutil.which("docker") is None:
        return False
    for question in (["docker", "info", "--format", "{{.ServerVersion}}"], ["docker", "compose", "version"]):
        try:
            result = subprocess.run(question, capture_output=True, check=False, timeout=10)
        except subprocess.TimeoutExpired:
            return False
        if result.returncode:
            return False
    return True


def up() -> Engines:
    """Start both engines, wait until they answer, and return their URIs. Raises EnginesMissing.

    The passwords are made at the first start.
    """
    passwords.prepare()
    _compose("up", "--detach", "--wait", *SERVICES)
    engines = addresses()
    for complaint in (
        readiness.until(lambda: readiness.mongo_complaint(engines.mongo), timeout_s=READY_S),
        readiness.until(lambda: readiness.amqp_complaint(engines.amqp), timeout_s=READY_S),
    ):
        if complaint:
            raise EnginesMissing(f"{complaint}, though its container is healthy.")
    return engines


def addresses() -> Engines:
    """Return the URIs of the engines at the ports that Docker has published, anew at each start.

    Raises EnginesMissing.
    """
    # The replica set names its member by a host name that only containers resolve, hence the direct connection.
    made, broker = passwords.prepare(), _published("rabbitmq", 5672)
    server = f"baijia:{made[MONGO_PASSWORD]}@{_published('mongo', 27017)}"
    return Engines(
        mongo=f"mongodb://{server}/?directConnection=true&authSource=admin",
        amqp=f"amqp://{broker_accounts.ADMINISTRATOR}:{made[AMQP_PASSWORD]}@{broker}//",
        amqp_of_processes=broker_accounts.uris(made[AMQP_PASSWORD], broker),
    )


def down() -> None:
    """Stop both engines. Their data stay."""
    _compose("stop", *SERVICES)


def kill() -> None:
    """Kill both engines with SIGKILL, for tests of an outage. They stay down until `up`."""
    _compose("kill", "--signal", "SIGKILL", *SERVICES)


def running() -> bool:
    """Return whether the container of MongoDB runs."""
    return bool(_compose("ps", "--quiet", "--status", "running", "mongo").strip())


def _published(service: str, port: int) -> str:
    return _compose("port", service, str(port)).strip()


def _compose(*words: str) -> str:
    command = ["docker", "compose", "--project-name", f"baijia-{paths.checkout_id()}", "--file", str(FILE), *words]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise EnginesMissing(f"Docker Compose failed at `{' '.join(words)}`: {result.stderr.strip()}")
    return result.stdout
