"""The reference page of the command line: `baijia` and `make`."""

import re
from collections.abc import Iterator

import click

from deploy.local.paths import CHECKOUT
from deploy.reference.markdown import HEAD, code, flowing, table

#: What all commands share.
COMMON = """\
Every command takes `--lang zh` or `--lang en`.
Without it the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`) chooses the language of help and output; a locale that is neither Chinese nor English gives both.
A refusal is in both languages unless `--lang` names one.
It goes to standard error, ends with its code in brackets, and says what to do:

```
$ baijia explain z99
错误 / Error: 没有成果 z99 / there is no entry z99 [entry-unknown]
怎么办 / What to do: 请核对海报编号（如 A012，大小写、全角均可）；`baijia rank` 列出全部编号 / Check the poster number, such as A012, in any case; `baijia rank` lists them all
```

An entry is typed by its poster number, in any case and width (`A012`, `a12`, `Ａ０１２`).
Tables fit 80 columns, or the terminal; long names go on in the next line.
Long work shows its progress and the time left on standard error, on a terminal only.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | refused, or a check has found a difference; nothing was written unless the refusal says so |
| 2 | typed wrongly |
| 3 | something is not reachable: MongoDB, RabbitMQ, or a service |
"""  # noqa: E501 -- prose files have one sentence a line


def cli_page(baijia: click.Command) -> str:
    """Return the Markdown of the page that lists every command of `baijia`, its root, and every target of `make`."""
    parts = [HEAD.format("Command line"), "## `baijia`\n", "`make setup` installs it as `.venv/bin/baijia`.\n", COMMON]
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
