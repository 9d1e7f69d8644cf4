"""`pool`: runs in a pool of threads of the server's own process; simple, and nothing to set up."""

from __future__ import annotations

import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import ClassVar

import pydantic

from pressroom import Cancellation, Job, PluginConfig, Scheduler, Setup, Step, Work


class PoolConfig(PluginConfig):
    """`[scheduler]` with `type = "pool"`."""

    threads: int = pydantic.Field(4, ge=1, le=64, description="Jobs that are worked on at the same time.")


class PoolScheduler(Scheduler[PoolConfig]):
    """For small sites: a report that hangs is not killed but keeps its thread, unlike with `local`."""

    name: ClassVar[str] = "pool"
    summary: ClassVar[str] = "Threads of the server's own process"
    Config: ClassVar[type[PluginConfig]] = PoolConfig

    def __init__(self, config: PoolConfig, setup: Setup) -> None:
        super().__init__(config, setup)
        self._work: Work | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._here: dict[tuple[int, Step], Future[None]] = {}
        self._lock = threading.Lock()
        self._cancellation = Cancellation()

    def room(self, step: Step) -> int:
        """As many as there are threads may wait, so that none is ever idle."""
        return max(0, 2 * self.config.threads - len(self._here))

    def offer(self, job: Job) -> bool:
        """Take a job that is not here; False before `start`, after `stop`, and where there is no room."""
        key = (job.run, job.step)
        with self._lock:
            if self._pool is None or key in self._here or not self.room(job.step):
                return False
            self._here[key] = self._pool.submit(self._do, job)
            return True

    def start(self, work: Work) -> None:
        """Open the pool."""
        with self._lock:
            self._work = work
            self._pool = ThreadPoolExecutor(self.config.threads, thread_name_prefix=f"pressroom-{self.name}")

    def stop(self, grace: float) -> None:
        """Take nothing new, wait for what runs, then cancel it; what waits is offered again by the clock."""
        with self._lock:
            pool, self._pool = self._pool, None
            running = [future for future in self._here.values() if not future.cancel()]
        if pool is None:
            return
        wait(running, timeout=grace)
        self._cancellation.set()
        pool.shutdown()

    def _do(self, job: Job) -> None:
        assert self._work is not None
        try:
            self._work.do(job, f"{self.name}:{secrets.token_hex(8)}", self._cancellation)
        except Exception:
            self.setup.log.exception("run %s could not be worked on", job.run)
        finally:
            with self._lock:
                del self._here[(job.run, job.step)]
            self._work.done(job)
