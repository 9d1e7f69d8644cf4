"""Column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment. Takes aware datetimes only and gives back UTC.

    SQLite has no zones: a plain DateTime there drops the offset and gives back a naive value.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """To UTC; naive for SQLite."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a zone, got the naive {value.isoformat()}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Always in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def process_literal_param(self, value: Any, dialect: sa.Dialect) -> str:
        """Moments are always bound, so that no server's settings decide how they are read."""
        raise NotImplementedError("bind moments as parameters")


Identifier = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A numeric id. SQLite counts up by itself only in a column that is exactly INTEGER."""
