"""Make the passwords of the engines that Docker Compose starts, once, in `.env` beside docker-compose.yml.

Docker Compose reads that file by itself. `python3 -m deploy.docker.passwords` makes it; `make up` does so too. Beside
it stands `.broker-definitions.json`, from which the broker makes a user for each process with its rights; it holds
salted hashes and no password.
Promises: a password is random or follows from a random one, only the file's owner can read it, and it is never
replaced, since MongoDB takes it at its first start only.
"""

import os
import secrets
from pathlib import Path

from deploy.docker.compose import AMQP_PASSWORD, DEFINITIONS, FILE, MONGO_PASSWORD, amqp_password_of
from deploy.local import state_files
from deploy.topology import broker_accounts
from deploy.topology.processes import TABLE

ENVIRONMENT_FILE = FILE.with_name(".env")


def prepare(file: Path = ENVIRONMENT_FILE, definitions: Path = DEFINITIONS) -> dict[str, str]:
    """Return the passwords by the names of their variables, and write both files where they lack something.

    A password of the environment counts first, then that in `file`.
    """
    stored = _stored(file)
    made = {
        name: os.environ.get(name) or stored.get(name) or secrets.token_hex(16)
        for name in (AMQP_PASSWORD, MONGO_PASSWORD)
    }
    made |= {amqp_password_of(p.name): broker_accounts.password(made[AMQP_PASSWORD], p.name) for p in TABLE}
    missing = {name: value for name, value in made.items() if name not in os.environ and stored.get(name) != value}
    if missing:
        _append(file, missing)
    # Readable for the broker, which runs as another user in its container.
    state_files.write(definitions, broker_accounts.definitions(made[AMQP_PASSWORD]), mode=0o644)
    return made


def _stored(file: Path) -> dict[str, str]:
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    lines = [line.partition("=") for line in text.splitlines()]
    return {name: value for name, _, value in lines if value}


def _append(file: Path, values: dict[str, str]) -> None:
    """Append variables to the file. Of two lines with one name the later counts, for us and for Docker Compose."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    file.touch(mode=0o600)
    file.chmod(0o600)
    with file.open("a", encoding="utf-8") as lines:
        lines.write("" if not text or text.endswith("\n") else "\n")
        lines.writelines(f"{name}={value}\n" for name, value in values.items())


if __name__ == "__main__":
    prepare()
    print(ENVIRONMENT_FILE)
