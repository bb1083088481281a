"""Use of the network key: a gateway, which has no database, seals (encrypts) the network signals of likes with it,
thousands a second.

Promises: the clear key is dropped from memory `FRESH_S` seconds after it was read, whether or not anything is sealed.
So no process holds it for longer than that after the key was destroyed. A signal that is sealed after the destruction
can never be opened.
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
    """Return the network sealer of the campaign that the settings name. It reads the key file on first use."""
    return NetworkSealer(KeyFile(settings.data, settings.campaign), Sealer(keys.campaign))


class NetworkSealer:
    """Seals (encrypts) and opens fields with the campaign's network key, and rereads the key every `fresh_s` seconds.

    `before` opens older fields, which were sealed before there was a network key.
    """

    def __init__(self, keys: WrappingKeys, before: Sealer, *, fresh_s: float = FRESH_S) -> None:
        self._keys, self._before, self._fresh_s = keys, before, fresh_s
        self._sealer: Sealer | None = None
        self.timer: threading.Timer | None = None  # fires when the key is dropped from memory

    def seal(self, clear: bytes) -> Sealed:
        """Encrypt bytes with the network key. Once it is destroyed, a random key is used that is kept nowhere."""
        sealer = self._sealer or self._read()
        return (sealer or Sealer(secrets.token_bytes(KEY_BYTES), key_id=NETWORK)).seal(clear)

    def open(self, sealed: Sealed) -> bytes:
        """Return the clear bytes of a sealed field. Raises Forgotten once the network key is destroyed, and Corrupt
        where the field does not fit the key.
        """
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
