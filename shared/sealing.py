"""Sealed fields: personal and network data are encrypted inside events, and hashes cover the sealed form.

AES-256-GCM with a fresh random nonce for each field. A sealed field is text: `<key id>.<base64url of nonce ‖ ciphertext
‖ tag>`. Key ids: `c1` is the campaign's own key, `n1` the network key, `p.<person>.<tag>` a person's key
(`shared.vault`).
Promises: destroying a key makes its fields unreadable for good, and every proof over the events stays valid.
Does not promise to hide the length of the clear text.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import Corrupt
from shared.events import Sealed

CAMPAIGN = "c1"
_NONCE = 12


class Sealer:
    """Encrypts and decrypts sealed fields with one key of 32 bytes.

    `key_id` is written into each field; it defaults to `c1`, the campaign's own key.
    """

    def __init__(self, key: bytes, *, key_id: str = CAMPAIGN) -> None:
        self._cipher, self._key_id = AESGCM(key), key_id

    def seal(self, clear: bytes) -> Sealed:
        """Encrypt bytes, and return the sealed field. Each call gives another text, because the nonce is random."""
        nonce = os.urandom(_NONCE)
        box = nonce + self._cipher.encrypt(nonce, clear, self._key_id.encode())
        return Sealed(f"{self._key_id}.{base64.urlsafe_b64encode(box).decode()}")

    def seal_text(self, clear: str) -> Sealed:
        """Encrypt text as UTF-8, and return the sealed field."""
        return self.seal(clear.encode())

    def open_text(self, sealed: Sealed) -> str:
        """Return the clear text of a sealed field. Raises Corrupt as `open` does."""
        return self.open(sealed).decode()

    def open(self, sealed: Sealed) -> bytes:
        """Return the clear bytes of a sealed field. Raises Corrupt where another key sealed it, or it was altered."""
        key_id, _, text = sealed.rpartition(".")
        try:
            box = base64.urlsafe_b64decode(text)
            return self._cipher.decrypt(box[:_NONCE], box[_NONCE:], key_id.encode())
        except (InvalidTag, ValueError) as problem:
            raise Corrupt(f"a field sealed with {key_id!r} cannot be opened") from problem


def key_id_of(sealed: Sealed) -> str:
    """Return the id of the key that sealed a field or wrapped a key."""
    return sealed.rpartition(".")[0]
