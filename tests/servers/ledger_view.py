"""What a test wants to know of runs."""

from __future__ import annotations

from pressroom import Run


def states(run: Run) -> dict[str, str]:
    """Where each recipient's delivery stands."""
    return {delivery.recipient: delivery.state.value for delivery in run.deliveries}
