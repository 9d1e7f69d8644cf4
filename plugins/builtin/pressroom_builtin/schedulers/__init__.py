"""Built-in schedulers: `local` works on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Scheduler, hookimpl


@hookimpl
def register_schedulers() -> Sequence[type[Scheduler[Any]]]:
    """The schedulers that come with Pressroom."""
    from pressroom_builtin.schedulers.local import LocalScheduler

    return [LocalScheduler]
