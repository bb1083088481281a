"""The reference page of the command line: `baijia` and `make`."""

import re
from collections.abc import Iterator

import click

from deploy.local.paths import CHECKOUT
from deploy.reference.markdown import HEAD, code, flowing, table


def cli_page(baijia: click.Command) -> str:
    """Return the Markdown of the page that lists every command of `baijia`, its root, and every target of `make`."""
    parts = [HEAD.format("Command line"), "## `baijia`\n", "`make setup` installs it as `.venv/bin/baijia`.\n"]
    for words, command in commands(baijia):
        context = click.Context(command, info_name=" ".join(words))
        usage = " ".join(command.collect_usage_pieces(context))
        parts += [f"### `{' '.join(words)}`\n", f"`{' '.join(words)} {usage}`\n", flowing(command.help or "") + "\n"]
        options = [each for each in command.params if isinstance(each, click.Option)]
        if options:
            parts += [*table(("option", "default", "meaning"), [_option(each) for each in options]), ""]
    targets = [(f"`make {name}`", about) for name, about in make_targets()]
    parts += ["## `make`\n", *table(("command", "what it does"), targets), ""]
    return "\n".join(parts)


def commands(baijia: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command of `baijia` that is not a group, with the words that call it, sorted."""

    def below(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        if isinstance(command, click.Group):
            for name in sorted(command.commands):
                yield from below((*words, name), command.commands[name])
        else:
            yield words, command

    yield from below(("baijia",), baijia)


def make_targets() -> list[tuple[str, str]]:
    """Return the targets that `make help` lists, each with the sentence that explains it."""
    text = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    return re.findall(r"^([a-z]+):.*?## (.*)$", text, re.MULTILINE)


def _option(option: click.Option) -> tuple[str, str, str]:
    names = ", ".join(f"`{each}`" for each in option.opts)
    metavar = "" if option.is_flag else f" {code(option.make_metavar(click.Context(click.Command('x'))))}"
    has_default = not option.is_flag and isinstance(option.default, str | int) and not option.prompt
    default = "required" if option.required else code(str(option.default)) if has_default else ""
    variable = f"Or the variable `{option.envvar}`." if isinstance(option.envvar, str) else ""
    return names + metavar, default, " ".join(each for each in (option.help or "", variable) if each)
