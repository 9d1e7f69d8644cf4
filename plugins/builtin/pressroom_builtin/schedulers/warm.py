"""Imported by the forkserver, never by hand: what every child needs, loaded once before it forks.

Only imports: threads that a library starts at work would not survive the fork.
"""

import duckdb  # noqa: F401
import polars  # noqa: F401
import pypdf  # noqa: F401
import sqlmodel  # noqa: F401
import typst  # noqa: F401

import pressroom  # noqa: F401
