"""Find the settings of the campaign that runs on this machine, equal to those of its processes."""

import os
from urllib.parse import urlsplit

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from deploy import manager
from deploy.commands.refusals import CommandRefused
from shared.settings import Settings

BROKERS = ("amqp", "amqps", "pyamqp")  # the schemes of RabbitMQ's addresses


def settings() -> Settings:
    """Return the settings of the campaign that commands address.

    They come from the environment if it names the engines, else from the stack that `make up` started. Raises
    DeployError if neither is available, CommandRefused for a setting that cannot be read.
    """
    environment = dict(os.environ)
    if "BAIJIA_MONGO_URI" not in environment:
        environment = {**environment, **manager.current().environment()}
    try:
        found = Settings.read(environment)
        _check_addresses(found)
        return found
    except (ValueError, PyMongoError) as problem:
        raise CommandRefused(
            f"设置读不了：{problem}", f"a setting cannot be read: {problem}", code="settings-unreadable"
        ) from problem


def _check_addresses(found: Settings) -> None:
    """Raise ValueError or PyMongoError for an address that is none, before anything tries to connect to it."""
    for each in found.amqp_uri.split(";"):
        parts = urlsplit(each)
        if parts.scheme not in BROKERS or parts.port == 0:
            raise ValueError(f"BAIJIA_AMQP_URI {parts.scheme}://…")
    if not found.mongo_uri.startswith("mongodb+srv://"):  # which only a name server could check
        parse_uri(found.mongo_uri)
