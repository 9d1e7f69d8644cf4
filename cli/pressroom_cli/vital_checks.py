"""What `pressroom doctor` says of the clock, of what waits, and of what is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pressroom_cli.outcomes import moment

if TYPE_CHECKING:
    from pressroom.host import Host

PATIENCE = timedelta(minutes=5)
"""What waits for longer while no clock ticks is wrong, and not just not started yet."""


def check_clock(host: Host) -> str:
    """Whether a clock ticks.

    Raises:
        StoreError: none does, although something waits for it.
    """
    from pressroom.errors import StoreError
    from pressroom.press.vitals import vitals

    found = vitals(host)
    if found.clocks:
        count = "one process" if found.clocks == 1 else f"{found.clocks} processes"
        return f"ticks in {count}, last {ago(found.at, found.last_tick)}"
    last = f"has ticked since {moment(found.last_tick)} UTC" if found.last_tick else "ticks"
    silent = f"no clock {last}, so nothing is sent by itself; start one: pressroom worker"
    since = found.waiting_since
    if since is not None and found.at - since > PATIENCE:
        raise StoreError(f"{silent} (something waits since {moment(since)} UTC)")
    return silent


def check_runs(host: Host) -> str:
    """What waits, and what is worked on."""
    from pressroom.press.vitals import vitals

    found = vitals(host)
    first = f", the first for {span(found.at - found.due_since)}" if found.due_since else ""
    following = f"; the next report is due at {moment(found.next_moment)} UTC" if found.next_moment else ""
    return f"{found.due} wait{first}, {found.working} worked on, {found.later} for later{following}"


def check_retention(host: Host) -> str:
    """What is kept, and for how long."""
    from pressroom.press.vitals import vitals

    found, kept = vitals(host), host.settings.retention
    since = f" since {moment(found.oldest)} UTC" if found.oldest else ""
    return (
        f"{found.runs} runs{since} (kept {kept.runs}), {found.folders} folders of runs (kept {kept.files}), "
        f"{found.audit} audit entries (kept {kept.audit}), caches kept {kept.cache}"
    )


def ago(now: datetime, then: datetime | None) -> str:
    """Such as `3 s ago`."""
    return "never" if then is None else f"{span(now - then)} ago"


def span(length: timedelta) -> str:
    """A length of time in its largest unit: `40 s`, `5 min`, `3 h`, `12 days`."""
    seconds = max(0, round(length.total_seconds()))
    for unit, width in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * width:
            return f"{seconds // width} {unit}"
    return f"{seconds} s"
