"""What repositories give back: definitions with what the store knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Stored(Generic[T]):
    """A definition that is kept.

    Attributes:
        id: numeric; a report's is unique over all projects.
        uid: its name in addresses, unique in its project.
        value: the definition as it was written; change a copy and save it.
        created_at, updated_at: in UTC.
        creator, updater: names of principals.
    """

    id: int
    uid: str
    value: T
    created_at: datetime
    updated_at: datetime
    creator: str
    updater: str


@dataclass(frozen=True)
class Image:
    """An uploaded picture.

    Attributes:
        name: unique in its project; branding names it as `image:<name>`.
        sha256: hex digest of `data`.
        data: the file; empty in lists.
    """

    name: str
    media_type: str
    sha256: str
    data: bytes
    created_at: datetime
    creator: str
