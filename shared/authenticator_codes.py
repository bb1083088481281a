"""Codes of authenticator apps: six digits that change every 30 seconds (RFC 6238, by the library pyotp).

Promises: the code of the half minute before and after counts too, for telephones whose clock is a little off; each code
is let in once (RFC 6238, section 5.2), also where several sign in at the same time.
"""

import hmac

import pyotp
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.commit import Document
from shared.errors import Unreachable

STEP_S, DRIFT_STEPS, DIGITS = 30, 1, 6
SECRET_BYTES = 20  # as RFC 4226 recommends


def step_of(secret: str, code: str, *, now_s: float) -> int | None:
    """Return the half minute whose code this is, by a secret in base32; None if it is that of none near to `now_s`."""
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    counter, now = pyotp.HOTP(secret, digits=DIGITS), int(now_s // STEP_S)
    near = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
    return next((each for each in near if hmac.compare_digest(counter.at(each), code)), None)


def address(secret: str, *, account: str, issuer: str) -> str:
    """Return the address (`otpauth:`) that an app reads from a QR code."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(name=account, issuer_name=issuer)


class UsedCodes:
    """Store of the last half minute whose code was let in, for each authenticator, in the campaign's database."""

    def __init__(self, database: Database[Document]) -> None:
        self._used = database.get_collection("used_codes")

    def use(self, authenticator: str, step: int) -> bool:
        """Use the code of a half minute up; return False if it, or a later one, was used. Raise Unreachable."""
        try:
            found = self._used.update_one({"_id": authenticator, "step": {"$lt": step}}, {"$set": {"step": step}})
            if found.matched_count:
                return True
            self._used.insert_one({"_id": authenticator, "step": step})
        except DuplicateKeyError:
            return False
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return True
