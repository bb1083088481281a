"""Errors that can occur while the product is set up and run.

All of them carry a sentence for the person at the terminal, who never sees a stack trace:

    DeployError            any failure of set-up or control
    ├── EnginesMissing     no engine answers, or the box cannot be built on this machine
    └── NotRunning         a command addresses processes that are not running
"""

from typing import IO, Any

import click


class DeployError(click.ClickException):
    """A failure of set-up or control. Its text is a whole sentence that says what is wrong and what to do.

    Every command line of ours shows the text alone on standard error, and exits 1.
    """

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence as it is."""
        click.echo(self.message, file=file, err=file is None)


class EnginesMissing(DeployError):
    """No engine answers, or the box cannot be built on this machine."""


class NotRunning(DeployError):
    """A command addresses the processes of a campaign, or of a folder, that are not running."""
