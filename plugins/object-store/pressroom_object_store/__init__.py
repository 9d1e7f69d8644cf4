"""The channel `object-store`: reports in S3, Google Cloud Storage, Azure or a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Channel, hookimpl

__version__ = "0.1.0"


@hookimpl
def register_channels() -> Sequence[type[Channel[Any, Any]]]:
    """The one channel."""
    from pressroom_object_store.channel import ObjectStoreChannel

    return [ObjectStoreChannel]
