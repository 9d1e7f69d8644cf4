"""The command line in this process, over the small workspace of visits, and its host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pressroom import Host
from workspaces.command_line import mail_server, run, workspace

__all__ = ["host", "mail_server", "run", "workspace"]


@pytest.fixture
def host(workspace: Path) -> Iterator[Host]:
    """The workspace's host."""
    with Host.open(workspace) as opened:
        yield opened
