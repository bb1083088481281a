"""Secret keys of one campaign, in one file that only its owner can read.

Promises: the process that comes first creates them, and only `renew` ever overwrites them.
Does not promise that one of them can be forgotten: personal data is sealed with the keys of the vault (`shared.vault`).
"""

import contextlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, fields
from pathlib import Path


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
        """Read the key file of a campaign below the data folder; create it on first use."""
        path = data / "keys" / f"{campaign}.json"
        if not path.exists():
            _create(path)
        stored = json.loads(path.read_text())
        return Keys(**{name: bytes.fromhex(value) for name, value in stored.items()})

    @staticmethod
    def renew(data: Path, campaign: str, *, lot: bytes) -> None:
        """Replace the keys for a rehearsal that starts again, with a lot that can be drawn again.

        What the old keys sealed or signed is lost: never do this to a live campaign.
        """
        path = data / "keys" / f"{campaign}.json"
        path.unlink(missing_ok=True)
        _create(path, lot=lot)

    def voter(self, openid: str) -> str:
        """Return the pseudonym of a person, the same whatever the door."""
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
