"""The command `nameko run` finds one service in each module that is run as one, and no part of it."""

import pytest
from nameko.cli.run import import_service

from deploy.run import SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_module_of_a_service_shows_nameko_that_service_alone(name: str) -> None:
    module = f"services.{name}.service"

    assert [each.__module__ for each in import_service(module)] == [module]
