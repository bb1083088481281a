"""Structured logs: one JSON object a line on standard error. No personal data, no address of a client."""

import logging
import sys
from typing import cast

import structlog


def configure(process: str) -> None:
    """Set up structlog for a process; the standard library's loggers come out the same way from WARNING on."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")

    # Not a context variable: those are a thread's own, and a green thread's.
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
    """The logger of a module."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(module=name))
