"""What stands between requests and the service: the budget, equal work done once, ready answers, turns."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Generator, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from pressroom import Host, NotReady, PressroomError, Principal, TimedOut, TooManyRequests
from pressroom_builtin.growingio.answers import ChartAnswer
from pressroom_builtin.growingio.flights import Flights
from pressroom_builtin.growingio.limiter import PATIENCE, Limiter, Turn
from pressroom_builtin.growingio.parameters import Wanted
from pressroom_builtin.growingio.served import Served, told
from pressroom_builtin.growingio.service import Results
from pressroom_builtin.growingio.text import users_text

log = logging.getLogger("pressroom.growingio")
T = TypeVar("T")
SMALL = 20_000
"""Rows that are written into memory; more are streamed."""
READY_SECONDS = 1.0
"""How long an answer is given again without a look into store and cache."""
READY_BYTES = 262_144
READY_MOST = 256
READS, ASKS, STREAMS = 8, 8, 4
"""Threads for what store and cache give at once, for what sources are asked for, which may be slow, and for pieces of
long answers."""
UNDER_WAY = 64
"""Questions to sources that run or wait for a thread; more wait for a place as long as their budget allows."""
LIMITS = "limits.db"


class OverRate(TooManyRequests):
    """A client downloads too much.

    Args:
        turn: that was refused.
    """

    def __init__(self, turn: Turn) -> None:
        super().__init__(f"more than {turn.rate} downloads a second", retry_after=turn.wait)
        self.headers = turn.headers()


class Serving:
    """The computed-results API of one process.

    Args:
        host: the workspace.
    """

    def __init__(self, host: Host) -> None:
        self.results = Results(host)
        self._host = host
        settings = host.settings.growingio
        self._budget = settings.budget_seconds
        self._reads = Flights(READS, "pressroom-reads")
        self._asks = Flights(ASKS, "pressroom-asks")
        self._places = asyncio.Semaphore(UNDER_WAY)
        # not the event loop's own threads: every handler may use those, for as long as it likes
        self._turns = ThreadPoolExecutor(1, thread_name_prefix="pressroom-turns")
        self._streams = ThreadPoolExecutor(STREAMS, thread_name_prefix="pressroom-streams")
        self._ready: OrderedDict[Hashable, tuple[float, Served]] = OrderedDict()
        folder: Path = host.workspace.cache
        rate = settings.downloads_per_second
        self._limiter = Limiter(folder / LIMITS, rate) if rate else None

    def warm(self) -> None:
        """Load what answers need beforehand: the first request has a budget too."""
        self._asks.start("warm", self._load)

    def _load(self) -> None:
        import_module("polars")
        for settings in self._host.settings.sources.values():
            for name in getattr(self._host.plugins.sources.get(settings.type), "requires", ()):
                with suppress(ImportError):
                    import_module(name)

    async def turn(self, principal: Principal) -> dict[str, str]:
        """Wait for the caller's turn to download.

        Returns:
            Headers that say how many more may come.

        Raises:
            TooManyRequests: its turn did not come in time.
        """
        if self._limiter is None:
            return {}
        client = principal.client_id or f"{principal.name}:"
        turn = await asyncio.get_running_loop().run_in_executor(self._turns, self._limiter.take, client)
        if not turn.granted:
            # held as long as one that is granted may be: a client that asks at once again gains nothing
            await asyncio.sleep(PATIENCE)
            raise OverRate(turn)
        if turn.wait:
            await asyncio.sleep(turn.wait)
        return turn.headers()

    def ready(self, key: Hashable) -> Served | None:
        """An answer that was given a moment ago."""
        found = self._ready.get(key)
        return found[1] if found is not None and time.monotonic() < found[0] else None

    async def chart(self, key: Hashable, principal: Principal, wanted: Wanted) -> Served:
        """A chart's data, within the budget.

        Raises:
            TimedOut: it takes longer; it goes on, for the next one who asks.
            PressroomError: as `Results.chart` raises.
        """
        served = await self.answered(wanted, lambda ask: self._serve(principal, wanted, ask=ask))
        if served.body is not None and len(served.body) <= READY_BYTES:
            self._ready.pop(key, None)
            self._ready[key] = (time.monotonic() + READY_SECONDS, served)
            if len(self._ready) > READY_MOST:
                self._ready.popitem(last=False)
        return served

    async def flow(self, pieces: Generator[bytes]) -> AsyncGenerator[bytes]:
        """The pieces of a long answer, each made when the one before it was taken."""
        loop = asyncio.get_running_loop()
        try:
            while (piece := await loop.run_in_executor(self._streams, next, pieces, None)) is not None:
                yield piece
        finally:
            # a reader who goes away may leave a piece in the making, which closes it when it is done
            with suppress(ValueError):
                pieces.close()

    def stream(self, principal: Principal, wanted: Wanted) -> Generator[bytes]:
        """A chart's rows, many of them; from the answer that was kept for `chart`."""
        with self._open(principal, wanted) as answer:
            yield from answer.pieces(wanted.form, wanted.page.offset, wanted.page.limit)

    async def read(self, key: Hashable, work: Callable[[], T]) -> T:
        """What needs the store only, within the budget; slow sources do not hold it up.

        Raises:
            TimedOut: it takes longer, and goes on.
        """
        return await self._landed(key, self._reads.start(key, work), self._budget)

    async def answered(self, key: Hashable, work: Callable[[bool], T]) -> T:
        """What may need a source, once for all who ask for it at the same time, within the budget.

        Args:
            work: first told not to ask sources (False): what is kept is given at once, however many slow
                questions are under way. Where it raises `NotReady`, it is told to ask (True), in other threads.

        Raises:
            TimedOut: it takes longer, and goes on.
            TooManyRequests: too much is under way to begin with it.
        """
        until = time.monotonic() + self._budget
        with suppress(NotReady):
            return await self.read(key, lambda: work(False))
        flight = self._asks.find(key) or await self._begin(key, lambda: work(True), until)
        return await self._landed(key, flight, until - time.monotonic())

    async def _begin(self, key: Hashable, work: Callable[[], T], until: float) -> Future[T]:
        try:
            await asyncio.wait_for(self._places.acquire(), until - time.monotonic())
        except TimeoutError:
            raise TooManyRequests("too many queries are under way", retry_after=self._budget) from None
        flight: Future[T] = self._asks.start(key, work)

        def leave(landed: asyncio.Future[T]) -> None:
            # looked at here, or asyncio complains of what nobody waits for
            _ = landed.cancelled() or landed.exception()
            self._places.release()

        asyncio.wrap_future(flight).add_done_callback(leave)
        return flight

    async def _landed(self, key: Hashable, flight: Future[T], seconds: float) -> T:
        waiting = asyncio.wrap_future(flight)
        done, _ = await asyncio.wait([waiting], timeout=max(0.0, seconds))
        if done:
            return waiting.result()
        # not cancelled, for that would end work that has not begun
        waiting.add_done_callback(partial(_told, _about(key)))
        raise TimedOut("the budget of a request is spent")

    async def users(self, principal: Principal, project: str, uid: str) -> Served:
        """What is known of a segment's users before they are streamed, within the budget; raises as `chart` does."""

        def known(ask: bool) -> Served:
            with self.results.users(principal, project, uid, ask=ask) as found:
                return Served(f'W/"{found.answer.digest}"', found.answer.made_at)

        return await self.answered(("users", project, uid), known)

    def stream_users(self, principal: Principal, project: str, uid: str) -> Generator[bytes]:
        """A segment's users; from the answer that was kept for `users`."""
        with self.results.users(principal, project, uid) as found:
            yield from users_text(found.frames, found.separator)

    def _open(self, principal: Principal, wanted: Wanted, *, ask: bool = True) -> Any:
        return self.results.chart(
            principal, wanted.project, wanted.uid, wanted.asked, audience=wanted.audience, ask=ask
        )

    def _serve(self, principal: Principal, wanted: Wanted, *, ask: bool) -> Served:
        with self._open(principal, wanted, ask=ask) as answer:
            page, total = wanted.page, answer.rows.total
            page.check(answer.tag)
            rows = max(0, total - page.offset) if page.limit is None else min(page.limit, max(0, total - page.offset))
            body = None
            if rows <= SMALL or wanted.form == "xlsx":
                if rows > SMALL and not ask:
                    raise NotReady("a large workbook takes its time")
                body = b"".join(answer.pieces(wanted.form, page.offset, page.limit))
            tag = f'W/"{answer.tag}-{wanted.form}-{page.offset}-{page.limit or 0}"'
            return Served(tag, answer.made_at, _headers(answer, wanted, total), body, wanted.form)


def _headers(answer: ChartAnswer, wanted: Wanted, total: int) -> dict[str, str]:
    following = wanted.page.next(total, answer.tag)
    cursor = {"X-Next-Cursor": following} if following else {}
    return {"X-Total-Count": str(total), **cursor, **told(answer.warnings)}


def _about(key: Hashable) -> str:
    """What a question is about, for the log: its key without who asked."""
    if isinstance(key, Wanted):
        return f"chart {key.uid} of {key.project}"
    return " ".join(part for part in key if isinstance(part, str)) if isinstance(key, tuple) else str(key)


def _told(about: str, future: asyncio.Future[Any]) -> None:
    """What failed when nobody waited for it any more is in the log at least."""
    error = None if future.cancelled() else future.exception()
    if isinstance(error, PressroomError):
        log.warning("%s failed after its request's time: %s", about, error.message)
    elif error is not None:
        log.error("%s failed after its request's time", about, exc_info=error)
