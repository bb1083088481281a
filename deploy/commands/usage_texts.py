"""Chinese texts for what click says in English of a command that is typed wrongly."""

import re

import click

#: What click says, as a pattern, and the same in Chinese; a group of the pattern fills its number.
_PATTERNS = [
    (r"No such command '(.*)'\.", r"没有命令 \1"),
    (r"Got unexpected extra arguments? \((.*)\)", r"多余的参数 \1"),
    (r"Missing command\.", "缺少子命令"),
    (r"(?:File|Path|Directory) '?(.*?)'? does not exist\.", r"\1 不存在"),
    (r"File '?(.*?)'? is a directory\.", r"\1 是目录，不是文件"),
    (r"Directory '?(.*?)'? is a file\.", r"\1 是文件，不是目录"),
    (r"(?:File|Path|Directory) '?(.*?)'? is not (?:read|writ)able\.", r"没有 \1 的权限"),
    (r"'?(.*?)'? is not a valid integer(?: range)?\.", r"\1 不是整数"),
    (r"(.*) is not in the range (.*)\.", r"\1 不在范围 \2 内"),
    (r"'?(.*?)'? is not one of (.*)\.", r"\1 不在可选范围内，可用：\2"),
    (r"Option '(.*)' requires an argument\.", r"选项 \1 需要一个值"),
    (r"Option '(.*)' does not take a value\.", r"选项 \1 不带值"),
]
_HOW = ("用 `{} --help` 查看用法", "`{} --help` shows how it is written")


def usage_texts(error: click.UsageError) -> tuple[str, str]:
    """Return what is wrong with a command that was typed, in Chinese and English."""
    en = error.format_message()
    if isinstance(error, click.MissingParameter):
        return f"缺少{_kind(error.param)} {_name(error)}", en
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}", en
    if isinstance(error, click.BadParameter):
        zh, own_en = _split(error.message)
        return f"{_kind(error.param)} {_name(error)} 的值不对：{zh}", en.replace(error.message, own_en)
    return _split(error.message)


def way_to_help(command: str) -> tuple[str, str]:
    """Return the way out of wrong use: the help of the command."""
    zh, en = _HOW
    return zh.format(command), en.format(command)


def _split(message: str) -> tuple[str, str]:
    """Return a message in both languages: our own have both, those of click are translated."""
    zh, between, en = message.partition(" / ")
    if between and not zh.isascii():
        return zh, en
    for pattern, chinese in _PATTERNS:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return match.expand(chinese), message
    return message, message


def _kind(parameter: click.Parameter | None) -> str:
    return "参数" if isinstance(parameter, click.Argument) else "选项"


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "")
    if isinstance(error.param, click.Option):
        return "/".join(error.param.opts)
    return error.param.make_metavar(error.ctx or click.Context(click.Command("baijia")))
