"""The computed-results API's answers, field by field as the contract has them, misspellings included."""

from __future__ import annotations

import msgspec

Cell = int | float | str
"""A timestamp in ms, a metric, a dimension's value."""


class Wire(msgspec.Struct, kw_only=True, rename="camel"):
    """Base: camel case outside."""


class DashboardItem(Wire):
    """One of `dashboards.json`; dates are YYYY-MM-DD."""

    id: str
    name: str
    type: str
    created_at: str
    updated_at: str
    scope: str
    updater: str
    creator: str


class ChartItem(Wire):
    """A chart of a dashboard; `createor` is what clients read."""

    id: str
    name: str
    createor: str
    created_at: str


class Dashboard(Wire):
    """A dashboard with its charts."""

    id: str
    name: str
    charts: list[ChartItem]


class Meta(Wire, omit_defaults=True):
    """A column of a chart's rows; exactly one of the two is there, and true."""

    name: str
    dimension: bool = False
    metric: bool = False


class ChartData(Wire, kw_only=True):
    """A chart's rows; times in ms, `interval` as it was asked for."""

    id: str
    name: str
    start_time: int
    end_time: int
    interval: int
    meta: list[Meta]
    data: list[tuple[Cell, ...]] = []


class Aggregator(Wire):
    """A number and the one of the period before."""

    values: list[float]


class NumberData(ChartData, kw_only=True):
    """A number chart on the v2 path."""

    aggregator: Aggregator


class Fault(Wire):
    """One mistake."""

    code: str
    message: str


class Refusal(Wire):
    """The body of every error."""

    message: str
    errors: list[Fault] = []


class SignedIn(Wire, kw_only=True):
    """The answer to a sign-in; `code` is the token."""

    status: str = "success"
    code: str


class SignInRefused(Wire):
    """The answer to a sign-in that failed."""

    status: str = "fail"
    message: str = "Unauthorized"
    errors: list[Fault] = []


class Segment(Wire):
    """A segment; `updated_at` is the day on which its users were counted."""

    id: str
    name: str
    user_type: str
    user_num: int
    updated_at: str


class Rule(Wire):
    """A line of `rules.csv`."""

    rule_id: str
    event_name: str
    event_type: str
