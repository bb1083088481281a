"""Wait with a time limit until a server answers, and say why it does not."""

import time
from collections.abc import Callable
from urllib.error import URLError
from urllib.request import urlopen

import pymongo
from kombu import Connection
from pymongo.errors import PyMongoError


def until(complaint: Callable[[], str | None], *, timeout_s: float, every_s: float = 0.1) -> str | None:
    """Call `complaint` every `every_s` seconds until it returns None or `timeout_s` is over; return its last result.

    A complaint is a sentence that says why a server is not ready.
    """
    end = time.monotonic() + timeout_s
    while (last := complaint()) is not None and time.monotonic() < end:
        time.sleep(every_s)
    return last


def mongo_complaint(uri: str) -> str | None:
    """Return None if MongoDB answers a ping at `uri`, else a sentence that says it does not."""
    try:
        with pymongo.MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=500, connectTimeoutMS=500) as client:
            client.admin.command("ping")
    except PyMongoError as error:
        return f"MongoDB does not answer at {_without_secret(uri)} ({type(error).__name__})"
    return None


def amqp_complaint(uri: str) -> str | None:
    """Return None if RabbitMQ opens a channel at `uri`, else a sentence that says it does not."""
    connection = Connection(uri, connect_timeout=2)
    try:
        connection.connect()
        connection.default_channel.close()
    except (OSError, *connection.connection_errors) as error:
        return f"RabbitMQ does not answer at {_without_secret(uri)} ({type(error).__name__})"
    finally:
        connection.release()
    return None


def http_complaint(url: str) -> str | None:
    """Return None if a GET of `url` succeeds, else a text with the error."""
    try:
        with urlopen(url, timeout=2):
            return None
    except (URLError, OSError) as error:
        return f"{url}: {error}"


def _without_secret(uri: str) -> str:
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
