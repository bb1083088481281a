"""Ids of commands: the same key with the same content is the same command, on every gateway.

    id = sha256(actor, route, Idempotency-Key)[:32] . sha256(content)[:16]

The content is the path parameters, the query and the parsed body. So a key that is used again with other content is
refused by the service (`idempotency-key-reused`) and never taken for the first command.
"""

import hashlib
from typing import Any

import orjson

from gateway.http.problems import Problem

KEY_MAX_CHARS = 128


def command_id(*, actor: str, route: str, key: str | None, content: Any) -> str:
    """Return the id of a command, from who sends it, the route, the header Idempotency-Key (`key`) and its content.

    Raise Problem if the key is missing or malformed.
    """
    if key is None:
        raise Problem("idempotency-key-missing", field="Idempotency-Key")
    if not 1 <= len(key) <= KEY_MAX_CHARS or not all("!" <= each <= "~" for each in key):
        raise Problem("idempotency-key-invalid", field="Idempotency-Key")
    # A JSON list separates the three: no actor and key can be joined to look like another pair.
    whose = hashlib.sha256(orjson.dumps([actor, route, key])).hexdigest()
    what = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"{whose[:32]}.{what[:16]}"
