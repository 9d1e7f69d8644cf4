"""Gives jobs to the broker, within a time that the clock can wait."""

from __future__ import annotations

from contextlib import suppress

from celery import Celery
from kombu import Connection

from pressroom import Job
from pressroom_celery.broker import DELIVER, MAKE, PATIENCE_SECONDS, make_app, priority
from pressroom_celery.config import CeleryConfig


class Publisher:
    """Gives jobs to the broker over one connection of its own, which is opened at first use; for one thread.

    Celery's pools of connections are the process's: one that is closed after an error stays closed for all.
    """

    def __init__(self, config: CeleryConfig) -> None:
        self._config = config
        self._app = make_app(config, publishing=True)
        self._connection: Connection | None = None

    def publish(self, job: Job) -> None:
        """Give a job; raises whatever the broker's client raises, within `PATIENCE_SECONDS` or so."""
        if self._connection is not None:
            try:
                send(self._app, self._connection, self._config, job)
                return
            except Exception:
                # the broker may have closed it long ago
                self.close()
        self._connection = self._app.connection_for_write()
        try:
            send(self._app, self._connection, self._config, job)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()


def send(app: Celery, connection: Connection, config: CeleryConfig, job: Job) -> None:
    """Publish a job's message."""
    app.send_task(
        MAKE if job.step == "make" else DELIVER,
        kwargs={"run": job.run, "priority": job.priority, "time_limit": job.time_limit},
        queue=config.queue(job.step),
        priority=priority(config, job.priority),
        # sending is never killed: it might have handed over
        time_limit=job.time_limit if job.step == "make" else None,
        # the clock offers it again by then, so a broker that nobody reads from does not fill up
        expiration=config.offer_again_seconds,
        connection=connection,
        ignore_result=True,
        retry=False,
        timeout=PATIENCE_SECONDS,
        confirm_timeout=PATIENCE_SECONDS,
    )
