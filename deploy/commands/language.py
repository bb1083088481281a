"""Language of the command line: `--lang` decides, else the locale; without either both stand side by side.

Chinese stands first. Refusals are in both languages unless `--lang` names one, because whoever reads the report of a
failure is often not the person who typed the command.
"""

import os
from collections.abc import Callable, Mapping

import click

ZH, EN, BOTH = "zh", "en", "both"
LANGUAGES = (ZH, EN)
_META = "baijia.lang"
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides, as for every other program


def remember(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Store the choice of `--lang` for the whole command. It is the callback of that option."""
    if value is not None:
        context.meta[_META] = value


def explicit_language(context: click.Context | None = None) -> str:
    """Return the language that `--lang` named, or BOTH."""
    current = context or click.get_current_context(silent=True)
    return BOTH if current is None else str(current.meta.get(_META, BOTH))


def language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of output: that of `--lang`, else of the locale if it is Chinese or English, else BOTH."""
    chosen = explicit_language()
    if chosen != BOTH:
        return chosen
    locale = next((value for name in _LOCALES if (value := environment.get(name))), "")
    return next((each for each in LANGUAGES if locale.lower().startswith(each)), BOTH)


def in_language(zh: str, en: str, lang: str) -> str:
    """Return a text in the language `lang`, or both side by side, Chinese first. A text that is equal stands once."""
    if lang == BOTH:
        return zh if zh == en else f"{zh} / {en}"
    return zh if lang == ZH else en


def text(zh: str, en: str) -> str:
    """Return a text of the output in the reader's language."""
    return in_language(zh, en, language())


def language_option() -> Callable[[click.decorators.FC], click.decorators.FC]:
    """Return the decorator that adds `--lang` to a command."""
    return click.option(
        "--lang", type=click.Choice(LANGUAGES), is_eager=True, expose_value=False, callback=remember,
        help="Language of help and output: zh or en. By default the locale decides; a neutral locale gives both.",
    )  # fmt: skip
