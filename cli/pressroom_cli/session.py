"""What the global options of one call say, and the host that its commands share."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pressroom.host import Host


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

            workspace = load_workspace(self.config)
            self._log(workspace.settings.log.level)
            self._host = Host(workspace, Plugins([hookspecs]))
        return self._host

    def start_log(self) -> None:
        """Warnings to standard error until the settings say more."""
        self._log("warning")

    def _log(self, level: str) -> None:
        # people at a terminal want warnings; what the file asks for beyond them is the server's log
        shown = logging.DEBUG if self.debug else max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()])
        logger = logging.getLogger("pressroom")
        logger.setLevel(shown)
        if not logger.handlers:
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
            logger.addHandler(handler)

    def close(self) -> None:
        """Close the host, where one was opened."""
        if self._host is not None:
            self._host.close()
