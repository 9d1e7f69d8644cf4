"""Finds `$names` in SQL: outside of strings, quoted names and comments, whatever the dialect.

It only has to know where such things begin and end. Where it is wrong about an unusual dialect, a variable
is bound in an odd place and the database says so; nothing is ever pasted, so nothing can be injected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pressroom.errors import QueryError

_NAME = re.compile(r"\$(?:(?P<bare>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})", re.ASCII)
_WORD = re.compile(r"[^\W\d][\w$]*")
_DOLLAR_QUOTE = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_PLAIN = re.compile(r"[^\w$'\"`\[\-/#()]+|\d[\w.]*")


@dataclass(frozen=True)
class Piece:
    """A part of a query.

    Attributes:
        kind: `code`, `string` (a literal or a quoted name), `comment`, or `name` (a `$name`).
        text: as written; of a name the whole `$name` or `${name}`.
        place: index of its first character.
        name: of a name, without the signs.
    """

    kind: Literal["code", "string", "comment", "name"]
    text: str
    place: int
    name: str = ""


def scan(text: str, dialect: str) -> Iterator[Piece]:
    """The pieces of a query, in order; together they are the text.

    Raises:
        QueryError: a string, a quoted name or a comment that does not end.
    """
    place = 0
    while place < len(text):
        piece = _piece(text, place, dialect)
        yield piece
        place += len(piece.text)


def names_in(text: str) -> list[str]:
    """The `$names` in a string literal, where they would not be replaced."""
    return [found["bare"] or found["braced"] for found in _NAME.finditer(text)]


def _piece(text: str, place: int, dialect: str) -> Piece:
    for kind, pattern in _patterns(dialect):
        found = pattern.match(text, place)
        if found:
            return Piece(kind, found[0], place)
    sign = text[place]
    if sign == "$":
        if dialect in {"postgresql", "duckdb"} and (quote := _DOLLAR_QUOTE.match(text, place)):
            end = text.find(quote[0], quote.end())
            if end < 0:
                raise _open(text, place, f"the dollar quote {quote[0]}")
            return Piece("string", text[place : end + len(quote[0])], place)
        if name := _NAME.match(text, place):
            return Piece("name", name[0], place, name["bare"] or name["braced"])
    if text.startswith("/*", place):
        return Piece("comment", text[place : _comment_end(text, place, dialect)], place)
    if sign in "'" or (sign in '"`[' and sign in _quotes(dialect)):
        raise _open(text, place, "the quote" if sign != "[" else "the bracket")
    return Piece("code", sign, place)


def _quotes(dialect: str) -> str:
    """What begins a quoted name or string besides the single quote."""
    return {"postgresql": '"', "duckdb": '"', "mysql": '"`', "mariadb": '"`', "sqlite": '"`[', "mssql": '"['}.get(
        dialect, '"`'
    )


_Kind = Literal["code", "string", "comment"]
_known: dict[str, tuple[tuple[_Kind, re.Pattern[str]], ...]] = {}


def _patterns(dialect: str) -> tuple[tuple[_Kind, re.Pattern[str]], ...]:
    if dialect in _known:
        return _known[dialect]
    mysql = dialect in {"mysql", "mariadb"}
    patterns: list[tuple[_Kind, str]] = [("comment", r"--(?:\s[^\n]*|$)" if mysql else r"--[^\n]*")]
    if mysql:
        patterns += [("comment", r"#[^\n]*"), ("string", r"'(?:[^'\\]|\\.|'')*'"), ("string", r'"(?:[^"\\]|\\.|"")*"')]
    if dialect in {"postgresql", "duckdb"}:
        patterns.append(("string", r"[eE]'(?:[^'\\]|\\.|'')*'"))
    patterns += [("string", r"'(?:[^']|'')*'"), ("string", r'"(?:[^"]|"")*"')]
    quotes = _quotes(dialect)
    if "`" in quotes:
        patterns.append(("string", r"`(?:[^`]|``)*`"))
    if "[" in quotes:
        patterns.append(("string", r"\[[^\]]*\]"))
    # a word keeps the $ signs inside of it: PostgreSQL's names may have some
    patterns += [("code", _WORD.pattern), ("code", _PLAIN.pattern)]
    _known[dialect] = tuple((kind, re.compile(pattern, re.DOTALL)) for kind, pattern in patterns)
    return _known[dialect]


def _comment_end(text: str, place: int, dialect: str) -> int:
    nested = dialect in {"postgresql", "duckdb"}
    depth, at = 0, place
    for found in re.finditer(r"/\*|\*/", text[place:]):
        at = place + found.end()
        if found[0] == "*/":
            depth -= 1
        elif nested or depth == 0:
            depth += 1
        if depth == 0:
            return at
    raise _open(text, place, "the comment")


def _open(text: str, place: int, what: str) -> QueryError:
    line = text.count("\n", 0, place) + 1
    return QueryError(f"{what} that begins in line {line} does not end: {text[place : place + 30]!r}")
