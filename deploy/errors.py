"""What can go wrong when the product is set up and run.

DeployError            a sentence for the person at the terminal; never a stack trace
├── EnginesMissing     no engine answers, or the box cannot be made here
└── NotRunning         asked of processes that are not up
"""


class DeployError(Exception):
    """Its text is a whole sentence: what is wrong and what to do."""


class EnginesMissing(DeployError):
    pass


class NotRunning(DeployError):
    pass
