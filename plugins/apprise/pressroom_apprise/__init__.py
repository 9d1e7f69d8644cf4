"""The channel `apprise`: reports go to the chat services that Apprise knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Channel, hookimpl

__version__ = "0.1.0"


@hookimpl
def register_channels() -> Sequence[type[Channel[Any, Any]]]:
    """The one channel."""
    from pressroom_apprise.channel import AppriseChannel

    return [AppriseChannel]
