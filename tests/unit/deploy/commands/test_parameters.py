"""Every command of the command lines can be called with the parameters that it declares."""

import inspect
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from deploy import cli, engines, generate, manager, run
from deploy.errors import DeployError


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Yield a command and all below it, each with its words."""
    yield name, command
    if isinstance(command, click.Group):
        for word, below in command.commands.items():
            yield from commands(below, f"{name} {word}")


ROOTS = {
    "baijia": cli.main,
    "engines": engines.main,
    "generate": generate.main,
    "manager": manager.main,
    "run": run.main,
}
ALL = [each for name, root in ROOTS.items() for each in commands(root, name)]


@pytest.mark.parametrize("command", [command for _, command in ALL], ids=[name for name, _ in ALL])
def test_declared_parameters_are_those_of_the_function(command: click.Command):
    declared = {each.name for each in command.params if each.expose_value}
    function = inspect.unwrap(command.callback) if command.callback else None
    parameters = inspect.signature(function).parameters.values() if function else ()
    named = {each.name for each in parameters if each.kind is not inspect.Parameter.VAR_KEYWORD}
    takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)

    assert named == (declared & named if takes_all else declared)


def test_scale_without_a_number_says_how_it_is_written():
    done = CliRunner().invoke(manager.main, ["scale", "voting"], standalone_mode=False)

    assert isinstance(done.exception, DeployError)
    assert "'voting' must have the form NAME=NUMBER" in str(done.exception)
