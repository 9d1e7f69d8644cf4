"""What the global options of one call say, and the host that its commands share."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom_cli import console

if TYPE_CHECKING:
    from pressroom.host import Host


class _Handler(logging.Handler):
    """The log for people at a terminal: one line a record; tracebacks with --debug only."""

    def __init__(self, debug: bool) -> None:
        super().__init__()
        self.debug = debug

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.levelname.lower()}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            shown = "".join(traceback.format_exception(error)) if self.debug else f"{type(error).__name__}: {error}"
            line = f"{line}: {shown}"
        console.note(line)


@dataclass
class Session:
    """One call of the command line.

    Attributes:
        config: the toml file that `--config` names.
        debug: whether tracebacks and the debug log are shown.
    """

    config: Path | None = None
    debug: bool = False
    _host: Host | None = None

    def host(self) -> Host:
        """The workspace's host, opened at first use.

        Raises:
            SettingsError: there is no workspace, or its settings are wrong.
        """
        if self._host is None:
            from pressroom.host import Host
            from pressroom.plugins import Plugins
            from pressroom.settings import load_workspace
            from pressroom_cli import hookspecs

            self._host = Host(load_workspace(self.config), Plugins([hookspecs]))
        return self._host

    def start_log(self) -> None:
        """Warnings to standard error, with --debug everything; never twice."""
        logger = logging.getLogger("pressroom")
        logger.setLevel(logging.DEBUG if self.debug else logging.WARNING)
        for handler in [handler for handler in logger.handlers if isinstance(handler, _Handler)]:
            logger.removeHandler(handler)
        logger.addHandler(_Handler(self.debug))

    def close(self) -> None:
        """Close the host, where one was opened."""
        if self._host is not None:
            self._host.close()
