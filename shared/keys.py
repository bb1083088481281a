"""Secret keys of one campaign, in one file that only its owner can read.

Promises: the process that first reads the file creates it, and only `renew` ever overwrites it.
Does not promise that a single key can be destroyed. Personal data is sealed (encrypted) with the keys of the vault
(`shared.vault`), which can.
"""

import contextlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, fields
from pathlib import Path

from shared import json_documents


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one campaign, 32 random bytes each."""

    campaign: bytes  # sealed personal fields before there was a vault; now hashes networks
    pseudonym: bytes  # openid -> voter
    session: bytes  # signs session tokens, like tickets, challenges and handoffs
    receipt: bytes  # receipts, order tickets and reference numbers
    access: bytes  # hashes the access codes of units
    lot: bytes  # the seed of the lot, committed before like week

    @staticmethod
    def of(data: Path, campaign: str) -> "Keys":
        """Read `<data>/keys/<campaign>.json`. The file is created with random keys where it does not exist."""
        path = data / "keys" / f"{campaign}.json"
        if not path.exists():
            _create(path)
        stored = json_documents.loads(path.read_text())
        return Keys(**{name: bytes.fromhex(value) for name, value in stored.items()})

    @staticmethod
    def renew(data: Path, campaign: str, *, lot: bytes) -> None:
        """Replace the keys of a rehearsal that starts again. `lot` is the seed of the drawn tie-break: with the same
        seed, ties are drawn as before.

        Whatever the old keys encrypted or signed becomes useless: never do this to a live campaign.
        """
        path = data / "keys" / f"{campaign}.json"
        path.unlink(missing_ok=True)
        _create(path, lot=lot)

    def voter(self, openid: str) -> str:
        """Return a voter's pseudonym, 24 hex digits, from a WeChat openid. It is the same through every door (menu,
        page, text, mini-program, desktop), and cannot be traced back without the key.
        """
        return hmac.digest(self.pseudonym, openid.encode(), "sha256").hex()[:24]


def _create(path: Path, **given: bytes) -> None:
    """Create the key file with fresh keys and the `given` ones, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = {field.name: given.get(field.name, secrets.token_bytes(32)).hex() for field in fields(Keys)}
    draft = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(fresh))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)  # fails where another process was first; a rename would overwrite its keys
    draft.unlink()
