"""`local`: reports are made in child processes of this one, and sent from its threads.

A child that hangs is killed at the job's time limit, one that has worked long enough or grown too large is
replaced, and one that dies takes nobody along: its run is planned again, or fails after some tries.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import queue
import secrets
import threading
import time
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Annotated

import pydantic

from pressroom import Cancellation, Job, PluginConfig, PressroomError, Scheduler, Setup, TimedOut, Work
from pressroom_builtin.schedulers import child as child_module

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

    from pressroom import Step

POLL_SECONDS = 0.2
"""How often a waiting thread looks whether it should stop."""
START_SECONDS = 120
"""A child that is not ready by then never will be."""


class LocalConfig(PluginConfig):
    """`[scheduler]` with `type = "local"`."""

    workers: Annotated[int, pydantic.Field(ge=1, le=256)] = pydantic.Field(
        default_factory=lambda: max(1, os.cpu_count() or 1), description="Child processes that make reports."
    )
    deliveries: Annotated[int, pydantic.Field(ge=1, le=256)] = pydantic.Field(
        4, description="Runs that are sent at the same time."
    )
    recycle_after: Annotated[int, pydantic.Field(ge=1)] = pydantic.Field(
        200, description="Reports after which a child is replaced."
    )
    recycle_above_mb: Annotated[float, pydantic.Field(gt=0)] = pydantic.Field(
        900.0, description="Resident memory above which a child is replaced, in MB."
    )


class Child:
    """A child process and the pipe to it."""

    def __init__(self, setup: Setup) -> None:
        context = multiprocessing.get_context("forkserver")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.process: ForkServerProcess = context.Process(
            target=child_module.main, args=(theirs, setup.config), daemon=True, name="pressroom-child"
        )
        self.process.start()
        theirs.close()
        self._ready = False
        self.done = 0
        self.memory_mb = 0.0

    def run(self, job: Job, owner: str, stopping: threading.Event, until: list[float]) -> str | None:
        """Have a job done.

        Args:
            stopping, until: when set, the moment (monotonic) up to which to wait.

        Returns:
            None where the child is alive and has finished, else why it is dead; empty where it was stopped.
        """
        if not self._ready and not self._start(stopping):
            return ""
        self.connection.send((job, owner))
        deadline = time.monotonic() + job.time_limit
        while not wait([self.connection, self.process.sentinel], POLL_SECONDS):
            if time.monotonic() > deadline:
                self.kill()
                return f"stopped at the time limit of {job.time_limit:g} seconds"
            if stopping.is_set() and time.monotonic() > until[0]:
                self.kill()
                return ""
        try:
            _, self.memory_mb = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return f"its process ended with {self.process.exitcode}"
        self.done += 1
        return None

    def _start(self, stopping: threading.Event) -> bool:
        """Wait until it is ready, which is not counted as the job's time; False where it was stopped meanwhile.

        Raises:
            EOFError: it ended instead; its own words are in the log.
            TimedOut: it does not get ready.
        """
        limit = time.monotonic() + START_SECONDS
        while not self.connection.poll(POLL_SECONDS):
            if stopping.is_set():
                self.kill()
                return False
            if time.monotonic() > limit:
                raise TimedOut(f"a child process was not ready after {START_SECONDS} seconds")
        self.connection.recv()
        self._ready = True
        return True

    def close(self) -> None:
        """End it in peace."""
        self.connection.close()
        self.process.join(5)
        if self.process.is_alive():
            self.kill()

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.join()
        self.connection.close()


class Line:
    """Jobs of one step that wait for a thread, each once, the highest priority first.

    Args:
        longest: how many may be here, those that are worked on included.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._queue: queue.PriorityQueue[tuple[int, int, Job]] = queue.PriorityQueue()
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._here: set[int] = set()

    @property
    def room(self) -> int:
        """How many more may come."""
        with self._lock:
            return self._longest - len(self._here)

    def put(self, job: Job) -> bool:
        """Let a job wait, unless its run is here already or there is no room."""
        with self._lock:
            if job.run in self._here or len(self._here) >= self._longest:
                return False
            self._here.add(job.run)
        self._queue.put((-job.priority, next(self._order), job))
        return True

    def next(self, stopping: threading.Event) -> Job | None:
        """Wait for a job; None where it is time to stop."""
        while not stopping.is_set():
            try:
                return self._queue.get(timeout=POLL_SECONDS)[2]
            except queue.Empty:
                continue
        return None

    def forget(self, job: Job) -> None:
        """A job has ended."""
        with self._lock:
            self._here.discard(job.run)


