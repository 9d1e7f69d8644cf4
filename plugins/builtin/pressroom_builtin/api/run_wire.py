"""Shapes of runs and deliveries in `/api/v1`."""

from __future__ import annotations

from datetime import datetime

import msgspec


class DocumentItem(msgspec.Struct, kw_only=True):
    """A document of a run.

    Attributes:
        number: from 1; what its address ends in.
        size: in bytes.
        format: name of the report format.
    """

    number: int
    name: str
    media_type: str
    size: int
    format: str


class RunItem(msgspec.Struct, kw_only=True):
    """A run in a list.

    Attributes:
        report, title: uid and name of the report when it was planned; `report` is empty where it was never stored.
        kind: scheduled, manual, test, adhoc or alert.
        state: planned, composing, rendering, delivering, or where it ended.
        step, progress: what is being done, and the share that is done.
        warnings, errors: sentences for people.
        timings: seconds spent composing, rendering and delivering.
        counts: how many deliveries stand in each state.
    """

    id: int
    report: str
    title: str
    kind: str
    state: str
    planned_at: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    step: str
    progress: float
    warnings: list[str]
    errors: list[str]
    timings: dict[str, float]
    documents: list[DocumentItem]
    counts: dict[str, int]


class RunPage(msgspec.Struct, kw_only=True):
    """Runs, the latest planned first.

    Attributes:
        next: cursor of the next page; null on the last.
        total: how many there are on all pages; null beyond 10,000, which are not counted.
    """

    items: list[RunItem]
    next: str | None
    total: int | None


class DeliveryItem(msgspec.Struct, kw_only=True):
    """One recipient on one channel of one run.

    Attributes:
        role: to, cc or bcc.
        message: recipients of a run and channel with the same number share a message.
        variables: what the recipient gets to see, where a query gives the recipients; values by variable.
        state: planned, claimed, handing_over, or sent, refused, ambiguous (it may have arrived), skipped.
        code, answer, reference: the channel's last words.
        retry_at: not before it, where the answer was to come later.
    """

    id: int
    run: int
    report: str
    planned_at: datetime
    channel: str
    recipient: str
    role: str
    message: int
    state: str
    attempts: int
    code: int
    answer: str
    reference: str
    retry_at: datetime | None
    updated_at: datetime | None
    variables: dict[str, list[str]] = {}


class DeliveryPage(msgspec.Struct, kw_only=True):
    """Deliveries, the latest first; `next` and `total` as of runs."""

    items: list[DeliveryItem]
    next: str | None
    total: int | None


class RunDetails(RunItem, kw_only=True):
    """A run with each of its deliveries."""

    deliveries: list[DeliveryItem]


class RetryAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom to send to again.

    Attributes:
        include_ambiguous: also those who may have got it already.
    """

    include_ambiguous: bool = False
