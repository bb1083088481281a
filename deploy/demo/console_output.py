"""Console output of the demo: progress bars on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

PLAIN_EVERY_S = 5.0


class ConsoleOutput:
    """Print the progress of the demo to the console; each line has the minutes and seconds since the start."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._started = time.monotonic()

    def heading(self, words: str) -> None:
        """Print the heading of a phase of the demo."""
        self._console.print(f"[bold]{self._clock()} {words}[/bold]")

    def print_line(self, words: str) -> None:
        """Print one line of text below the heading."""
        self._console.print(f"{self._clock()}   {words}")

    def table(self, title: str, columns: list[str], rows: list[list[object]]) -> None:
        """Print a table with a title."""
        table = Table(*columns, title=title, title_justify="left")
        for row in rows:
            table.add_row(*map(str, row))
        self._console.print(table)

    def last(self, line: str) -> None:
        """Print the last line of the demo for programs to read, neither wrapped nor styled."""
        print(line, flush=True)

    @contextmanager
    def bar(self, words: str, total: int) -> Iterator["Bar"]:
        """Show the progress of `total` pieces of work while the context is entered, whose value counts them."""
        if sys.stdout.isatty():
            columns = (
                TextColumn("          {task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
            )
            with Progress(*columns, console=self._console, transient=True) as progress:
                task = progress.add_task(words, total=total)
                yield Bar(lambda done: progress.update(task, completed=done))
        else:
            yield Bar(_Lines(self, words, total).at)
        self.print_line(f"{words}: {total}")

    def _clock(self) -> str:
        seconds = int(time.monotonic() - self._started)
        return f"[{seconds // 60:02d}:{seconds % 60:02d}]".replace("[", "\\[")


class Bar:
    """Counter of the pieces of work that are done, which calls `at` with their number after each step."""

    def __init__(self, at: Callable[[int], None]) -> None:
        self._at, self.done = at, 0

    def step(self, count: int = 1) -> None:
        """Count `count` more pieces of work as done."""
        self.done += count
        self._at(self.done)


class _Lines:
    """Progress as a plain line every PLAIN_EVERY_S seconds."""

    def __init__(self, output: ConsoleOutput, words: str, total: int) -> None:
        self._output, self._words, self._total, self._printed_at = output, words, total, time.monotonic()

    def at(self, done: int) -> None:
        if time.monotonic() - self._printed_at > PLAIN_EVERY_S:
            self._printed_at = time.monotonic()
            self._output.print_line(f"{self._words}: {done} of {self._total}")