class LocalScheduler(Scheduler[LocalConfig]):
    """Child processes from a forkserver for what may hang or crash, threads for sending."""

    name = "local"
    summary = "Child processes on this machine"
    Config = LocalConfig

    def __init__(self, config: LocalConfig, setup: Setup) -> None:
        super().__init__(config, setup)
        self._lines = {
            "make": Line(2 * config.workers),
            "deliver": Line(2 * config.deliveries),
        }
        self._stopping = threading.Event()
        self._cancellation = Cancellation()
        self._until = [0.0]
        self._threads: list[threading.Thread] = []

    def room(self, step: Step) -> int:
        """Enough to keep every child and thread at work, and no more: others may have hands free."""
        return self._lines[step].room

    def offer(self, job: Job) -> bool:
        """Queue a job, unless it is here already or the queue is long enough."""
        return not self._stopping.is_set() and self._lines[job.step].put(job)

    def start(self, work: Work) -> None:
        """Start the threads; each of those that make reports keeps one child, from its first report on.

        What children come from is started here: it imports for seconds, which the first report need not wait for.
        """
        forkserver.set_forkserver_preload(list(child_module.PRELOADED))
        forkserver.ensure_running()
        for number in range(self.config.workers):
            self._thread(f"make-{number}", self._make, work)
        for number in range(self.config.deliveries):
            self._thread(f"send-{number}", self._send, work)

    def stop(self, grace: float) -> None:
        """Let what runs finish for `grace` seconds; then kill the children, stop sending, and hand the rest back."""
        self._until[0] = time.monotonic() + grace
        self._stopping.set()
        for thread in self._threads:
            thread.join(max(0.0, self._until[0] - time.monotonic()))
        self._cancellation.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _thread(self, name: str, target: object, work: Work) -> None:
        thread = threading.Thread(target=target, args=(work,), name=f"pressroom-{name}", daemon=True)  # type: ignore[arg-type]  # one of two methods
        thread.start()
        self._threads.append(thread)

    def _make(self, work: Work) -> None:
        line, child = self._lines["make"], None
        while (job := line.next(self._stopping)) is not None:
            owner = self._owner()
            try:
                child = child or Child(self.setup)
                reason = child.run(job, owner, self._stopping, self._until)
                if reason is not None:
                    child = None
                    work.died(job, owner, reason)
                elif child.done >= self.config.recycle_after or child.memory_mb > self.config.recycle_above_mb:
                    child.close()
                    child = None
            except Exception:
                self.setup.log.exception("run %s could not be worked on", job.run)
                if child is not None:
                    child.kill()
                child = None
            finally:
                line.forget(job)
                work.done(job)
        if child is not None:
            child.close()

    def _send(self, work: Work) -> None:
        line = self._lines["deliver"]
        while (job := line.next(self._stopping)) is not None:
            try:
                work.do(job, self._owner(), self._cancellation)
            except PressroomError as error:
                self.setup.log.error("run %s could not be sent: %s", job.run, error)
            except Exception:
                self.setup.log.exception("run %s could not be sent", job.run)
            finally:
                line.forget(job)
                work.done(job)

    def _owner(self) -> str:
        return f"{self.setup.instance}:{os.getpid()}:{secrets.token_hex(4)}"
