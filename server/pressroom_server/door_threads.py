"""Threads for what is asked on the way in: who comes, whether it is somebody's turn, whether the process is well.

Litestar lends the event loop's few threads to every handler that is not a coroutine. Where long answers have taken
all of them, those who come in must not wait for that, nor a look at the server's health.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="pressroom-door")


async def at_the_door(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do short work in one of these threads."""
    bound = partial(copy_context().run, partial(work, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_THREADS, bound)
