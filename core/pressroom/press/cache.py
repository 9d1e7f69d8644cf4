"""Answers of queries, kept as files that all processes of a workspace share.

    <2 digits>/<key>.json              what the key's answer is, and how long it counts
    <2 digits>/<key>.lock              held by the one who asks the source for it
    <2 digits>/<key>-<random>/         the rows, and `held`, which readers hold shared and the cleaner alone

Locks are the kernel's own (flock), so a process that dies holds none, and what it left is swept up.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from pathlib import Path

import msgspec

from pressroom.context import Context
from pressroom.errors import NotReady
from pressroom.sources import FRAME_ROWS, Column, Dataset, Spool

PATIENCE = 0.02
"""Seconds between two looks at a lock that another one holds."""
HELD = "held"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What `<key>.json` holds; moments in epoch seconds."""

    folder: str
    columns: tuple[Column, ...]
    spool: Spool
    truncated: bool
    made_at: float
    expires: float
    digest: str


@dataclass(frozen=True)
class Answer:
    """An answer that is kept; its rows can be read while its block runs.

    Attributes:
        made_at: when the source was asked.
        expires: from when on the source is asked again.
        digest: equal for equal rows and columns.
    """

    dataset: Dataset
    made_at: datetime
    expires: datetime
    digest: str


Make = Callable[[Path], Dataset]
"""Asks the source; the rows go into the folder, as a spool."""


def key_of(*parts: object) -> str:
    """A key for what the parts say together."""
    return sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()


class ResultCache:
    """Kept answers in a folder, up to a size.

    Args:
        folder: made at first need; may be emptied at any time.
        limit: bytes that all answers may take.
        clock: epoch seconds; for tests.
    """

    def __init__(self, folder: Path, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._added = limit

    @contextmanager
    def answer(self, key: str, seconds: float, make: Make | None, context: Context) -> Iterator[Answer]:
        """The kept answer of a key; where there is none that counts, `make` is called, once for all who wait.

        Args:
            key: from `key_of`.
            seconds: how long a new answer counts.
            make: raises what it likes; nothing is kept then, and the next one who waits tries. None gives what
                is kept or nothing, without a wait.
            context: says how long to wait for another one who asks.

        Raises:
            NotReady: nothing is kept that counts, and `make` is None.
            TimedOut: another one is asking still.
            Cancelled: somebody asked for it.
        """
        with ExitStack() as stack:
            found = self._open(key, stack)
            while found is None:
                if make is None:
                    raise NotReady
                with self._alone(key, context):
                    found = self._open(key, stack)
                    if found is None:
                        self._make(key, seconds, make)
                        # None again where somebody emptied the folder meanwhile
                        found = self._open(key, stack, fresh=False)
                self._trim_at_times()
            yield found

    def trim(self) -> int:
        """Remove what has expired, what nobody finished, and the longest unused beyond the limit.

        Returns:
            Bytes that are left. What is being read stays until the next time.
        """
        records = sorted(self._folder.glob("??/*.json"), key=_touched, reverse=True)
        known, total = {}, 0
        for path in records:
            record = _read(path)
            size = 0 if record is None else _size(path.parent / record.folder)
            if record is None or record.expires <= self._clock() or total + size > self._limit:
                path.unlink(missing_ok=True)
                with _lock(path.with_suffix(".lock"), fcntl.LOCK_EX | fcntl.LOCK_NB, create=False) as mine:
                    if mine:
                        path.with_suffix(".lock").unlink(missing_ok=True)
            else:
                known[record.folder] = path
                total += size
        for folder in self._folder.glob("??/*-*/"):
            if folder.name not in known:
                _remove(folder)
        return total

    def _open(self, key: str, stack: ExitStack, *, fresh: bool = True) -> Answer | None:
        path = self._path(key, ".json")
        record = _read(path)
        if record is None or (fresh and record.expires <= self._clock()):
            return None
        folder = path.parent / record.folder
        if not stack.enter_context(_lock(folder / HELD, fcntl.LOCK_SH | fcntl.LOCK_NB, create=False)):
            return None
        with suppress(OSError):
            os.utime(path)
        dataset = Dataset(record.columns, record.spool.rows, record.truncated, record.spool, folder)
        if record.columns and dataset.rows <= FRAME_ROWS:
            dataset = replace(dataset, _frame=dataset.frame())
        return Answer(dataset, _moment(record.made_at), _moment(record.expires), record.digest)

    def _make(self, key: str, seconds: float, make: Make) -> None:
        path = self._path(key, ".json")
        folder = path.parent / f"{key}-{secrets.token_hex(4)}"
        folder.mkdir()
        with _lock(folder / HELD, fcntl.LOCK_EX, create=True):
            try:
                made_at = self._clock()
                dataset = make(folder)
                if dataset.spool is None:
                    raise TypeError("an answer that is to be kept must be spooled")
                record = Record(
                    folder=folder.name,
                    columns=dataset.columns,
                    spool=dataset.spool,
                    truncated=dataset.truncated,
                    made_at=made_at,
                    expires=self._clock() + seconds,
                    digest=_digest(folder, dataset.columns, dataset.spool, dataset.truncated),
                )
                fresh = folder / "record"
                fresh.write_bytes(msgspec.json.encode(record))
                fresh.replace(path)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        with self._lock:
            self._added += _size(folder)

    @contextmanager
    def _alone(self, key: str, context: Context) -> Iterator[None]:
        path = self._path(key, ".lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            context.check()
            with _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB, create=True) as mine:
                if mine:
                    try:
                        yield
                    finally:
                        if not path.with_suffix(".json").exists():
                            path.unlink(missing_ok=True)
                    return
            # cancelled or not, the look after this one says
            time.sleep(PATIENCE)

    def _trim_at_times(self) -> None:
        # a look at every file is not free: once in a sixteenth of the limit
        with self._lock:
            due = self._added > self._limit / 16
            if due:
                self._added = 0
        if due:
            self.trim()

    def _path(self, key: str, ending: str) -> Path:
        return self._folder / key[:2] / f"{key}{ending}"


@contextmanager
def _lock(path: Path, how: int, *, create: bool) -> Iterator[bool]:
    """Whether the lock could be had on the file that lies there now."""
    try:
        handle = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, how)
        except BlockingIOError:
            yield False
            return
        # while we waited the file may have been removed, and another one put in its place
        yield _same(handle, path)
    finally:
        os.close(handle)


def _same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _remove(folder: Path) -> None:
    """Remove an answer's rows, unless somebody reads or writes them."""
    with _lock(folder / HELD, fcntl.LOCK_EX | fcntl.LOCK_NB, create=True) as mine:
        if mine:
            shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> Record | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size(folder: Path) -> int:
    total = 0
    with suppress(OSError):
        for file in folder.rglob("*"):
            total += file.stat().st_size
    return total


def _digest(folder: Path, columns: tuple[Column, ...], spool: Spool, truncated: bool) -> str:
    found = blake2b(repr((columns, spool.rows, truncated)).encode("utf-8", "backslashreplace"), digest_size=16)
    for part in spool.parts:
        with (folder / part).open("rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
    return found.hexdigest()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
