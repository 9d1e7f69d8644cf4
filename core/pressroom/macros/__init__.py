"""Macros and variables of SQL queries, for sources of SQL.

    $__timeFilter(c)        rows whose time lies in the window: c >= e0 and c < en
    $__timeGroup(c)         the start of the row's bucket, in epoch ms
    $__from, $__to          e0 and en, in epoch ms
    $__interval             the buckets' width, such as '1d', as text
    $name, ${name}          a variable; several values become a list for IN (...)

`compile_query` puts bound parameters and generated SQL in their places; nothing is ever pasted.
"""

from pressroom.macros.compile import (
    MACROS,
    CompiledQuery,
    TimeFormat,
    code_of,
    compile_query,
    statement_words,
    uses_time_group,
)

__all__ = ["MACROS", "CompiledQuery", "TimeFormat", "code_of", "compile_query", "statement_words", "uses_time_group"]
