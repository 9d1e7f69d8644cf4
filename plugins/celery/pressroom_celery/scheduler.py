"""`celery`: what is due is given to a broker, and worked on by whoever reads from it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

from pressroom import Job, Scheduler, Setup, Step, StepError, Work
from pressroom_celery.config import CeleryConfig

if TYPE_CHECKING:
    from pressroom_celery.publisher import Publisher

SILENCE_SECONDS = 10.0
"""After a broker did not take a job, nothing is offered to it for so long: each try may take seconds."""


class CeleryScheduler(Scheduler[CeleryConfig]):
    """Wakes Celery's workers; works on nothing itself."""

    name: ClassVar[str] = "celery"
    summary: ClassVar[str] = "Celery's workers, on many machines"
    Config = CeleryConfig

    def __init__(self, config: CeleryConfig, setup: Setup) -> None:
        super().__init__(config, setup)
        self._lock = threading.Lock()
        self._publisher: Publisher | None = None
        self._offered: OrderedDict[tuple[int, str, int], float] = OrderedDict()
        self._silent_until = 0.0

    def room(self, step: Step) -> int:
        """The same at any time: the clock looks at so many jobs and few more, those that were offered among them."""
        return self.config.ahead

    def offer(self, job: Job) -> bool:
        """Give a job to the broker, unless it was given lately; a broker that is down is tried again later."""
        key = (job.run, job.step, job.attempt)
        with self._lock:
            now = time.monotonic()
            if now < self._silent_until or not self._remember(key, now):
                return False
            try:
                self._publish(job)
                return True
            except Exception as error:
                # a client raises what its libraries raise, and the clock must go on
                del self._offered[key]
                self._silent_until = time.monotonic() + SILENCE_SECONDS
                self.setup.log.error(
                    "the broker takes no jobs: %s; trying again in %g seconds", _say(error), SILENCE_SECONDS
                )
                return False

    def start(self, work: Work) -> None:
        """Nothing: the workers are processes of their own."""

    def stop(self, grace: float) -> None:
        """Nothing: what waits in the broker is for the workers."""

    def check(self) -> str:
        """Whether the broker answers, and how many workers do."""
        from pressroom_celery.broker import PATIENCE_SECONDS, make_app

        app = make_app(self.config, publishing=True)
        try:
            with app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE_SECONDS)
                workers: list[Any] = app.control.ping(timeout=1.0, connection=connection)
        except Exception as error:
            raise StepError(
                f"the broker does not answer: {_say(error)}; look at `broker` in [scheduler]",
                transient=True,
            ) from None
        return f"the broker answers, and so do {len(workers)} workers"

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._publisher is not None:
                self._publisher.close()

    def _remember(self, key: tuple[int, str, int], now: float) -> bool:
        """Note an offer; False where the same was made lately."""
        forgotten = now - self.config.offer_again_seconds
        # in the order of time, because what is noted again moves to the end
        while self._offered and next(iter(self._offered.values())) <= forgotten:
            self._offered.popitem(last=False)
        if key in self._offered:
            return False
        self._offered[key] = now
        return True

    def _publish(self, job: Job) -> None:
        # Celery is imported where it is used: a plugin must be cheap to import
        from pressroom_celery.publisher import Publisher

        if self._publisher is None:
            self._publisher = Publisher(self.config)
        self._publisher.publish(job)


def _say(error: Exception) -> str:
    """An error in one line, without the address, which holds a password."""
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".rstrip(": ")
