"""Structured logs: one JSON object on each line of standard error. They hold no personal data and no client's IP
address.
"""

import logging
import sys
from typing import cast

import structlog


def configure(process: str) -> None:
    """Set up structlog for a process, with the process name in every line. Call it once at the start.

    The standard library's loggers write to standard error too, from level WARNING.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")

    # Not a context variable: each thread, and each green thread, would have its own.
    def named(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {**line, "process": process}

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            named,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return the structlog logger of a module; each line carries `name` as `module`."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(module=name))
