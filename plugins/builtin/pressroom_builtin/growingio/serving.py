"""What stands between requests and the service: the budget, equal work done once, ready answers, turns."""

from __future__ import annotations

import asyncio
import gzip
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from pressroom import Host, PressroomError, Principal, TimedOut, TooManyRequests
from pressroom_builtin.growingio.answers import MEDIA_TYPES, ChartAnswer
from pressroom_builtin.growingio.flights import Flights
from pressroom_builtin.growingio.limiter import Limiter, Turn
from pressroom_builtin.growingio.parameters import Wanted
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
PACKED_BYTES = 1000
PACKING = 4
Message = tuple[list[tuple[bytes, bytes]], bytes]
THREADS = 8
UNDER_WAY = 64
LIMITS = "limits.db"


@dataclass(frozen=True)
class Served:
    """An answer's headers, and its bytes where they are few.

    Attributes:
        tag: of exactly these bytes, weak.
        made_at: when the source was asked.
        body: None where the rows are to be streamed.
        form: of a chart's data, see `MEDIA_TYPES`.
    """

    tag: str
    made_at: datetime
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    form: str = "json"

    def known_to(self, tags: str | None, since: str | None) -> bool:
        """Whether a client that sends these conditions (`If-None-Match`, `If-Modified-Since`) has the answer."""
        if tags is not None:
            mine = self.tag.removeprefix("W/")
            return any(each.strip().removeprefix("W/") in {mine, "*"} for each in tags.split(","))
        if since is None:
            return False
        try:
            return self.made_at.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False

    @cached_property
    def plain(self) -> Message:
        """Headers as they go out, and the body."""
        return self._message(self.body or b"", {})

    @cached_property
    def packed(self) -> Message:
        """The same for who takes gzip; small bodies go as they are."""
        if len(self.body or b"") < PACKED_BYTES:
            return self.plain
        body = gzip.compress(self.body or b"", PACKING, mtime=0)
        return self._message(body, {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})

    def _message(self, body: bytes, more: dict[str, str]) -> Message:
        media_type = MEDIA_TYPES[self.form]
        full = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
        headers = {**self.all_headers(), "Content-Type": full, "Content-Length": str(len(body)), **more}
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()], body

    def all_headers(self) -> dict[str, str]:
        """With those that a cache reads."""
        return {
            **self.headers,
            "ETag": self.tag,
            "Last-Modified": format_datetime(self.made_at, usegmt=True),
            "Cache-Control": "private, no-cache",
        }


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
        self._flights = Flights(THREADS, UNDER_WAY)
        self._ready: OrderedDict[Hashable, tuple[float, Served]] = OrderedDict()
        folder: Path = host.workspace.cache
        rate = settings.downloads_per_second
        self._limiter = Limiter(folder / LIMITS, rate) if rate else None

    def warm(self) -> None:
        """Load what answers need beforehand: the first request has a budget too."""
        self._flights.start("warm", self._load)

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
            TooManyRequests: it would have to wait too long.
        """
        if self._limiter is None:
            return {}
        turn = await asyncio.to_thread(self._limiter.take, principal.client_id or f"{principal.name}:")
        if not turn.granted:
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
        served = await self.within_budget(wanted, lambda: self._serve(principal, wanted))
        if served.body is not None and len(served.body) <= READY_BYTES:
            self._ready.pop(key, None)
            self._ready[key] = (time.monotonic() + READY_SECONDS, served)
            if len(self._ready) > READY_MOST:
                self._ready.popitem(last=False)
        return served

    def stream(self, principal: Principal, wanted: Wanted) -> Iterator[bytes]:
        """A chart's rows, many of them; from the answer that was kept for `chart`."""
        with self._open(principal, wanted) as answer:
            yield from answer.pieces(wanted.form, wanted.page.offset, wanted.page.limit)

    async def within_budget(self, key: Hashable, work: Callable[[], T]) -> T:
        """Do work in a thread, once for all who ask for it at the same time, and wait as long as the budget allows.

        Raises:
            TimedOut: it takes longer, and goes on; or too much is under way.
        """
        future: Future[T] = self._flights.start(key, work)
        waiting = asyncio.wrap_future(future)
        done, _ = await asyncio.wait([waiting], timeout=self._budget)
        if done:
            return waiting.result()
        # not cancelled, for that would end work that has not begun
        waiting.add_done_callback(_told)
        raise TimedOut("the budget of a request is spent")

    async def users(self, principal: Principal, project: str, uid: str) -> Served:
        """What is known of a segment's users before they are streamed, within the budget; raises as `chart` does."""

        def ask() -> Served:
            with self.results.users(principal, project, uid) as found:
                return Served(f'W/"{found.answer.digest}"', found.answer.made_at)

        return await self.within_budget(("users", project, uid), ask)

    def stream_users(self, principal: Principal, project: str, uid: str) -> Iterator[bytes]:
        """A segment's users; from the answer that was kept for `users`."""
        with self.results.users(principal, project, uid) as found:
            yield from users_text(found.frames, found.separator)

    def _open(self, principal: Principal, wanted: Wanted) -> Any:
        return self.results.chart(principal, wanted.project, wanted.uid, wanted.asked, audience=wanted.audience)

    def _serve(self, principal: Principal, wanted: Wanted) -> Served:
        with self._open(principal, wanted) as answer:
            page, total = wanted.page, answer.rows.total
            page.check(answer.tag)
            rows = max(0, total - page.offset) if page.limit is None else min(page.limit, max(0, total - page.offset))
            body = None
            if rows <= SMALL or wanted.form == "xlsx":
                body = b"".join(answer.pieces(wanted.form, page.offset, page.limit))
            tag = f'W/"{answer.tag}-{wanted.form}-{page.offset}-{page.limit or 0}"'
            return Served(tag, answer.made_at, _headers(answer, wanted, total), body, wanted.form)


def _headers(answer: ChartAnswer, wanted: Wanted, total: int) -> dict[str, str]:
    import json

    headers = {"X-Total-Count": str(total)}
    following = wanted.page.next(total, answer.tag)
    if following:
        headers["X-Next-Cursor"] = following
    if answer.warnings:
        # ASCII only, as headers are
        headers["X-Warnings"] = json.dumps(answer.warnings)
    return headers


def _told(future: asyncio.Future[Any]) -> None:
    """What failed when nobody waited for it any more is in the log at least."""
    error = None if future.cancelled() else future.exception()
    if isinstance(error, PressroomError):
        log.warning("a query that went on after its request failed: %s", error.message)
    elif error is not None:
        log.error("a query that went on after its request failed", exc_info=error)
