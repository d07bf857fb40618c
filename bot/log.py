"""Logging: one JSON line per event, constant names, no personal data, no secret (S37).

Whatever is logged, by us or by a library, passes the same redactor last: it knows the value of
every secret and replaces it even inside a traceback or a URL.
"""

import logging
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO
from urllib.parse import quote

import structlog

NOISY = (
    "aiohttp", "aiosmtplib", "alembic", "apscheduler", "asyncio", "authlib", "docx", "hwpx",
    "httpcore", "httpx", "mail.log", "multipart", "openpyxl", "PIL", "pypdfium2", "slack_bolt", "slack_sdk", "sqlalchemy", "telegram", "urllib3",
    "uvicorn", "uvicorn.access", "uvicorn.error",
)  # fmt: skip
"""Loggers that write whole requests at INFO: httpx prints the bot token (probe P6)."""

SHORTEST = 6
"""Shorter values would redact ordinary words; settings refuse weaker secrets anyway."""


class Redactor:
    """Replaces secrets' values in a finished line, as they stand and as URLs carry them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= SHORTEST}
        known |= {quote(secret, safe="") for secret in known}
        # The part of a bot token after the colon is the secret half: it may appear alone.
        known |= {half for s in known if len(half := s.partition(":")[2]) >= SHORTEST}
        self._known = sorted(known, key=len, reverse=True)

    def __call__(self, line: str) -> str:
        for secret in self._known:
            if secret in line:
                line = line.replace(secret, "▇▇▇")
        return line


class _Lines(logging.Formatter):
    """structlog's renderer, then the redactor."""

    def __init__(self, inner: logging.Formatter, redact: Redactor) -> None:
        super().__init__()
        self._inner = inner
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(self._inner.format(record))


def _no_objects(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Let only plain values through: an object's repr may carry somebody's words."""
    for key, value in event.items():
        if key in {"exc_info", "_record", "_from_structlog", "stack_info"}:
            continue
        if not isinstance(value, str | int | float | bool | None):
            event[key] = type(value).__name__
    return event


def _frames_only(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Give an exception as its types and places, never its message.

    Messages of libraries quote what they choked on: a statement's parameters, a request's body.
    """
    info = event.pop("exc_info", None)
    error: BaseException | None = None
    if isinstance(info, BaseException):
        error = info
    elif isinstance(info, tuple):
        error = info[1]
    elif info:
        error = sys.exc_info()[1]
    if error is not None:
        event["error"] = type(error).__name__
        event["trace"] = trace(error)
    return event


def trace(error: BaseException) -> str:
    """Give the places an error passed, innermost last: `module:line` joined by ` > `."""
    places: list[str] = []
    step = error.__traceback__
    while step is not None:
        module = step.tb_frame.f_globals.get("__name__", "?")
        places.append(f"{module}:{step.tb_lineno}")
        step = step.tb_next
    cause = error.__cause__ or error.__context__
    tail = f" < {type(cause).__name__}" if cause is not None else ""
    return " > ".join(places[-12:]) + tail


def set_up(secrets: Iterable[str], *, level: str = "info", stream: TextIO | None = None) -> None:
    """Route structlog and the standard library through one redacted handler."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _frames_only,
        _no_objects,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    lines = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Lines(lines, Redactor(secrets)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in NOISY:
        noisy = logging.getLogger(name)
        noisy.setLevel(logging.WARNING)
        noisy.handlers = []
        noisy.propagate = True
    # Of several errors in one exchange the first is raised; the rest would be told here, unlooked at.
    logging.getLogger("psycopg").setLevel(logging.ERROR)


# Whoever forgets `set_up` (a tool, a test) must not print the locals of a traceback either.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        _frames_only,
        _no_objects,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ],
    logger_factory=structlog.PrintLoggerFactory(sys.stderr),
)


def get(name: str) -> Any:
    """Give a logger; event names are constants, values are ids and counts."""
    return structlog.stdlib.get_logger(name)
