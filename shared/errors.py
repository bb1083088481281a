"""Exceptions for broken promises, as one tree. A refusal by the domain is a value, `shared.decider.Refused`.

BaijiaError
├── NotCanonical          a value that has no canonical bytes (a float, a huge integer, a lone surrogate)
├── UnknownEvent          a stored type name or version that no registered shape or upcaster covers
├── Corrupt               a stored commit whose hash, root or number does not fit
├── Forgotten             the key of a sealed field is destroyed: nobody can open it any more
├── TooManyEvents         one command decided more events than fit one commit
├── LedgerError
│   ├── NumberTaken       the number is claimed by another commit
│   ├── OutcomeUnknown    the insert was sent and no answer came: it is stored 0 or 1 times
│   └── Unreachable       the request did not reach the ledger, or a read got no answer
├── BrokerUnreachable     the broker refuses, is full, or does not answer
├── ServiceFailed         nobody listens to an RPC call (NobodyListens), or its method raised an exception
├── Overdue               the caller's deadline passed; the command may still take effect
└── FollowerStopped       an event could not be applied; `address` names it

The docstrings of `NumberTaken`, `OutcomeUnknown`, `TooManyEvents` and `Overdue` say how the caller continues.
"""


class BaijiaError(Exception):
    """The root of every exception that the product raises itself."""


class NotCanonical(BaijiaError):
    """A value has no canonical bytes: it holds a float, an integer beyond 2^53 - 1, a lone surrogate or another type
    that `shared.canonical` does not encode.
    """


class UnknownEvent(BaijiaError):
    """This code cannot read a stored event: its name is not registered, or no upcaster covers its version."""


class Corrupt(BaijiaError):
    """Stored data contradicts its hash or a neighbouring commit, or sealed (encrypted) data cannot be opened with the
    key that it names.
    """


class Forgotten(BaijiaError):
    """The key of a sealed (encrypted) field is destroyed for good: no backup of the database brings it back."""


class TooManyEvents(BaijiaError):
    """One command decided more events than fit one commit. The caller must split the command into chunks."""


class LedgerError(BaijiaError):
    """The ledger did not store or return what was requested. The subclasses say why."""


class NumberTaken(LedgerError):
    """The commit number is claimed already. Read the commit with this number: its uuid tells who stored it."""


class OutcomeUnknown(LedgerError):
    """An insert got no clear answer: its document may or may not be stored. Send the identical document again."""


class Unreachable(LedgerError):
    """The database did not answer: a read failed, or a request did not reach it. The ledger, the vault and the stored
    projections raise it alike. Try again later.
    """


class BrokerUnreachable(BaijiaError):
    """RabbitMQ refuses a connection or a message, is full, or does not answer. Connect again later."""


class ServiceFailed(BaijiaError):
    """An RPC call found no service that listens to it, or the method raised an exception, which the message names."""


class NobodyListens(ServiceFailed):
    """No service listens to an RPC call: it does not run, and nothing was done."""


class Overdue(BaijiaError):
    """The deadline passed before an answer. The command may still take effect: send it again with the same id."""


class FollowerStopped(BaijiaError):
    """An event could not be applied; `address` (`<log>/<n>/<i>`, or `<log>/<n>` of its commit) names it.

    The follower stays stopped until the code is mended, because an event is never skipped.
    """

    def __init__(self, address: str, cause: BaseException) -> None:
        super().__init__(f"stopped at {address}: {cause!r}")
        self.address = address
        self.__cause__ = cause  # set here, so that the handler can report it wherever it is raised
