"""Errors that can occur while the product is set up and run.

All of them carry a sentence for the person at the terminal, who never sees a stack trace:

    DeployError            any failure of set-up or control
    ├── EnginesMissing     no engine answers, or the box cannot be built on this machine
    └── NotRunning         a command addresses processes that are not running
"""


class DeployError(Exception):
    """A failure of set-up or control. Its text is a whole sentence that says what is wrong and what to do."""


class EnginesMissing(DeployError):
    """No engine answers, or the box cannot be built on this machine."""


class NotRunning(DeployError):
    """A command addresses the processes of a campaign, or of a folder, that are not running."""
