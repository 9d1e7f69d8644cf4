"""How each dialect reads a time column as a number of ms, and compares it with a range.

A naive time is read as if it were UTC (`pressroom.macros.buckets` knows the offset); where a column's type is
not known before the query runs, the SQL decides by the value's type.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from pressroom.macros.buckets import Segment, bucket_sql, range_sql, ranges, segments
from pressroom.timerange import Window

SECONDS_BELOW = 100_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Ranges = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class TimeSQL:
    """Time SQL of one dialect, for one source.

    Attributes:
        zone: of naive times.
        time_format: `auto`, `iso`, `s` or `ms`.
    """

    zone: str
    time_format: str

    def filter(self, column: str, window: Window) -> str:
        """SQL that is true where the column's time lies in the window."""
        aware, naive = ranges(segments(window)), ranges(segments(window, self.zone))
        whole = self.within(column, aware, naive)
        return f"({whole})"

    def group(self, column: str, window: Window) -> str:
        """SQL of the start of the column's bucket, in epoch ms; null outside of the window."""
        aware, naive = segments(window), segments(window, self.zone)
        return f"({self.buckets(column, aware, naive)})"

    def raw(self, column: str) -> str:
        """SQL of the column as an integer of ms, naive times read as if they were UTC."""
        raise NotImplementedError

    def naive(self, column: str) -> str:
        """SQL that is true where the column's value is a naive time."""
        raise NotImplementedError

    def within(self, column: str, aware: _Ranges, naive: _Ranges) -> str:
        """SQL of `filter`."""
        raw = self.raw(column)
        if aware == naive:
            return range_sql(raw, aware)
        return f"CASE WHEN {self.naive(column)} THEN {range_sql(raw, naive)} ELSE {range_sql(raw, aware)} END"

    def buckets(self, column: str, aware: Sequence[Segment], naive: Sequence[Segment]) -> str:
        """SQL of `group`."""
        raw = self.raw(column)
        if aware == naive:
            return bucket_sql(raw, aware)
        return f"CASE WHEN {self.naive(column)} THEN {bucket_sql(raw, naive)} ELSE {bucket_sql(raw, aware)} END"

    def scale(self, number: str) -> str:
        """SQL that makes a number, in the source's format, a number of ms."""
        if self.time_format == "s":
            return f"({number}) * 1000"
        if self.time_format == "ms":
            return f"({number})"
        return f"({number}) * CASE WHEN abs({number}) < {SECONDS_BELOW} THEN 1000 ELSE 1 END"

    @property
    def numbers_only(self) -> bool:
        """True where the configuration says that times are numbers."""
        return self.time_format in {"s", "ms"}


_DUCK_NAIVE = "('DATE', 'TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS')"
_DUCK_AWARE = "'TIMESTAMP WITH TIME ZONE'"
_US_BASE = 4_000_000_000_000_000


class DuckTime(TimeSQL):
    """DuckDB: `typeof` is known before the query runs, so only one branch of each CASE is left.

    The session's time zone must be UTC.
    """

    @override
    def raw(self, column: str) -> str:
        number = f"TRY_CAST({column} AS DOUBLE)"
        numeric = f"CAST(floor({self.scale(number)}) AS BIGINT)"
        text = numeric if self.numbers_only else self._ms(f"CAST(CAST({column} AS VARCHAR) AS TIMESTAMPTZ)")
        return (
            f"CASE WHEN typeof({column}) IN {_DUCK_NAIVE} THEN {self._ms(f'TRY_CAST({column} AS TIMESTAMP)')} "
            f"WHEN typeof({column}) = {_DUCK_AWARE} THEN {self._ms(f'TRY_CAST({column} AS TIMESTAMPTZ)')} "
            f"WHEN typeof({column}) = 'VARCHAR' THEN {text} ELSE {numeric} END"
        )

    @override
    def naive(self, column: str) -> str:
        text = rf"NOT regexp_matches(CAST({column} AS VARCHAR), '.{{10}}[ T].*([Zz]|[+-]\d\d(:?\d\d)?)$')"
        return (
            f"CASE WHEN typeof({column}) IN {_DUCK_NAIVE} THEN true "
            f"WHEN typeof({column}) = 'VARCHAR' THEN {'false' if self.numbers_only else text} ELSE false END"
        )

    @override
    def within(self, column: str, aware: _Ranges, naive: _Ranges) -> str:
        # comparisons of the column itself reach the file: whole row groups are skipped
        stamp = range_sql(f"TRY_CAST({column} AS TIMESTAMP)", naive, _stamp("TIMESTAMP"))
        zoned = range_sql(f"TRY_CAST({column} AS TIMESTAMPTZ)", aware, _stamp("TIMESTAMPTZ"))
        return (
            f"CASE WHEN typeof({column}) IN {_DUCK_NAIVE} THEN {stamp} "
            f"WHEN typeof({column}) = {_DUCK_AWARE} THEN {zoned} "
            f"ELSE {super().within(column, aware, naive)} END"
        )

    def _ms(self, stamp: str) -> str:
        # from a base before every date that is read, so that the division rounds down
        return f"((epoch_us({stamp}) + {_US_BASE}) // 1000 - {_US_BASE // 1000})"


