"""The users of the broker: their names, their passwords, and the definitions with which RabbitMQ makes them.

One secret, made at set-up, is the administrator's password. The password of each process follows from it by HMAC, so
nothing else need be stored, and a process that knows its own learns no other.
Promises: equal secrets give equal definitions, so that a broker is not told of a change where there is none.
Does not promise to remove users: one that an earlier version made stays until somebody deletes it.
"""

import base64
import hashlib
import hmac
import json

from deploy.topology.broker_rights import CALLS, OPERATOR, RIGHTS, whole

ADMINISTRATOR = "baijia"


def user(process: str) -> str:
    """Return the name of the broker's user for a process of the table, or for `OPERATOR`."""
    return f"{ADMINISTRATOR}-{process}"


def password(secret: str, process: str) -> str:
    """Return the password of a process's user, 32 hex digits."""
    return hmac.digest(secret.encode(), f"broker/{process}".encode(), "sha256").hex()[:32]


def uris(secret: str, address: str) -> dict[str, str]:
    """Return the URI of the broker at `address` (host and port) for each process of the table, by its name."""
    return {name: uri(secret, name, address) for name in RIGHTS if name != OPERATOR}


def uri(secret: str, process: str, address: str) -> str:
    """Return the URI by which a process of the table, or `OPERATOR`, reaches the broker as its own user."""
    return f"amqp://{user(process)}:{password(secret, process)}@{address}//"


def definitions(secret: str) -> str:
    """Return RabbitMQ's definitions as JSON: the virtual host, the administrator, and each process's user and rights.

    They hold salted hashes of random passwords and no password.
    """
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    permissions = [{"user": ADMINISTRATOR, "vhost": "/", **everything}]
    calls = []
    for process, rights in RIGHTS.items():
        who = {"user": user(process), "vhost": "/"}
        names = {"configure": rights.configure, "write": rights.write, "read": rights.read}
        permissions.append({**who, **{right: whole(patterns) for right, patterns in names.items()}})
        keys = {"write": rights.call_write, "read": rights.call_read}
        calls.append({**who, "exchange": CALLS, **{right: whole([key] if key else []) for right, key in keys.items()}})
    users = [
        _user(ADMINISTRATOR, secret, ["administrator"]),
        *(_user(user(process), password(secret, process), []) for process in RIGHTS),
    ]
    made = {
        "vhosts": [{"name": "/"}],
        "users": users,
        "permissions": permissions,
        "topic_permissions": calls,
        "exchanges": [
            {"name": CALLS, "vhost": "/", "type": "topic", "durable": True, "auto_delete": False, "arguments": {}}
        ],
    }
    return json.dumps(made, indent=1) + "\n"


def _user(name: str, word: str, tags: list[str]) -> dict[str, object]:
    """Return a user of the definitions. The hash is RabbitMQ's: a salt of four bytes, and SHA-256 over it and the word.

    The salt follows from the password, which is random itself, so that the definitions stay the same.
    """
    salt = hashlib.sha256(f"salt/{name}/{word}".encode()).digest()[:4]
    hashed = base64.b64encode(salt + hashlib.sha256(salt + word.encode()).digest()).decode()
    return {"name": name, "password_hash": hashed, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": tags}
