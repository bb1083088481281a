"""Table of what each kind of process may do at the broker: one RabbitMQ user for each, with rights on its own queues.

RabbitMQ checks three rights by name: configure (create and delete), write (publish to an exchange, bind a queue) and
read (consume a queue, bind from an exchange). Calls of services share nameko's topic exchange, so there the key of a
message is checked too: callers may send to methods and hear answers, a service may hear its own methods and send
answers. A right holds for all campaigns of the broker, since their names only begin the names here.

Promises: every process of the process table has its rights here, and the command line has those of `OPERATOR`; a test
compares. Nobody has a right for the default exchange, which would reach every queue.
Does not promise that a process cannot disturb others: who may create a queue or an exchange may also delete it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from deploy.topology.folded_logs import FOLDED_LOGS
from shared.exchanges import COMMITS, DEAD_LETTERS, LIKE_ANSWERS, LIKE_BATCHES, VIEW_CHANGES

#: The user of people who give commands (`baijia …`) at a deployment; it is no process of the table.
OPERATOR = "operator"
CALLS = "nameko-rpc"  # nameko's exchange for calls and their answers
_CAMPAIGN = "[a-z0-9][a-z0-9-]*"
_NUMBER = "[0-9a-f-]+"  # of a reply queue
_SERVICE = "[a-z]+"


@dataclass(frozen=True, slots=True)
class Rights:
    """Regular expressions for whole names: of what a user may configure, write and read, and of keys of calls."""

    configure: tuple[str, ...]
    write: tuple[str, ...]
    read: tuple[str, ...]
    call_write: str = ""  # keys with which it may publish to `CALLS`
    call_read: str = ""  # keys under which it may bind a queue to `CALLS`


def whole(patterns: Iterable[str]) -> str:
    """Return one regular expression that matches exactly the names that one of `patterns` matches, or none at all."""
    return f"^({'|'.join(patterns)})$" if patterns else "^$"


def _of_campaign(name: str) -> str:
    return rf"{_CAMPAIGN}\.{name}"


def _service(name: str) -> Rights:
    queue = rf"rpc-{_CAMPAIGN}\.{name}"
    followed = [log.replace(".", r"\.") for log in FOLDED_LOGS.services[name].followed]
    streams = _of_campaign(rf"log\.({'|'.join(followed)})")
    return Rights(
        configure=(queue, CALLS, streams),
        write=(queue, CALLS),
        read=(queue, CALLS, streams),
        call_write=_NUMBER,
        call_read=rf"{_CAMPAIGN}\.{name}\.\*",
    )


def _caller(*, replies: str, configure: tuple[str, ...], write: tuple[str, ...], read: tuple[str, ...]) -> Rights:
    queue = rf"rpc\.reply-{_CAMPAIGN}\.{replies}"
    return Rights(
        configure=(queue, CALLS, *configure),
        write=(queue, CALLS, *write),
        read=(queue, CALLS, *read),
        call_write=rf"{_CAMPAIGN}\.{_SERVICE}\.[a-z_]+",
        call_read=_NUMBER,
    )


_STREAMS = _of_campaign(r"log\.[a-z0-9.]+")
_COMMITS, _VIEW_CHANGES = _of_campaign(COMMITS), _of_campaign(VIEW_CHANGES)
_BATCHES, _ANSWERS, _DEAD = _of_campaign(LIKE_BATCHES), _of_campaign(LIKE_ANSWERS), _of_campaign(DEAD_LETTERS)
_VIEWS = _of_campaign("views")
_LIKE_QUEUES, _DEAD_QUEUE = _of_campaign(r"vote\.[0-9]+"), _of_campaign(r"vote\.dead")
_LIKE_REPLIES, _PROBE_REPLIES = _of_campaign(r"likes\.reply-[0-9a-f-]+"), _of_campaign(r"watch\.[0-9a-f]+")

#: The rights of each process, by its name in the process table.
RIGHTS: dict[str, Rights] = {
    **{name: _service(name) for name in FOLDED_LOGS.services},
    "relay": Rights((_COMMITS, _STREAMS), (_COMMITS, _STREAMS), (_COMMITS,)),
    "projector": Rights((_VIEW_CHANGES, _VIEWS, _STREAMS), (_VIEW_CHANGES, _VIEWS), (_VIEW_CHANGES, _STREAMS)),
    "clock": _caller(
        replies=_NUMBER,
        # RabbitMQ 4.3 wants the right to configure a queue even of those who only ask for its length.
        configure=(_PROBE_REPLIES, _BATCHES, _ANSWERS, _LIKE_QUEUES, _DEAD_QUEUE),
        write=(_PROBE_REPLIES, _BATCHES),
        read=(_PROBE_REPLIES, _ANSWERS),
    ),
    "gateway": _caller(
        replies=rf"gateway-{_NUMBER}",
        configure=(_LIKE_REPLIES, _BATCHES, _ANSWERS, _VIEWS),
        write=(_LIKE_REPLIES, _BATCHES),
        read=(_LIKE_REPLIES, _ANSWERS, _VIEWS),
    ),
    "media-worker": Rights((), (), ()),  # its jobs are in the database
    "vote-writer": Rights(
        configure=(_LIKE_QUEUES, _DEAD_QUEUE, _BATCHES, _ANSWERS, _DEAD),
        write=(_LIKE_QUEUES, _DEAD_QUEUE, _ANSWERS, _DEAD),
        read=(_LIKE_QUEUES, _BATCHES, _DEAD),
    ),
    OPERATOR: _caller(
        replies=_NUMBER, configure=(_STREAMS, _DEAD_QUEUE), write=(_BATCHES,), read=(_DEAD_QUEUE, _STREAMS)
    ),
}
