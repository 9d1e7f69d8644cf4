"""What the parts of the results API's service share: the workspace, the clock, a context for its work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from pressroom import Context, Host, Principal, ProjectStore
from pressroom.timerange import zone_info

T = TypeVar("T")
SEPARATORS = {"tab": "\t", "comma": ","}


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Listed(Generic[T]):
    """A list, with what its items cannot say.

    Attributes:
        warnings: sentences.
    """

    items: list[T] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Desk:
    """Reads one workspace.

    Args:
        host: the workspace.
        now: the clock; for tests.
    """

    def __init__(self, host: Host, now: Callable[[], datetime] = utc_now) -> None:
        self.host = host
        self.now = now

    def _store(self, principal: Principal, project: str) -> ProjectStore:
        return self.host.repositories.project(principal.enter(project))

    def _zone(self, project: str) -> ZoneInfo:
        return zone_info(self.host.repositories.projects.get(project).value.timezone)

    def _separator(self, project: str) -> str:
        return SEPARATORS[self.host.repositories.projects.get(project).value.csv_separator]

    @contextmanager
    def _context(self) -> Iterator[Context]:
        # no TemporaryDirectory: a reader who goes away leaves a stream to the garbage collector, which then warns
        folder = Path(mkdtemp(prefix="pressroom-"))
        try:
            limit = self.host.settings.limits.query_seconds
            yield Context(folder, timeout=limit, cancellation=self.host.closing)
        finally:
            rmtree(folder, ignore_errors=True)
