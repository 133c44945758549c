"""What goes to the logs, and what never does: secrets, keys and spoken text."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from hub.settings import Settings

HIDDEN = "[hidden]"
PRIVATE_NAMES = re.compile(
    r"(?:^|_)(?:text|description|instructions|input|reference|audio|body|payload|secret|password|token"
    r"|authorization|cookie|(?:api_?|secret_)key|signature|credentials?)$",
    re.IGNORECASE,
)
SECRET_SHAPES = re.compile(
    r"(?P<keep>bearer\s+|basic\s+|[?&](?:signature|sig|token|key)=|://[^/\s:@]*:(?=[^\s@]*@))[^\s&@\"']+"
    r"|\b(?:shk|whsec)_[A-Za-z0-9+/=_-]{6,}",
    re.IGNORECASE,
)
NOISY = ("aiosqlite", "alembic", "arq", "asyncio", "filelock", "httpcore", "httpx", "uvicorn.error")
"""Libraries that tell of every step; only their warnings are of use."""


def configure_logs(settings: Settings, *, process: str) -> None:
    """Sends structlog and the standard library's logs to standard error, one event a line.

    `process` (web, speak, deliver, …) is put on every line.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _named(process),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        hide_private,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(settings)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _named(process: str) -> Processor:
    def add_process(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("process", process)
        return event

    return add_process


def _renderers(settings: Settings) -> list[Processor]:
    on_console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    if on_console:
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    return [structlog.processors.JSONRenderer()]


def hide_private(logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A structlog processor: blanks values under private names, and secrets wherever they stand."""
    return {name: _cleaned(name, value) for name, value in event.items() if name != "color_message"}


def _cleaned(name: str, value: Any) -> Any:
    if PRIVATE_NAMES.search(name):
        return HIDDEN
    if isinstance(value, str):
        return SECRET_SHAPES.sub(lambda found: (found["keep"] or "") + HIDDEN, value)
    if isinstance(value, Mapping):
        return {key: _cleaned(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned("", inner) for inner in value]
    return value
