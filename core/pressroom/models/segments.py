"""Segments of users and event rules, which the computed-results API lists."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from pressroom.models.values import Definition, Line, Uid, new_uid


class Segment(Definition):
    """A group of users, given by a query.

    Attributes:
        user_type: `u` for the anonymous visitor, `cs1` for the login id.
        source, query: its users, one a row; the columns are what `users.csv` holds.
    """

    uid: Uid = pydantic.Field(default_factory=new_uid)
    name: Line
    user_type: Annotated[str, pydantic.Field(pattern=r"^[a-z0-9_]{1,20}$")] = "cs1"
    source: str
    query: str


class Rule(Definition):
    """A rule by which events are named; ids are unique, names repeat.

    Attributes:
        type: page, imp (shown), clck (clicked), chng (changed) or sbmt (submitted).
    """

    id: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    name: Line
    type: Literal["page", "imp", "clck", "chng", "sbmt"]
