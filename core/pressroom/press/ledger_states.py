"""Every transition that a run and a delivery may make, and what a run's deliveries make of it."""

from __future__ import annotations

from collections.abc import Iterable

from pressroom.models.runs import DeliveryState as D, RunState as R

_ENDS = (R.succeeded, R.partly_failed, R.failed, R.skipped, R.cancelled)
RUN_TRANSITIONS: dict[R, frozenset[R]] = {
    R.planned: frozenset({R.composing, R.delivering, R.failed, R.skipped, R.cancelled}),
    R.composing: frozenset({R.planned, R.composing, R.rendering, R.delivering, *_ENDS}),
    R.rendering: frozenset({R.planned, R.composing, R.delivering, *_ENDS}),
    R.delivering: frozenset({R.composing, R.delivering, *_ENDS}),
    R.succeeded: frozenset(),
    R.partly_failed: frozenset({R.planned}),
    R.failed: frozenset({R.planned}),
    R.skipped: frozenset({R.planned}),
    R.cancelled: frozenset(),
}
"""What may follow a state. A run whose owner died begins again at `composing`, or at `delivering` where its
documents are kept. Only a retry leaves a final state."""

DELIVERY_TRANSITIONS: dict[D, frozenset[D]] = {
    D.planned: frozenset({D.claimed, D.refused, D.skipped}),
    D.claimed: frozenset({D.planned, D.handing_over, D.sent, D.refused, D.ambiguous, D.skipped}),
    D.handing_over: frozenset({D.planned, D.sent, D.refused, D.ambiguous, D.skipped}),
    D.sent: frozenset(),
    D.refused: frozenset({D.planned}),
    D.ambiguous: frozenset({D.planned}),
    D.skipped: frozenset({D.planned}),
}
"""What may follow a state. Nothing ever leaves `sent`; the other final states are left by a retry only."""


OPEN_RUNS = tuple(state for state in R if not state.final)
"""States of runs that something will still happen to."""


def outcome(deliveries: Iterable[D], *, errors: bool, documents: bool) -> R:
    """The final state of a run.

    Args:
        deliveries: where each stands; all final.
        errors: whether something of the report went wrong.
        documents: whether there is anything to show, which counts where there are no deliveries.
    """
    states = set(deliveries)
    if not errors and states == {D.skipped}:
        return R.skipped
    missed = bool(states & {D.refused, D.ambiguous})
    if not missed and not errors:
        return R.succeeded
    arrived = D.sent in states if states else documents
    return R.partly_failed if arrived else R.failed
