"""Progress of long work, with the time left: on standard error, and only where a person looks at it.

Promises: nothing is printed where standard error is piped or a file, so that logs and scripts see results alone.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.commands.language import text

Completed = Callable[[int], None]


@contextmanager
def progress(zh: str, en: str, total: int | None) -> Iterator[Completed]:
    """Show a bar while the block runs; its value takes how many of `total` pieces are complete."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn(text("还剩", "left")),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as bar:
        task = bar.add_task(text(zh, en), total=total)
        yield lambda completed: bar.update(task, completed=completed)
