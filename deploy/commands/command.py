"""Base classes of all commands of `baijia`: refusals instead of stack traces, `--lang`, and help in both languages.

Promises: an exception that says that something is away, broken or unreadable becomes a refusal
(`deploy/commands/refusals.py`); wrong use is said in both languages and exits 2. An exception that no refusal words is
a defect, and keeps its stack trace.
"""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import click
from rich.cells import cell_len

from deploy.commands.console_tables import padded, width, wrapped
from deploy.commands.help_texts import HELP, OPTIONS
from deploy.commands.language import (
    BOTH,
    EN,
    LANGUAGES,
    ZH,
    explicit_language,
    in_language,
    language,
    language_option,
    remember,
)
from deploy.commands.refusals import WRONG_USE, CommandRefused, of_error
from deploy.commands.usage_texts import usage_texts, way_to_help

MOST_NAME = 24  # columns that the names of options take beside their explanations


class WrongUse(click.UsageError):
    """A command was typed wrongly. It is shown with the usage and the way out, in both languages."""

    exit_code = WRONG_USE

    def __init__(self, error: click.UsageError, context: click.Context | None) -> None:
        zh, en = usage_texts(error)
        current = error.ctx or context
        super().__init__(in_language(zh, en, BOTH), current)
        self.zh, self.en = zh, en
        self.lang = BOTH if current is None else explicit_language(current)

    def show(self, file: IO[Any] | None = None) -> None:
        """Print usage, what is wrong, and the command that explains it, to standard error."""
        lines = []
        if self.ctx is not None:
            usage = " ".join([self.ctx.command_path, *self.ctx.command.collect_usage_pieces(self.ctx)])
            lines.append(f"{in_language('用法', 'Usage', self.lang)}: {usage}")
        lines.append(f"{in_language('错误', 'Error', self.lang)}: {in_language(self.zh, self.en, self.lang)}")
        if self.ctx is not None:
            way = in_language(*way_to_help(self.ctx.command_path), self.lang)
            lines.append(f"{in_language('怎么办', 'What to do', self.lang)}: {way}")
        click.echo("\n".join(lines), file=file, err=file is None)


@contextmanager
def refusals(context: click.Context | None) -> Iterator[None]:
    """Raise CommandRefused or WrongUse in place of what the block raises, where either words it."""
    try:
        yield
    except (CommandRefused, WrongUse, click.exceptions.NoArgsIsHelpError):
        raise
    except click.UsageError as error:
        raise WrongUse(error, context) from error
    except click.ClickException as error:
        raise of_error(error) or error from error
    except Exception as error:
        refused = of_error(error)
        if refused is None:
            raise
        raise refused from error


class Command(click.Command):
    """A command of `baijia`."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters of the command with `--lang`, which every command has."""
        params = super().get_params(ctx)
        return params if any(each.name == "lang" for each in params) else [*params[:-1], _LANG, params[-1]]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; `--lang` holds from the start, wherever it stands, also for what is wrong with them."""
        for at, each in enumerate(args):
            value = each.partition("=")[2] or "".join(args[at + 1 : at + 2])
            if each.partition("=")[0] == "--lang" and value in LANGUAGES:
                remember(ctx, _LANG, value)
        return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        with refusals(None):
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with refusals(ctx):
            return super().invoke(ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_help(self, ctx, formatter)


class Group(Command, click.Group):
    """A group of commands of `baijia`, whose commands are `Command`."""

    command_class = Command
    group_class = type

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        with refusals(ctx):
            return super().resolve_command(ctx, args)


def write_help(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the help of a command in the reader's language, or in both, Chinese first, within the width of a line."""
    lang, within = language(), width()
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    lines = [f"{in_language('用法', 'Usage', lang)}: {usage}"]
    english = inspect.cleandoc(command.help or "").replace("\b\n", "")
    texts = {ZH: HELP.get(_words(ctx), english), EN: english if "\b" in (command.help or "") else _flowing(english)}
    for each in (ZH, EN) if lang == BOTH else (lang,):
        lines += ["", *(f"  {line}".rstrip() for line in wrapped(texts[each], within - 2))]
    if isinstance(command, click.Group):
        rows = [(name, _first_line(ctx, name, one, lang)) for name, one in sorted(command.commands.items())]
        lines += ["", in_language("命令", "Commands", lang) + ":", *_definitions(rows, within)]
    options = [
        (record[0], _stacked(OPTIONS.get(_option_key(ctx, each), record[1]), record[1], lang))
        for each in command.get_params(ctx)
        if isinstance(each, click.Option) and (record := each.get_help_record(ctx)) is not None
    ]
    lines += ["", in_language("选项", "Options", lang) + ":", *_definitions(options, within)]
    formatter.write("\n".join(lines) + "\n")


def _definitions(rows: Sequence[tuple[str, str]], within: int) -> list[str]:
    """Return names with their explanations beside them, or below a long name."""
    column = min(MOST_NAME, max(cell_len(name) for name, _ in rows)) + 2
    lines = []
    for name, words in rows:
        first, *more = wrapped(words, within - column - 2) or [""]
        if cell_len(name) > column - 2:
            lines.append(f"  {name}")
            more = [first, *more]
        else:
            lines.append(f"  {padded(name, column)}{first}".rstrip())
        lines += [f"  {' ' * column}{each}" for each in more]
    return lines


def _flowing(text: str) -> str:
    """Return a text with each paragraph on one line."""
    return "\n\n".join(" ".join(each.split()) for each in text.split("\n\n"))


def _words(ctx: click.Context) -> str:
    """Return the words of a command below `baijia`, such as `log show`; empty for `baijia` itself."""
    names = []
    current: click.Context | None = ctx
    while current is not None and current.parent is not None:
        names.append(str(current.command.name))
        current = current.parent
    return " ".join(reversed(names))


def _first_line(ctx: click.Context, name: str, command: click.Command, lang: str) -> str:
    zh = HELP.get(f"{_words(ctx)} {name}".strip(), "").partition("\n")[0]
    en = command.get_short_help_str(limit=200)
    return _stacked(zh or en, en, lang)


def _stacked(zh: str, en: str, lang: str) -> str:
    """Return a text in the reader's language, or in both, one below the other."""
    return f"{zh}\n{en}" if lang == BOTH and zh != en else in_language(zh, en, lang)


def _option_key(ctx: click.Context, parameter: click.Parameter) -> tuple[str, str]:
    name = "help" if "--help" in parameter.opts else str(parameter.name)
    key = _words(ctx), name
    return key if key in OPTIONS else ("", name)


@language_option()
def _holder() -> None:
    """Hold the shared option `--lang`."""


_LANG: click.Parameter = _holder.__click_params__[0]  # type: ignore[attr-defined]
