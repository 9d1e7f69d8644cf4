"""What `celery -A pressroom_celery.app` runs: the workspace that `PRESSROOM_CONFIG` or the current folder names."""

from __future__ import annotations

from celery import Celery

from pressroom import Host, SettingsError
from pressroom_celery.broker import make_app
from pressroom_celery.scheduler import CeleryScheduler
from pressroom_celery.tasks import add_tasks


def load() -> Celery:
    """The application of the workspace.

    Raises:
        SettingsError: there is no workspace, or its scheduler is another.
    """
    with Host.open() as host:
        scheduler = host.scheduler
        if not isinstance(scheduler, CeleryScheduler):
            raise SettingsError(f'{host.workspace.file}: scheduler.type: must be "celery" for Celery\'s workers')
        app = make_app(scheduler.config, publishing=False)
        add_tasks(app, scheduler.config)
    return app


app = load()
