"""Make the passwords of the engines that Docker Compose starts, once, in `.env` beside docker-compose.yml.

Docker Compose reads that file by itself. `python3 -m deploy.docker.passwords` makes it; `make up` does so too.
Promises: a password is random, only the file's owner can read it, and it is never replaced, since RabbitMQ takes it at
its first start only.
"""

import os
import secrets
from pathlib import Path

from deploy.docker.compose import AMQP_PASSWORD, FILE

ENVIRONMENT_FILE = FILE.with_name(".env")


def broker(file: Path = ENVIRONMENT_FILE) -> str:
    """Return the broker's password: that of the environment, else that in `file`, which is made where it lacks one."""
    if given := os.environ.get(AMQP_PASSWORD):
        return given
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name == AMQP_PASSWORD and value:
            return value
    password = secrets.token_hex(16)
    file.touch(mode=0o600)
    file.chmod(0o600)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(("" if not text or text.endswith("\n") else "\n") + f"{AMQP_PASSWORD}={password}\n")
    return password


if __name__ == "__main__":
    broker()
    print(ENVIRONMENT_FILE)
