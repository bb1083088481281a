"""Every command of the command lines can be called: click hands over each argument under a name that it knows."""

import inspect
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from deploy import cli, engines, generate, manager, run
from deploy.errors import DeployError


def commands_of(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Yield a command with all that stand below it, each with its name."""
    yield name, command
    if isinstance(command, click.Group):
        for word, below in command.commands.items():
            yield from commands_of(below, f"{name} {word}")


MODULES = {"baijia": cli, "manager": manager, "engines": engines, "run": run, "generate": generate}
COMMANDS = dict(each for name, module in MODULES.items() for each in commands_of(module.main, name))


@pytest.mark.parametrize("name", COMMANDS)
def test_command_takes_what_its_options_and_arguments_give(name: str):
    command = COMMANDS[name]
    assert command.callback is not None

    taken = inspect.signature(inspect.unwrap(command.callback)).parameters.values()
    given = {each.name for each in command.params if each.expose_value}

    named = {each.name for each in taken if each.kind is not each.VAR_KEYWORD}
    assert named == given or (named < given and len(named) < len(taken))


def test_scale_without_a_number_says_how_it_is_written():
    done = CliRunner().invoke(manager.main, ["scale", "voting"])

    assert isinstance(done.exception, DeployError)
    assert "'voting' must have the form NAME=NUMBER" in str(done.exception)
