"""Logs: a line an event, readable in development, JSON in production, never a secret.

What may be logged is a list of names; any other value is left out, since a list of
what must be hidden is always one name short.
"""

import logging
import sys
from typing import Any, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from .settings import Settings

ALLOWED = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "logger",
        "request_id",
        "method",
        "endpoint",
        "status",
        "ms",
        "app",
        "worker",
        "task",
        "count",
        "kind",
        "outcome",
        "state",
        "code",
        "error",
        "exception",
        "attempt",
        "message_id",
        "topup_id",
        "payout_id",
        "link_id",
        "merchant_id",
        "session_id",
        "payment_id",
        "transfer_id",
        "account_id",
        "user_id",
        "bank",
        "at_bank",
        "biller",
        "client",
        "book",
        "block",
        "seconds",
        "port",
        "pid",
        "where",
        "type",
        "name",
        "reason",
        "why",
        "day",
        "fault",
        "place",
    ]
)
TRACEBACK = {"exc_info", "stack_info"}


def configure(settings: Settings) -> None:
    """Set up structlog, and send the standard library's records the same way."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_allowed,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(settings),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # These name whole addresses, and some of ours carry a payment link.
    for chatty in ("urllib3", "werkzeug", "_granian.access", "granian.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def get(name: str) -> FilteringBoundLogger:
    """Return the logger of a module."""
    return structlog.get_logger(name)


def keep_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every value whose name is not in ``ALLOWED``."""
    kept = ALLOWED | TRACEBACK | {"_record", "_from_structlog"}
    return {name: value for name, value in event.items() if name in kept}


def _rendering(settings: Settings) -> list[Any]:
    if settings.production:
        return [_name_exception, structlog.processors.JSONRenderer()]
    return [
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    ]


def _name_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Say what was raised and where, without its text: that can quote a whole row."""
    found: object = event.pop("exc_info", None)
    if isinstance(found, tuple):
        found = cast("tuple[object, object, object]", found)[1]
    error = sys.exc_info()[1] if found is True else found
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["where"] = _places(error)
    return event


def _places(error: BaseException) -> list[str]:
    places: list[str] = []
    step = error.__traceback__
    while step:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return places[-8:]
