"""What the host hands to a plugin with every call: time left, cancellation, progress, a log, a folder.

Plugins are synchronous and run in threads or child processes. `run_async` lets one that is built on an
async library keep its connections: all its coroutines run on the one event loop of the process.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pressroom.errors import Cancelled, TimedOut

T = TypeVar("T")
Progress = Callable[[str, float], None]


class LoopThread:
    """One event loop on a daemon thread, started at first need; one per process."""

    _lock = threading.Lock()
    _loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def get(cls) -> asyncio.AbstractEventLoop:
        """The running loop."""
        with cls._lock:
            if cls._loop is None or cls._loop.is_closed():
                loop = asyncio.new_event_loop()
                threading.Thread(target=loop.run_forever, name="pressroom-loop", daemon=True).start()
                cls._loop = loop
            return cls._loop

    @classmethod
    def forget(cls) -> None:
        """Drop the loop without closing it: after a fork its thread does not exist in the child."""
        cls._loop = None
        cls._lock = threading.Lock()


class Cancellation:
    """A flag that wakes what waits on it; shared by a context and its children."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._callbacks: list[Callable[[], object]] = []

    def set(self) -> None:
        """Cancel, and call everything registered with `on_cancel` once."""
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def is_set(self) -> bool:
        """True after `set`."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until `set`; returns `is_set`."""
        return self._event.wait(seconds)

    @contextmanager
    def calling(self, callback: Callable[[], object]) -> Iterator[None]:
        """Call `callback` if the cancellation comes while the block runs, or has come already."""
        with self._lock:
            already = self._event.is_set()
            if not already:
                self._callbacks.append(callback)
        if already:
            callback()
        try:
            yield
        finally:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)


class Context:
    """The circumstances of one call into a plugin.

    Args:
        folder: a folder of this run that the plugin may write into; documents are named relative to it.
        log: logger whose records carry the run's id.
        timeout: seconds until `deadline`; None for no limit.
        cancellation: shared flag; a new one where none is given.
        progress: called with a note and a share between 0 and 1.
    """

    def __init__(
        self,
        folder: Path,
        *,
        log: logging.Logger | logging.LoggerAdapter[logging.Logger] | None = None,
        timeout: float | None = None,
        cancellation: Cancellation | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.folder = folder
        self.log = log or logging.getLogger("pressroom")
        self.cancellation = cancellation or Cancellation()
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self._progress = progress

    @property
    def remaining(self) -> float | None:
        """Seconds left, at least 0; None where there is no limit."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def cancelled(self) -> bool:
        """True once the work should stop: somebody cancelled it, or its deadline has passed."""
        return self.cancellation.is_set() or self.remaining == 0.0

    def check(self) -> None:
        """Raise where the work should stop; call it between units of work.

        Raises:
            Cancelled: somebody asked for it.
            TimedOut: the deadline has passed.
        """
        if self.cancellation.is_set():
            raise Cancelled
        if self.remaining == 0.0:
            raise TimedOut("the time limit was reached")

    @contextmanager
    def on_cancel(self, callback: Callable[[], object]) -> Iterator[None]:
        """While the block runs, call `callback` at once (from another thread) when the work must stop.

        It is called on cancellation and at the deadline, at most once: pass what interrupts the library
        in use, such as `connection.interrupt`.
        """
        lock, called = threading.Lock(), False

        def once() -> None:
            nonlocal called
            with lock:
                if called:
                    return
                called = True
            callback()

        timer: threading.Timer | None = None
        if self.remaining is not None:
            timer = threading.Timer(self.remaining, once)
            timer.daemon = True
            timer.start()
        try:
            with self.cancellation.calling(once):
                yield
        finally:
            if timer is not None:
                timer.cancel()
            with lock:
                called = True

    def progress(self, note: str, share: float = 0.0) -> None:
        """Say what is being done; `share` is the part of this call that is finished, 0 to 1."""
        if self._progress is not None:
            self._progress(note, share)

    def run_async(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the process's event loop and wait for its result.

        The coroutine is cancelled where the work must stop.

        Raises:
            Cancelled: somebody asked for it.
            TimedOut: the deadline passed first.
        """
        future = asyncio.run_coroutine_threadsafe(coroutine, LoopThread.get())
        with self.on_cancel(future.cancel):
            try:
                return future.result()
            except (asyncio.CancelledError, TimeoutError):
                self.check()
                raise
            except BaseException as error:
                # concurrent.futures has a CancelledError of its own
                if type(error).__name__ == "CancelledError":
                    self.check()
                raise

    def within(
        self, *, folder: Path | None = None, timeout: float | None = None, progress: Progress | None = None
    ) -> Context:
        """A context for a part of the work: same cancellation, never later than this deadline."""
        limits = [limit for limit in (timeout, self.remaining) if limit is not None]
        return Context(
            folder or self.folder,
            log=self.log,
            timeout=min(limits, default=None),
            cancellation=self.cancellation,
            progress=progress or self._progress,
        )
