"""Every built-in channel keeps what the host relies on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pressroom.testing import ChannelContract, Sink
from pressroom_builtin.channels.email import EmailChannel
from pressroom_builtin.channels.folder import FolderChannel
from pressroom_builtin.channels.webhook import WebhookChannel
from servers.hook_receiver import Receiver, receiving


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


class TestWebhook(ChannelContract):
    plugin = WebhookChannel
    unreachable = {"url": "http://127.0.0.1:1/hook"}

    @pytest.fixture
    def receiver(self) -> Iterator[Receiver]:
        with receiving() as server:
            yield server

    @pytest.fixture
    def config(self, receiver: Receiver) -> dict[str, Any]:
        return {"url": receiver.url, "secret": "a secret", "documents": "multipart"}

    @pytest.fixture
    def arrived(self, receiver: Receiver) -> Callable[[], int]:
        """What arrived once, as a server counts that looks at the key."""
        return lambda: len({taken.headers["webhook-id"] for taken in receiver.taken})
