"""Whether a text is one SELECT, for databases that have no parser of their own to ask."""

from __future__ import annotations

from pressroom import QueryError
from pressroom.macros import statement_words

_READING = frozenset({"select", "with", "values", "table"})


def one_select(sql: str, dialect: str) -> str:
    """The statement without a semicolon or a comment at its end.

    Raises:
        QueryError: it is no SELECT, or there are several statements.
    """
    text, statements, first = statement_words(sql, dialect)
    if statements != 1:
        raise QueryError(f"a query is one SELECT; here are {statements} statements")
    if first not in _READING:
        raise QueryError(f"a query is a SELECT; {first.upper() or 'this'} is not allowed")
    return text
