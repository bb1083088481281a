"""Ids of commands: the same key with the same content is the same command, on every gateway.

    id = hmac(actor, route, Idempotency-Key)[:32] . hmac(content)[:16]

The content is the path parameters, the query and the parsed body without its secrets. So a key that is used again with
other content is refused by the service (`idempotency-key-reused`) and never taken for the first command.

Ids are stored in the logs for ever. Promises: whoever reads a log cannot test a guess of the content against an id,
since both parts are keyed with a secret of the campaign; the values of secret fields (`secret` in the field's metadata)
take no part, so not even the holder of the key can test a guess of a password. Two people without a session never share
a command by using the same key, and nothing of them is stored: their ids are random.
Does not promise that a command without a session is recognised by another gateway, or after a restart.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import Schema

from gateway.http.problems import Problem

KEY_MAX_CHARS = 128
ANONYMOUS_KNOWN = 20_000  # commands without a session that are remembered
SECRET = "secret"  # the key in a schema field's metadata


class CommandIds:
    """Make the ids of commands, keyed with one of the campaign's secrets."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"ids of commands", "sha256")
        self._anonymous: OrderedDict[bytes, str] = OrderedDict()

    def of(self, *, actor: str, route: str, key: str | None, content: Any) -> str:
        """Return the id of a command, from who sends it, the route, the header Idempotency-Key and its content.

        Raise Problem if the key is missing or malformed.
        """
        # A JSON list separates the three: no actor and key can be joined to look like another pair.
        whose = self._digest([actor, route, check_key(key)]).hex()
        return f"{whose[:32]}.{self._digest(content).hex()[:16]}"

    def of_anonymous(self, *, caller: str, route: str, key: str | None, content: Any) -> str:
        """Return the id of a command that was sent without a session: random, and the same when it is repeated.

        `caller` tells callers apart, such as an address. It stays in memory, so that the log does not say who sent the
        command. Another caller or other content is another command. Raise Problem if the key is missing or malformed.
        """
        same = self._digest([caller, route, check_key(key), content])
        found = self._anonymous.setdefault(same, f"{secrets.token_hex(16)}.{secrets.token_hex(8)}")
        self._anonymous.move_to_end(same)
        if len(self._anonymous) > ANONYMOUS_KNOWN:
            self._anonymous.popitem(last=False)
        return found

    def _digest(self, value: Any) -> bytes:
        return hmac.new(self._key, orjson.dumps(value, option=orjson.OPT_SORT_KEYS), hashlib.sha256).digest()


def check_key(key: str | None) -> str:
    """Return the value of the header Idempotency-Key. Raise Problem if it is missing or malformed."""
    if key is None:
        raise Problem("idempotency-key-missing", field="Idempotency-Key")
    if not 1 <= len(key) <= KEY_MAX_CHARS or not all("!" <= each <= "~" for each in key):
        raise Problem("idempotency-key-invalid", field="Idempotency-Key")
    return key


def without_secrets(schema: type[Schema] | None, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a validated body without the values of its secret fields; whether they were given stays visible."""
    fields = {} if schema is None else schema().fields
    return {
        name: (value is not None) if name in fields and fields[name].metadata.get(SECRET) else value
        for name, value in body.items()
    }
