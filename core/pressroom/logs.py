"""The log of processes that run by themselves: one line a record, for people or for machines.

Everything below the logger `pressroom` goes to one stream. A record that belongs to a run says which: log
through an adapter with `{"run": id}`, as the press does. One that belongs to a request says `request`.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any, TextIO

import msgspec

from pressroom.models.values import clean
from pressroom.settings import LogSettings

BELONGS = ("run", "request")
"""What a record may belong to."""
_ESCAPES: dict[int, str | None] = {
    **dict.fromkeys(range(0x7F, 0xA0)),
    **{ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): " ", 0x2028: " ", 0x2029: " "},
}
"""What would begin a new line, or do something to a terminal."""


def start_logging(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Write the log of this process as the settings say; what was set up before is replaced.

    Args:
        stream: standard error where None.
    """
    logger = logging.getLogger("pressroom")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    logger.addHandler(handler)
    logger.setLevel(settings.level.upper())
    # it tells every address, which may hold a token, to whoever listens to all loggers, as Celery does
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _moment(record: logging.LogRecord) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z"


class TextLines(logging.Formatter):
    """`2026-11-23T09:00:00.120Z warning pressroom.run run=7: it failed`; tracebacks follow on lines of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """One record; control characters and line ends of a message cannot forge another one."""
        where = record.name
        for belongs in BELONGS:
            if (value := getattr(record, belongs, None)) is not None:
                where = f"{where} {belongs}={value}"
        line = f"{_moment(record)} {record.levelname.lower()} {where}: {record.getMessage()}"
        line = clean(line).translate(_ESCAPES)
        if record.exc_info and record.exc_info[1] is not None:
            line = f"{line}\n{clean(self.formatException(record.exc_info))}"
        return line


class JsonLines(logging.Formatter):
    """One JSON object a line: `time level logger message`; `run`, `request`, `error`, `traceback` where they are."""

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        fields: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        for belongs in BELONGS:
            if (value := getattr(record, belongs, None)) is not None:
                fields[belongs] = value
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            fields["error"] = clean(f"{type(error).__name__}: {error}")
            fields["traceback"] = clean(self.formatException(record.exc_info))
        return msgspec.json.encode(fields, enc_hook=str).decode()
