"""Runs and deliveries as clients read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from pressroom import Delivery, Document, Run, RunEntry
from pressroom_builtin.api import run_wire as wire


def details(run: Run) -> wire.RunDetails:
    """A run whole."""
    counts: dict[str, int] = {}
    for delivery in run.deliveries:
        counts[delivery.state] = counts.get(delivery.state, 0) + 1
    whole = msgspec.structs.asdict(item(RunEntry(run, counts)))
    deliveries = [delivery_item(each, run.report, run.planned_at) for each in run.deliveries]
    return wire.RunDetails(**whole, deliveries=deliveries)


def item(entry: RunEntry) -> wire.RunItem:
    """A run in a list."""
    run = entry.run
    return wire.RunItem(
        id=run.id,
        report=run.report,
        title=run.title,
        kind=run.kind,
        state=str(run.state),
        planned_at=run.planned_at,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        step=run.step,
        progress=run.progress,
        warnings=list(run.warnings),
        errors=list(run.errors),
        timings=run.timings,
        documents=[_document(number, data) for number, data in enumerate(run.documents, 1)],
        counts={str(state): count for state, count in entry.counts.items()},
    )


def _document(number: int, data: dict[str, Any]) -> wire.DocumentItem:
    found = msgspec.convert(data, Document)
    return wire.DocumentItem(
        number=number, name=found.name, media_type=found.media_type, size=found.size, format=found.format
    )


def delivery_item(found: Delivery, report: str, planned_at: datetime) -> wire.DeliveryItem:
    """A delivery of a run of that report, planned for that moment."""
    return wire.DeliveryItem(
        id=found.id,
        run=found.run,
        report=report,
        planned_at=planned_at,
        channel=found.channel,
        recipient=found.recipient,
        role=found.role,
        message=found.message,
        state=str(found.state),
        attempts=found.attempts,
        code=found.code,
        answer=found.answer,
        reference=found.reference,
        retry_at=found.retry_at,
        updated_at=found.updated_at,
        variables=found.variables,
    )
