"""The scheduler `celery`: runs are worked on by Celery's workers, on as many machines as there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Scheduler, hookimpl

__version__ = "0.1.0"


@hookimpl
def register_schedulers() -> Sequence[type[Scheduler[Any]]]:
    """The one scheduler."""
    from pressroom_celery.scheduler import CeleryScheduler

    return [CeleryScheduler]
