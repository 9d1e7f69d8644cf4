"""Every built-in channel keeps what the host relies on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressroom.testing import ChannelContract, Sink
from pressroom_builtin.channels.email import EmailChannel
from pressroom_builtin.channels.folder import FolderChannel


class TestFolder(ChannelContract):
    plugin = FolderChannel

    @pytest.fixture
    def config(self) -> dict[str, Any]:
        return {"path": "outbox"}

    @pytest.fixture
    def arrived(self, workspace: Path) -> Callable[[], int]:
        return lambda: len([path for path in workspace.glob("outbox/*") if not path.name.startswith(".")])


class TestFolderOfMails(TestFolder):
    @pytest.fixture
    def config(self) -> dict[str, Any]:
        return {"path": "outbox", "content": "eml"}


class TestEmail(ChannelContract):
    plugin = EmailChannel
    refused = ("nobody", "eve@example.com")
    unreachable = {"port": 1}

    @pytest.fixture
    def config(self, pressroom_sink: Sink) -> dict[str, Any]:
        return {
            "host": pressroom_sink.host,
            "port": pressroom_sink.port,
            "sender": "Pressroom <reports@example.org>",
            "allowed_recipients": ["*@example.org"],
        }

    @pytest.fixture
    def arrived(self, pressroom_sink: Sink) -> Callable[[], int]:
        return lambda: len(pressroom_sink.files)
