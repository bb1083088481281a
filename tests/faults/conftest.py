import pytest

from deploy import engines as running
from deploy.uris import Engines


@pytest.fixture(scope="session")
def engines() -> Engines:
    """MongoDB's protocol and RabbitMQ, up: those that the environment names, else the machine's own."""
    return running.up()
