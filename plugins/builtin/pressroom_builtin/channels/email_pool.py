"""The connections to a mail server that are kept open between mails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from pressroom import Cancelled, Context, Setup, TimedOut
from pressroom_builtin.channels.email_connection import Conversation
from pressroom_builtin.channels.email_opening import connect

if TYPE_CHECKING:
    from pressroom_builtin.channels.email import EmailConfig


class Connections:
    """Up to `config.connections` conversations at the same time, each kept for `config.keepalive` seconds.

    `borrow` and `close` are called from any thread; everything else runs on the process's event loop.
    """

    def __init__(self, config: EmailConfig, setup: Setup) -> None:
        self._config = config
        self._setup = setup
        self._slots = threading.BoundedSemaphore(config.connections)
        self._idle: dict[Conversation, asyncio.TimerHandle] = {}
        self._goodbyes: set[asyncio.Task[None]] = set()

    @contextmanager
    def borrow(self, context: Context) -> Iterator[Conversation]:
        """A conversation for one mail: a kept one that still answers, or a new one.

        Raises:
            DeliveryError: no connection can be made.
        """
        while not self._slots.acquire(timeout=0.2):
            context.check()
        try:
            conversation = context.run_async(self._find())
            try:
                yield conversation
            finally:
                conversation.loop.call_soon_threadsafe(self._keep, conversation)
        finally:
            self._slots.release()

    def close(self, context: Context) -> None:
        """Say goodbye on every kept connection."""
        with suppress(Cancelled, TimedOut):
            context.run_async(self._leave())

    async def _find(self) -> Conversation:
        while self._idle:
            conversation, timer = self._idle.popitem()
            timer.cancel()
            # a connection that was opened before a fork belongs to the parent
            if conversation.loop is asyncio.get_running_loop() and await conversation.ready():
                return conversation
        return await connect(self._config, self._setup)

    def _keep(self, conversation: Conversation) -> None:
        if not conversation.alive:
            return
        if not self._config.keepalive:
            self._part(conversation)
            return
        timer = conversation.loop.call_later(self._config.keepalive, self._expire, conversation)
        self._idle[conversation] = timer

    def _expire(self, conversation: Conversation) -> None:
        if self._idle.pop(conversation, None):
            self._part(conversation)

    def _part(self, conversation: Conversation) -> None:
        task = conversation.loop.create_task(conversation.quit())
        self._goodbyes.add(task)
        task.add_done_callback(self._goodbyes.discard)

    async def _leave(self) -> None:
        while self._idle:
            conversation, timer = self._idle.popitem()
            timer.cancel()
            self._part(conversation)
        await asyncio.gather(*self._goodbyes)
