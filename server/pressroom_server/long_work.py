"""Work that takes seconds: a few at a time, in threads of their own, so that short answers never wait for it.

    work = LongWork("previews", host.closing)

    @post("/preview")
    async def preview(request: Request, ...) -> Response:
        made = await work.run(request, lambda stop: service.preview(principal, ..., cancellation=stop))

Where the client goes away, the work is told to stop, and what it has made by then is its own to remove.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, TypeVar

from litestar import Request
from litestar.exceptions import HTTPException

from pressroom import Cancellation, Cancelled, TooManyRequests
from pressroom_server.errors import CLIENT_GONE

T = TypeVar("T")
AT_ONCE = 2
WAITING = 16
PIECE = 65_536


class LongWork:
    """Turns at one kind of work.

    Args:
        name: of its threads.
        closing: stops all of it.
        at_once: how much is done at the same time.
        waiting: how much more may wait for its turn.
    """

    def __init__(self, name: str, closing: Cancellation, *, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix=f"pressroom-{name}")
        self._closing = closing
        self._most = at_once + waiting
        self._under_way = 0

    async def run(self, request: Request[Any, Any, Any], work: Callable[[Cancellation], T]) -> T:
        """Do work when its turn comes, and wait for it as long as the client does.

        Args:
            work: checks the flag between its steps, and raises `Cancelled` where it is set.

        Raises:
            TooManyRequests: too much waits already.
            HTTPException: the client is gone; with a status that it will never see.
        """
        if self._under_way >= self._most:
            raise TooManyRequests("too much of this is under way; try again in a while", retry_after=5)
        stop = Cancellation()
        self._under_way += 1
        working = asyncio.get_running_loop().run_in_executor(self._pool, self._begin, work, stop)
        working.add_done_callback(self._ended)
        leaving = asyncio.create_task(_left(request))
        try:
            either: set[asyncio.Future[Any]] = {working, leaving}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise HTTPException(detail="the client has gone away", status_code=CLIENT_GONE)
        finally:
            stop.set()
            leaving.cancel()

    def _begin(self, work: Callable[[Cancellation], T], stop: Cancellation) -> T:
        with self._closing.calling(stop.set):
            if stop.is_set():
                raise Cancelled
            return work(stop)

    def _ended(self, working: asyncio.Future[Any]) -> None:
        self._under_way -= 1
        if not working.cancelled():
            # asked for, so that what fails when nobody waits any more is not taken for forgotten
            working.exception()


async def _left(request: Request[Any, Any, Any]) -> None:
    """Wait until the client is gone; its body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class Pieces:
    """An open file's bytes for an answer; closed at its end, or when nobody wants more of it.

    The file may be removed while it is read, so that nothing is left behind by whoever goes away.

    Args:
        file: opened for reading bytes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> Pieces:
        return self

    def __next__(self) -> bytes:
        piece = b"" if self._file.closed else self._file.read(PIECE)
        if not piece:
            self._file.close()
            raise StopIteration
        return piece

    def __del__(self) -> None:
        self._file.close()
