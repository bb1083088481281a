"""Network key in use: seals the signals of likes, thousands a second, in a gateway that has no database.

Promises: the clear key is dropped from memory `FRESH_S` after it was read, whether or not anything is sealed; so no
process holds it longer than that after its destruction. What is sealed after the destruction can never be opened.
"""

import secrets
import threading

from shared.errors import Forgotten
from shared.events import Sealed
from shared.keys import Keys
from shared.sealing import Sealer, key_id_of
from shared.settings import Settings
from shared.wrapping import KEY_BYTES, NETWORK, KeyFile, WrappingKeys

FRESH_S = 60.0


def network_sealer(settings: Settings, keys: Keys) -> "NetworkSealer":
    """Return the network sealer of the campaign that runs on this machine. Reads no key yet."""
    return NetworkSealer(KeyFile(settings.data, settings.campaign), Sealer(keys.campaign))


class NetworkSealer:
    """Seals and opens with the network key. `before` opens fields from before there was a network key."""

    def __init__(self, keys: WrappingKeys, before: Sealer, *, fresh_s: float = FRESH_S) -> None:
        self._keys, self._before, self._fresh_s = keys, before, fresh_s
        self._sealer: Sealer | None = None
        self.timer: threading.Timer | None = None  # fires when the key is dropped from memory

    def seal(self, clear: bytes) -> Sealed:
        """Encrypt bytes; with a throw-away key once the network key is destroyed."""
        sealer = self._sealer or self._read()
        return (sealer or Sealer(secrets.token_bytes(KEY_BYTES), key_id=NETWORK)).seal(clear)

    def open(self, sealed: Sealed) -> bytes:
        """Return the clear bytes. Raises Forgotten once the key is destroyed, Corrupt."""
        if key_id_of(sealed) != NETWORK:
            return self._before.open(sealed)
        sealer = self._sealer or self._read()
        if sealer is None:
            raise Forgotten("the network key is destroyed")
        return sealer.open(sealed)

    def _read(self) -> Sealer | None:
        """Read the key and start the timer that drops it. Returns None once the key is destroyed."""
        key = self._keys.read().network_key()
        if key is None:
            return None
        self._sealer = sealer = Sealer(key, key_id=NETWORK)
        # A timer rather than a check of the clock on use: a gateway that receives no likes must drop the key too.
        self.timer = threading.Timer(self._fresh_s, self._drop)
        self.timer.daemon = True
        self.timer.start()
        return sealer

    def _drop(self) -> None:
        self._sealer = None