class SqliteTime(TimeSQL):
    """SQLite: every value has a type of its own."""

    @override
    def raw(self, column: str) -> str:
        numeric = f"CAST({self.scale(column)} AS INTEGER)"
        if self.numbers_only:
            return numeric
        text = f"CAST(round((julianday({column}) - 2440587.5) * 86400000.0) AS INTEGER)"
        return f"CASE typeof({column}) WHEN 'text' THEN {text} ELSE {numeric} END"

    @override
    def naive(self, column: str) -> str:
        if self.numbers_only:
            return "0"
        return f"(typeof({column}) = 'text' AND substr({column}, 17) NOT GLOB '*[Zz+-]*')"


class PostgresTime(TimeSQL):
    """PostgreSQL; the session's time zone must be UTC. `auto` is for timestamps and dates."""

    @override
    def raw(self, column: str) -> str:
        if self.time_format == "auto":
            return f"floor(extract(epoch from {column}) * 1000)::bigint"
        if self.time_format == "iso":
            return f"floor(extract(epoch from ({column})::text::timestamptz) * 1000)::bigint"
        if self.time_format == "number":
            return f"floor({self.scale(column)})::bigint"
        return f"floor({self.scale(f'({column})::numeric')})::bigint"

    @override
    def naive(self, column: str) -> str:
        if self.time_format == "auto":
            return f"pg_typeof({column})::oid <> 1184"
        if self.time_format == "iso":
            return rf"({column})::text !~ '^.{{10}}[ T].*([Zz]|[+-]\d\d(:?\d\d)?)$'"
        return "false"

    @override
    def within(self, column: str, aware: _Ranges, naive: _Ranges) -> str:
        if self.time_format != "auto":
            return super().within(column, aware, naive)
        zoned = range_sql(column, aware, _stamp("TIMESTAMPTZ"))
        if aware == naive:
            return zoned
        # the first half can use an index, the second is exact
        near = [(aware[0][0] - 2 * 86_400_000, aware[-1][1] + 2 * 86_400_000)]
        exact = range_sql(column, naive, _stamp("TIMESTAMPTZ"))
        return (
            f"{range_sql(column, near, _stamp('TIMESTAMPTZ'))} AND "
            f"CASE WHEN {self.naive(column)} THEN {exact} ELSE {zoned} END"
        )


class MySQLTime(TimeSQL):
    """MySQL and MariaDB; the session's time zone must be UTC, all their times are then naive."""

    @override
    def raw(self, column: str) -> str:
        if self.numbers_only:
            return f"FLOOR({self.scale(column)})"
        return f"FLOOR(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {column}) / 1000)"

    @override
    def naive(self, column: str) -> str:
        return "(1 = 0)" if self.numbers_only else "(1 = 1)"


class NumberTime(TimeSQL):
    """Any other database: times are numbers; for its own types the query must say how to cut them."""

    @override
    def raw(self, column: str) -> str:
        return f"FLOOR({self.scale(column)})"

    @override
    def naive(self, column: str) -> str:
        return "(1 = 0)"


TIME_SQL: dict[str, type[TimeSQL]] = {
    "duckdb": DuckTime,
    "sqlite": SqliteTime,
    "postgresql": PostgresTime,
    "mysql": MySQLTime,
    "mariadb": MySQLTime,
}


def _stamp(word: str) -> Callable[[int], str]:
    zone = "+00" if word == "TIMESTAMPTZ" else ""

    def literal(milliseconds: int) -> str:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
        return f"{word} '{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}{zone}'"

    return literal
