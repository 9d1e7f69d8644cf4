"""A query with macros and variables becomes SQL with bound parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from pressroom.errors import QueryError
from pressroom.macros.text import Piece, names_in, scan
from pressroom.macros.time import TIME_SQL, NumberTime, TimeSQL
from pressroom.sources import Query
from pressroom.timerange import Window, to_ms

MACROS = ("timeFilter", "timeGroup", "from", "to", "interval")
TimeFormat = Literal["auto", "iso", "s", "ms"]
_SIMPLE = re.compile(r'^(?:\w+|"[^"]*")(?:\.(?:\w+|"[^"]*"))*$')
_OWN_STYLE = frozenset({"duckdb", "sqlite", "postgresql"})


@dataclass(frozen=True)
class CompiledQuery:
    """A query that a database can run.

    Attributes:
        sql: with placeholders in the dialect's way: `$p1` for DuckDB, `:p1` for SQLite and SQLAlchemy,
            `$1` for PostgreSQL.
        params: values by name, in the order of the placeholders.
    """

    sql: str
    params: Mapping[str, str | int]

    @property
    def values(self) -> tuple[str | int, ...]:
        """The values alone, for placeholders that are numbered."""
        return tuple(self.params.values())


def compile_query(
    query: Query,
    dialect: str,
    *,
    timezone: str = "UTC",
    time_format: TimeFormat | Literal["number"] = "auto",
    placeholder: Callable[[int], str] | None = None,
) -> CompiledQuery:
    """Put bound parameters and generated SQL in the places of macros and variables.

    Args:
        query: text, window and variables.
        dialect: `duckdb`, `sqlite`, `postgresql`, or a SQLAlchemy dialect's name.
        timezone: zone of the source's naive times.
        time_format: how integer and text columns hold times. PostgreSQL's `auto` is for its own types;
            `number` decides between s and ms by size.
        placeholder: writes the n-th placeholder (from 1), for a source that hands values over in its own way.

    Raises:
        QueryError: an unknown or quoted variable, a macro without its brackets or its time range.
    """
    compiler = _Compiler(query, dialect, timezone, time_format, placeholder)
    sql = compiler.compile(query.text)
    return CompiledQuery(sql, compiler.params)


def uses_time_group(text: str) -> bool:
    """True where the query cuts its time into the window's buckets."""
    return "$__timeGroup" in text


