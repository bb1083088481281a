"""Find the settings of the campaign that runs on this machine, equal to those of its processes."""

import os

from deploy import manager
from shared.settings import Settings


def settings() -> Settings:
    """Return the settings of the campaign that commands address.

    They come from the environment if it names the engines, else from the stack that `make up` started. Raises
    DeployError if neither is available.
    """
    environment = dict(os.environ)
    if "BAIJIA_MONGO_URI" not in environment:
        environment = {**environment, **manager.current().environment()}
    return Settings.read(environment)
