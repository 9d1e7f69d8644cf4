"""What came of a run, for people and as JSON. Part of the command line's public face."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from pressroom_cli import console

if TYPE_CHECKING:
    from pressroom import Delivery, Run


def moment(value: datetime | None) -> str:
    """A moment as people read it, in UTC to the second; empty for none."""
    return "" if value is None else value.strftime("%Y-%m-%d %H:%M:%S")


def run_summary(run: Run) -> dict[str, Any]:
    """A run as `pressroom runs list --json` gives it."""
    return {
        "id": run.id,
        "project": run.project,
        "report": run.report,
        "title": run.title,
        "kind": run.kind,
        "state": str(run.state),
        "planned_at": run.planned_at,
        "finished_at": run.finished_at,
        "errors": list(run.errors),
        "warnings": list(run.warnings),
        "deliveries": [_delivery(item) for item in run.deliveries],
    }


def run_details(run: Run) -> dict[str, Any]:
    """The same with everything that the ledger knows of it."""
    return {
        **run_summary(run),
        "created_at": run.created_at,
        "started_at": run.started_at,
        "attempt": run.attempt,
        "step": run.step,
        "progress": run.progress,
        "timings": run.timings,
        "documents": list(run.documents),
    }


def _delivery(item: Delivery) -> dict[str, Any]:
    return {
        "channel": item.channel,
        "recipient": item.recipient,
        "role": item.role,
        "variables": item.variables,
        "state": str(item.state),
        "attempts": item.attempts,
        "code": item.code,
        "answer": item.answer,
        "reference": item.reference,
        "retry_at": item.retry_at,
    }


def delivery_counts(run: Run) -> str:
    """Such as `3 sent, 1 refused`."""
    counts = Counter(str(item.state) for item in run.deliveries)
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "none"


def say_run(run: Run) -> None:
    """What happened to each recipient, and what failed on the way."""
    for item in run.deliveries:
        words = [item.channel, item.recipient, _sees(item), _state(item), _answer(item)]
        console.say("  ".join(" ".join(console.plain(word).split()) for word in words if word))
    for line in run.errors:
        console.note(f"failed: {console.plain(line)}")
    for line in run.warnings:
        console.note(f"warning: {console.plain(line)}")


def _sees(item: Delivery) -> str:
    """The values of variables that a recipient gets to see, where a query gives them."""
    from pressroom.press.parts import label, part_of

    values = label(part_of(item.variables))
    return f"({values})" if values else ""


def _answer(item: Delivery) -> str:
    return " ".join(part for part in (str(item.code or ""), item.answer) if part)


def _state(item: Delivery) -> str:
    if item.state == "planned" and item.attempts:
        return f"deferred until {moment(item.retry_at)} UTC" if item.retry_at else "deferred"
    return str(item.state)


def failed(run: Run) -> bool:
    """Whether something of the run did not work out, or has not yet."""
    return run.state not in ("succeeded", "skipped") or any(
        item.state not in ("sent", "skipped") for item in run.deliveries
    )


def finish(run: Run, answer: Any = None) -> None:
    """Print a run that was worked on; exit with 1 where something failed.

    Args:
        answer: what to print as JSON where everybody got it; None for text about each recipient.
    """
    unsent = [item for item in run.deliveries if item.state not in ("sent", "skipped")]
    if answer is None:
        say_run(run)
    elif run.state == "skipped":
        console.emit({"message": "; ".join(run.warnings) or f"not sent: {delivery_counts(run)}"})
    elif not unsent and any(item.state == "sent" for item in run.deliveries):
        # everybody has got it, though something in it may have failed
        console.emit(answer)
    if failed(run):
        reasons = [*run.errors, *(f"{item.recipient}: {_state(item)} {_answer(item)}" for item in unsent)]
        where = f"run {run.id} is {run.state}: {delivery_counts(run)}; see: pressroom runs show {run.id}"
        console.error("\n".join([where, *(map(console.plain, reasons) if answer is not None else ())]))
        raise typer.Exit(1)


def list_runs(runs: Sequence[Run], as_json: bool) -> None:
    """Runs as a table or JSON."""
    if as_json:
        console.emit([run_summary(run) for run in runs])
        return
    lines = [(run.id, run.report, moment(run.planned_at), run.kind, run.state, delivery_counts(run)) for run in runs]
    console.rows(("RUN", "REPORT", "PLANNED (UTC)", "KIND", "STATE", "DELIVERIES"), lines, "no runs")
