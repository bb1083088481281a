"""Tables and wrapped text for the console, measured in columns of the screen: a Chinese character takes two.

Promises: no line is wider than the width, by default that of the terminal and 80 where output is piped; nothing is cut
off, since long cells go on in the next line. Trailing blanks are removed.
"""

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.commands.language import in_language, language

PIPED_WIDTH = 80
#: What stays together: a word, a blank, or a character, each with the closing marks that follow it.
_PIECES = re.compile(r"(?:[!-~]+|\S)[，。；：、）》」！？]*|\s+")
LEAST_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a console table. One that `wraps` gives way where the table is too wide; `right` is for numbers."""

    zh: str
    en: str
    right: bool = False
    wraps: bool = False


def width() -> int:
    """Return how many columns a line may take."""
    if not sys.stdout.isatty():
        return PIPED_WIDTH
    return max(LEAST_WIDTH, shutil.get_terminal_size((PIPED_WIDTH, 24)).columns)


def table_lines(columns: Sequence[Column], rows: Sequence[Sequence[object]], *, within: int | None = None) -> list[str]:
    """Return a table in lines. A cell that is a pair of texts is shown in the reader's language."""
    lang = language()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for column in columns:
        table.add_column(
            Text(in_language(column.zh, column.en, lang).replace(" / ", "\n")),
            justify="right" if column.right else "left",
            no_wrap=not column.wraps,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(_cell(each, lang)) for each in row))
    console = Console(width=within or width(), highlight=False, markup=False, emoji=False, color_system=None)
    with console.capture() as drawn:
        console.print(table)
    # A plain dash, because many Chinese terminals draw the line of boxes twice as wide.
    return [line.rstrip().replace("─", "-") for line in drawn.get().splitlines()]


def wrapped(text: str, within: int) -> list[str]:
    """Return a text in lines that are at most `within` columns wide, broken between words or Chinese characters.

    No line begins with a closing mark, and only a word that is wider than a line is broken.
    """
    lines = []
    for paragraph in text.split("\n"):
        line, columns = "", 0
        for piece in _PIECES.findall(paragraph):
            for part in [piece] if cell_len(piece) <= within else chop_cells(piece, within):
                if columns + cell_len(part.rstrip()) > within:
                    lines.append(line.rstrip())
                    line, columns = "", 0
                if line or not part.isspace():
                    line, columns = line + part, columns + cell_len(part)
        lines.append(line.rstrip())
    return lines


def padded(text: str, to: int) -> str:
    """Return a text with blanks up to a width in columns."""
    return text + " " * (to - cell_len(text))


def _cell(value: object, lang: str) -> str:
    if isinstance(value, tuple):
        return in_language(str(value[0]), str(value[1]), lang).replace(" / ", "\n")
    return str(value)