@dataclass
class _Compiler:
    query: Query
    dialect: str
    timezone: str
    time_format: str
    placeholder: Callable[[int], str] | None
    params: dict[str, str | int] = field(default_factory=dict)

    def compile(self, text: str) -> str:
        pieces = list(scan(text, self.dialect))
        written: list[str] = []
        at = 0
        while at < len(pieces):
            piece = pieces[at]
            at += 1
            if piece.kind == "name" and piece.name.startswith("__"):
                sql, at = self._macro(piece, pieces, at)
                written.append(sql)
            elif piece.kind == "name":
                written.append(self._variable(piece.name))
            else:
                self._check(piece)
                written.append(self._plain(piece.text))
        return "".join(written)

    def _check(self, piece: Piece) -> None:
        if piece.kind != "string":
            if piece.kind == "code" and piece.text == "$":
                raise QueryError("a $ without a name; write variables as $name or ${name}")
            return
        for name in names_in(piece.text):
            if name in self.query.variables or name.removeprefix("__") in MACROS:
                raise QueryError(
                    f"${name} stands in quotes: {piece.text[:60]}; write it without them, "
                    f"a variable is a value of its own"
                )

    def _plain(self, text: str) -> str:
        # SQLAlchemy's text() takes :name for a parameter, in strings and comments too
        return text if self.dialect in _OWN_STYLE else text.replace(":", "\\:")

    def _bind(self, value: str | int) -> str:
        name = f"p{len(self.params) + 1}"
        self.params[name] = value
        if self.placeholder is not None:
            return self.placeholder(len(self.params))
        if self.dialect == "postgresql":
            return f"${len(self.params)}"
        return f"${name}" if self.dialect == "duckdb" else f":{name}"

    def _variable(self, name: str) -> str:
        if name not in self.query.variables:
            raise QueryError(f"no variable ${name}; {self._known(name)}")
        values = self.query.variables[name]
        return ", ".join(self._bind(value) for value in values) if values else "NULL"

    def _known(self, name: str) -> str:
        names = sorted(self.query.variables)
        near = get_close_matches(name, [*names, *(f"__{macro}" for macro in MACROS)], n=1, cutoff=0.5)
        hint = f"did you mean ${near[0]}? " if near else ""
        return f"{hint}there are {', '.join(f'${known}' for known in names) or 'no variables'}"

    def _macro(self, piece: Piece, pieces: Sequence[Piece], at: int) -> tuple[str, int]:
        name = piece.name.removeprefix("__")
        if name not in MACROS:
            known = ", ".join(f"$__{macro}" for macro in MACROS)
            near = get_close_matches(name, MACROS, n=1, cutoff=0.5)
            raise QueryError(
                f"no macro {piece.text}; {f'did you mean $__{near[0]}? ' if near else ''}there are {known}"
            )
        window = self._window(piece.text)
        if name == "interval":
            return self._bind(window.interval), at
        if name in {"from", "to"}:
            return self._bind(to_ms(window.start if name == "from" else window.end)), at
        argument, at = _argument(piece, pieces, at)
        column = self.compile(argument).strip()
        if not _SIMPLE.match(column):
            column = f"({column})"
        time = self._time()
        sql = time.filter(column, window) if name == "timeFilter" else time.group(column, window)
        return sql, at

    def _time(self) -> TimeSQL:
        return TIME_SQL.get(self.dialect, NumberTime)(self.timezone, self.time_format)

    def _window(self, macro: str) -> Window:
        if self.query.window is None:
            raise QueryError(f"{macro} needs a time range, and this query has none; leave it out")
        return self.query.window


def _argument(macro: Piece, pieces: Sequence[Piece], at: int) -> tuple[str, int]:
    """The text between the macro's brackets, and the place after them."""
    while at < len(pieces) and pieces[at].text.isspace():
        at += 1
    depth, first = 0, at + 1
    for index in range(at, len(pieces)):
        depth += {"(": 1, ")": -1}.get(pieces[index].text, 0)
        if depth == 0:
            argument = "".join(piece.text for piece in pieces[first:index] if piece.kind != "comment")
            if argument.strip():
                return argument, index + 1
            break
    raise QueryError(f"{macro.text} needs a column in brackets, such as {macro.text}(created_at)")


def statement_words(sql: str, dialect: str) -> tuple[str, int, str]:
    """What a text of SQL consists of.

    Returns:
        The text without semicolons and comments at its end, the number of its statements, and its first
        word in lower case.
    """
    pieces = list(scan(sql, dialect))
    statements, inside, first = 0, False, ""
    kept = 0
    for number, piece in enumerate(pieces, start=1):
        if piece.kind == "comment" or piece.text.isspace():
            continue
        for part in _statement_parts(piece):
            if part == ";":
                inside = False
            elif part.strip():
                statements, inside, kept = statements + (not inside), True, number
                if not first and part.strip("( \t\r\n"):
                    first = part.strip("( \t\r\n").lower()
    text = "".join(piece.text for piece in pieces[:kept])
    return (text.rstrip("; \t\r\n") if pieces and pieces[kept - 1].kind == "code" else text), statements, first


def code_of(sql: str, dialect: str) -> str:
    """A text of SQL without its string literals and comments; quoted names stay."""
    kept = (
        piece.text if piece.kind in {"code", "name"} or piece.text[0] in '"`[' else " " for piece in scan(sql, dialect)
    )
    return "".join(kept)


def _statement_parts(piece: Piece) -> list[str]:
    return re.split("(;)", piece.text) if piece.kind == "code" else ["x"]
