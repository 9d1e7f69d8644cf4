"""The built-in delivery channels: `email`, `folder` and `webhook`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Channel, hookimpl
from pressroom_builtin.channels.email import EmailChannel
from pressroom_builtin.channels.folder import FolderChannel
from pressroom_builtin.channels.webhook import WebhookChannel


@hookimpl
def register_channels() -> Sequence[type[Channel[Any, Any]]]:
    """The channels of this package."""
    return EmailChannel, FolderChannel, WebhookChannel
