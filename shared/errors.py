"""Broken promises, as one tree. A domain *no* is not here: it is a value, `shared.decider.Refused`.

BaijiaError
├── NotCanonical          a value that has no canonical bytes (a float, a huge integer, a lone surrogate)
├── UnknownEvent          a stored type name or version that no registered shape or upcaster covers
├── Corrupt               a stored commit whose hash, root or number does not fit
├── Forgotten             the key of a sealed field is destroyed: nobody opens it any more
├── TooManyEvents         one command decided more events than fit one commit
├── LedgerError
│   ├── Taken             the number is claimed by another commit
│   ├── OutcomeUnknown    the insert left and no answer came: it is stored 0 or 1 times
│   └── Unreachable       nothing was asked of the ledger, or a read did not come back
├── BrokerUnreachable     the broker refuses, is full, or is away
├── Overdue               the caller's deadline passed; the order may still take effect
└── FollowerStopped       an event could not be applied; `address` names it
"""


class BaijiaError(Exception):
    """The root of everything that the product raises by itself."""


class NotCanonical(BaijiaError):
    """A value that has no canonical bytes."""


class UnknownEvent(BaijiaError):
    """A stored event that this code cannot read."""


class Corrupt(BaijiaError):
    """A stored commit that contradicts itself or its neighbours."""


class Forgotten(BaijiaError):
    """The key of a sealed field is destroyed. For good: no backup of the database brings it back."""


class TooManyEvents(BaijiaError):
    """One command decided more events than fit one commit: the command must be cut in chunks."""


class LedgerError(BaijiaError):
    """The ledger did not do what was asked."""


class Taken(LedgerError):
    """The commit number is claimed. Read it to learn whose it is."""


class OutcomeUnknown(LedgerError):
    """The insert may or may not be stored. Send the identical document again."""


class Unreachable(LedgerError):
    """The ledger did not answer a read."""


class BrokerUnreachable(BaijiaError):
    """The broker refuses, is full, or is away."""


class Overdue(BaijiaError):
    """The deadline passed before an answer. The order may still take effect: ask again with the same id."""


class FollowerStopped(BaijiaError):
    """An event could not be applied. It is mended in code, never skipped."""

    def __init__(self, address: str, cause: BaseException) -> None:
        super().__init__(f"stopped at {address}: {cause!r}")
        self.address = address
        self.__cause__ = cause  # said by whoever catches it, wherever it is raised
