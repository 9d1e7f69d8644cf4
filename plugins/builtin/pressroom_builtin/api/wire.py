"""The bodies of `/api/v1`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

Cell = int | float | str | None
"""A time in epoch ms, a metric, a dimension's value."""


class SourceItem(msgspec.Struct, kw_only=True):
    """A source that the project may use.

    Attributes:
        name: what charts call it.
        type: the plugin's name.
        dialect: its query language; empty where it has none.
    """

    name: str
    type: str
    dialect: str


class DashboardBody(msgspec.Struct, kw_only=True):
    """A stored dashboard.

    Attributes:
        revision: another one after every change; the answer's `ETag`, and what `If-Match` takes.
        definition: as in a file of definitions.
    """

    uid: str
    revision: str
    definition: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    creator: str
    updater: str


class ColumnItem(msgspec.Struct, kw_only=True):
    """A column of a chart's rows.

    Attributes:
        id: its name in the query, or the metric's.
        name: what people read.
        role: time, dimension or metric.
        type: time, number or text.
    """

    id: str
    name: str
    role: str
    type: str
    unit: str


class ChartBody(msgspec.Struct, kw_only=True):
    """A stored chart.

    Attributes:
        revision: another one after every change; the answer's `ETag`, and what `If-Match` takes.
        columns: of its rows, in order; empty where its query fails.
        problem: why it fails; empty where it does not.
    """

    uid: str
    revision: str
    dashboard: str
    definition: dict[str, Any]
    columns: list[ColumnItem] = []
    problem: str = ""


class PreviewBody(msgspec.Struct, kw_only=True):
    """What a chart's query gives.

    Attributes:
        rows: the first ones.
        total: how many there are.
        truncated: whether the workspace's limit cut the query's answer.
    """

    columns: list[ColumnItem]
    rows: list[list[Cell]]
    total: int
    truncated: bool
