"""Position tokens: the place of a command's event in its log, encrypted, so that its number tells nobody anything.

A number counts commits: of the likes while totals are hidden, or of the marks that other judges gave. So the answer to
a command has a token, and a read accepts tokens. Only roles that may see those counts may write a position as
`<log>:<n>`.
Promises: nobody can make a token, tell from two tokens which position is later, or tell a log by a token's length.
Does not promise that tokens outlive the campaign's session key.
"""

import hmac
import re
from collections.abc import Set

from gateway.http.problems import Problem
from shared.errors import Corrupt
from shared.events import Sealed
from shared.sealing import Sealer

#: Roles that may see how far each log has come, and so may name any position.
SEE_POSITIONS = frozenset({"organiser", "auditor", "operator"})
TOKENS_MAX = 80  # in one request: more than there are logs
_ID = "a"
_WIDTH = 32
_POSITION = re.compile(r"((?:submission|moderation|scoring|ranking|vote\.(?:cases|\d{1,3}))):(\d{1,12})")


class PositionTokens:
    """Encrypt positions into tokens, and decrypt them. `key` is the campaign's session key."""

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(hmac.digest(key, b"position token", "sha256"), key_id=_ID)

    def make(self, log: str, n: int) -> str:
        """Return a token for commit `n` of a log: a text that fits into a URL."""
        return self._sealer.seal(f"{log}:{n}".ljust(_WIDTH).encode()).removeprefix(f"{_ID}.").rstrip("=")

    def read(self, text: str, roles: Set[str]) -> dict[str, int]:
        """Read the parameter `at_least`: tokens separated by commas, or positions if one of the roles may name them.

        Return the positions by log, the later one of two. Raise Problem for anything else, in one and the same way.
        """
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if len(parts) > TOKENS_MAX:
            raise Problem("position-invalid", field="at_least", place="query")
        found: dict[str, int] = {}
        for part in parts:
            match = _POSITION.fullmatch(part if roles & SEE_POSITIONS and ":" in part else self._open(part))
            if match is None:
                raise Problem("position-invalid", field="at_least", place="query")
            found[match[1]] = max(found.get(match[1], 0), int(match[2]))
        return found

    def _open(self, token: str) -> str:
        """Return the position in a token, or an empty text if it is not a token of this campaign."""
        try:
            return self._sealer.open_text(Sealed(f"{_ID}.{token}{'=' * (-len(token) % 4)}")).rstrip()
        except (Corrupt, ValueError):
            return ""
