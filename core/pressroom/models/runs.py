"""Runs and deliveries: what happened, and where it stands.

run:      planned -> composing -> rendering -> delivering -> succeeded | partly_failed | failed
          composing | rendering -> planned      (given back, to be tried later)
          rendering | delivering -> composing   (its owner died, or its documents are gone)
          planned -> delivering                 (its documents are kept from an earlier try)
          any state that is not final -> failed | cancelled | skipped (nothing was to be sent to anybody)
          failed | partly_failed | skipped -> planned     (a retry)

delivery: planned -> claimed -> handing_over -> sent | refused | ambiguous | skipped
          claimed | handing_over -> planned     (a deferred answer, or an owner that died before the hand-over;
                                                 after it where the channel is idempotent, else -> ambiguous)
          planned | claimed -> skipped          (cancelled, a condition that is not met, or a run that failed before
                                                 this was tried)
          planned -> refused                    (a run that failed while a deferred one waited, or a recipient whose
                                                 documents cannot be made)
          refused | ambiguous | skipped -> planned   (a retry; ambiguous on request, skipped if never tried)

Nothing leaves `sent`. The transitions are checked in `pressroom.press.ledger_states`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec


class RunState(StrEnum):
    """Where a run stands."""

    planned = "planned"
    composing = "composing"
    rendering = "rendering"
    delivering = "delivering"
    succeeded = "succeeded"
    partly_failed = "partly_failed"
    failed = "failed"
    skipped = "skipped"
    cancelled = "cancelled"

    @property
    def final(self) -> bool:
        """True where nothing more will happen by itself."""
        return self in _FINAL_RUNS


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    planned = "planned"
    claimed = "claimed"
    handing_over = "handing_over"
    sent = "sent"
    refused = "refused"
    ambiguous = "ambiguous"
    skipped = "skipped"

    @property
    def final(self) -> bool:
        """True where nothing more will happen by itself."""
        return self in _FINAL_DELIVERIES


_FINAL_RUNS = frozenset(
    {RunState.succeeded, RunState.partly_failed, RunState.failed, RunState.skipped, RunState.cancelled}
)
_FINAL_DELIVERIES = frozenset(
    {DeliveryState.sent, DeliveryState.refused, DeliveryState.ambiguous, DeliveryState.skipped}
)

RunKind = Literal["scheduled", "manual", "test", "adhoc", "preview", "alert"]
"""Why a run exists: its schedule, a person, a test mail, a report that is not stored, a look at the documents,
another run that failed for good."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One recipient on one channel of one run.

    Attributes:
        message: number of the message within the run; recipients with the same number share one.
        entry: number of the report's delivery, from 0, whose query gave the recipient; None where the report names it,
            and -1 for a row of the query that nothing can be sent for.
        variables: what the recipient gets to see, by that query; empty for the report's own.
        role: to, cc or bcc.
        attempts: how often it was claimed.
        code, answer, reference: the channel's last words, see `pressroom.channels.Receipt`.
        retry_at: not before this moment, where the last answer was "later".
    """

    id: int
    run: int
    channel: str
    recipient: str
    role: Literal["to", "cc", "bcc"]
    message: int
    state: DeliveryState
    entry: int | None = None
    variables: dict[str, list[str]] = {}
    attempts: int = 0
    code: int = 0
    answer: str = ""
    reference: str = ""
    retry_at: datetime | None = None
    updated_at: datetime | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One planned moment of one report, or one request to send.

    Attributes:
        report, title: uid and name when it was planned; `report` is empty for an ad hoc one.
        report_id: the stored report; None where it is deleted or was never stored.
        key: unique with report and kind: the planned moment, or an idempotency key.
        tries: how often it failed since it came so far; when that is too often, it fails for good.
        snapshot: the report's definition when the run was planned.
        attempt: counts claims; a stale owner's writes carry an older one and are refused.
        warnings, errors: sentences for people.
        addressed_at: when the recipients' queries were asked; None where there are none, or they wait for the run.
        documents: encoded `pressroom.renderers.Document`s, once rendered.
        timings: seconds spent composing, rendering and delivering, over all tries.
        deliveries: filled where a run is shown whole.
    """

    id: int
    project: str
    report: str
    title: str
    kind: RunKind
    key: str
    state: RunState
    planned_at: datetime
    created_at: datetime
    snapshot: dict[str, Any]
    report_id: int | None = None
    attempt: int = 0
    tries: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    addressed_at: datetime | None = None
    step: str = ""
    progress: float = 0.0
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    documents: tuple[dict[str, Any], ...] = ()
    timings: dict[str, float] = {}
    deliveries: tuple[Delivery, ...] = ()
