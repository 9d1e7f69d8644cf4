"""Logos by address: fetched when a report is made, kept, and used on while their server is away.

    <sha256 of the address>    a picture with when it was had, or why it was not

A file is replaced whole, so processes share the folder without locks; two that ask at once both ask.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from pressroom.context import Context
from pressroom.errors import FetchError, PressroomError
from pressroom.fetchers import Picture

log = logging.getLogger("pressroom.logos")
AGAIN_SECONDS = 60.0
"""An address that gave nothing is not asked again for so long: a hundred reports must not wait for it in turn."""
LIMIT = 256_000_000
"""Bytes of all kept pictures; those that were not used longest go first."""

Fetch = Callable[[str, Context], Picture]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an address; moments in epoch seconds.

    Attributes:
        fetched_at: when the picture was had; 0 for never.
        tried_at: when the address was asked last.
        problem: why it gave nothing then; empty where it gave the picture.
        transient: whether that may pass.
    """

    media_type: str = ""
    content: bytes = b""
    fetched_at: float = 0.0
    tried_at: float = 0.0
    problem: str = ""
    transient: bool = False


class Logos:
    """Pictures by address, kept in a folder.

    Args:
        folder: made at first need; may be emptied at any time.
        fetch: gets a picture; raises FetchError.
        fresh_seconds: how long a picture counts before its address is asked again.
        clock: epoch seconds; for tests.
    """

    def __init__(
        self, folder: Path, fetch: Fetch, fresh_seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._fetch = fetch
        self._fresh_seconds = fresh_seconds
        self._clock = clock

    def get(self, url: str, context: Context) -> tuple[Picture, str]:
        """The picture at an address, and a warning where it is an older one because the address gave nothing now.

        Raises:
            FetchError: it gives nothing now and gave nothing before.
            Cancelled, TimedOut: as `context` says.
        """
        known, now = self._read(url), self._clock()
        fresh = not known.problem and now - known.fetched_at < self._fresh_seconds
        if not fresh and not (known.problem and now - known.tried_at < AGAIN_SECONDS):
            known = self._ask(url, known, context)
        if not known.fetched_at:
            raise FetchError(known.problem, transient=known.transient)
        with suppress(OSError):
            os.utime(self._path(url))
        warning = f"{known.problem}; the picture that was there before is used" if known.problem else ""
        return Picture(known.content, known.media_type), warning

    def ask(self, url: str, context: Context) -> None:
        """Ask an address now, unless its picture is fresh, and keep what it gives; raises as `get`."""
        known = self._read(url)
        if known.problem or self._clock() - known.fetched_at >= self._fresh_seconds:
            known = self._ask(url, known, context)
        if known.problem:
            raise FetchError(known.problem, transient=known.transient)

    def _ask(self, url: str, known: Kept, context: Context) -> Kept:
        problem, transient = "", False
        try:
            found = self._fetch(url, context)
        except FetchError as error:
            problem, transient = error.message, error.transient
        except PressroomError:
            raise
        except Exception as error:
            # a fetcher that breaks is no reason to lose a report
            log.exception("fetching %s failed", url)
            problem = f"{url} cannot be fetched: {type(error).__name__}: {error}"
        now = self._clock()
        if problem:
            known = msgspec.structs.replace(known, tried_at=now, problem=problem, transient=transient)
        else:
            known = Kept(media_type=found.media_type, content=found.content, fetched_at=now, tried_at=now)
        try:
            self._write(url, known)
        except OSError as error:
            log.warning("the picture of %s cannot be kept: %s", url, error.strerror or error)
        return known

    def _path(self, url: str) -> Path:
        return self._folder / sha256(url.encode("utf-8", "backslashreplace")).hexdigest()

    def _read(self, url: str) -> Kept:
        try:
            return msgspec.msgpack.decode(self._path(url).read_bytes(), type=Kept)
        except (OSError, msgspec.DecodeError):
            return Kept()

    def _write(self, url: str, known: Kept) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{secrets.token_hex(8)}.part"
        try:
            part.write_bytes(msgspec.msgpack.encode(known))
            part.replace(self._path(url))
        finally:
            part.unlink(missing_ok=True)
        self._trim()

    def _trim(self) -> None:
        used: list[tuple[float, int, Path]] = []
        for path in self._folder.iterdir():
            with suppress(OSError):
                found = path.stat()
                used.append((found.st_mtime, found.st_size, path))
        total = 0
        for _, size, path in sorted(used, reverse=True):
            total += size
            if total > LIMIT:
                path.unlink(missing_ok=True)
