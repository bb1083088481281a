"""The settings of the campaign that runs on this machine, as its processes have them."""

import os

from deploy import manager
from shared.settings import Settings


def settings() -> Settings:
    """From the environment where it names the engines, else from what `make up` keeps. Raises DeployError."""
    environment = dict(os.environ)
    if "BAIJIA_MONGO_URI" not in environment:
        environment = {**environment, **manager.current().environment()}
    return Settings.read(environment)
