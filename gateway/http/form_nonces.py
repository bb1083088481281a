"""Nonces of forms: a random text in each form, by which the same form that is sent twice is one command."""

import re
import secrets
from collections.abc import Mapping

FIELD = "form"
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}")


def new_nonce() -> str:
    """Return a random text for a form."""
    return secrets.token_urlsafe(16)


def nonce_of(sent: Mapping[str, str]) -> str:
    """Return the nonce of a form that was sent; a new one if it has none, or one that no page of ours makes."""
    nonce = sent.get(FIELD, "")
    return nonce if _NONCE.fullmatch(nonce) else new_nonce()
