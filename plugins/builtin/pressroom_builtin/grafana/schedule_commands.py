"""`pressroom reports next`: when a report goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom_builtin.grafana.report_commands import Name, service
from pressroom_cli import console
from pressroom_cli.options import DEFAULT_PROJECT, AsJson, Project

if TYPE_CHECKING:
    from pressroom import Recurrence, Report, Stored


EXAMPLES = console.examples(
    "pressroom reports next weekly-flights",
    "pressroom reports next weekly-flights -n 12 --from 2027-01-01T00:00:00Z --json",
)


def next_moments(
    context: typer.Context,
    report: Name,
    *,
    count: Annotated[int, typer.Option("-n", "--count", min=1, max=10_000, help="How many moments.")] = 5,
    after: Annotated[
        str, typer.Option("--from", metavar="TIME", help="At or after it; without an offset in the schedule's zone.")
    ] = "now",
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """List when a report goes out next. In the time zone of its schedule."""
    from pressroom.timerange import rfc3339

    stored = find(context, report, project)
    schedule = stored.value.schedule
    listed = [
        rfc3339(moment, schedule.timezone) for moment in moments(recurrence(context, stored, project), after, count)
    ]
    if as_json:
        console.emit(listed)
        return
    console.note(in_words(context, project, stored.uid))
    for text in listed:
        console.say(text)
    if not listed and schedule.frequency != "never":
        console.note("it does not go out any more")


def find(context: typer.Context, report: str, project: str) -> Stored[Report]:
    """A stored report, by uid or id."""
    api, me = service(context)
    return console.open_host(context).repositories.project(project).reports.by_id(api.number(me, project, report))


def recurrence(context: typer.Context, stored: Stored[Report], project: str) -> Recurrence:
    """When it goes out."""
    host = console.open_host(context)
    since = host.repositories.project(project).reports.scheduled_since(stored.id)
    return host.recurrence(stored.value, project, since)


def moments(found: Recurrence, after: str, count: int) -> list[datetime]:
    """The first moments at or after a time that a person wrote.

    Raises:
        UsageError: it is no time.
    """
    from pressroom import UsageError
    from pressroom.timerange import resolve_moment

    try:
        start = resolve_moment(after, now=datetime.now(UTC), zone=found.schedule.timezone)
    except ValueError as error:
        raise UsageError(f"--from: {error}") from error
    return found.upcoming(start, count)


def in_words(context: typer.Context, project: str, report: str) -> str:
    """A report's schedule as a sentence, in its locale or its project's."""
    from pressroom import Recurrence

    stored = find(context, report, project)
    store = console.open_host(context).repositories
    since = store.project(project).reports.scheduled_since(stored.id)
    locale = stored.value.locale or store.projects.get(project).value.locale
    # without its calendar, which may be missing from the settings
    words = Recurrence(stored.value.schedule, start=since).sentence(locale)
    return words if stored.value.state == "scheduled" else f"{words} ({stored.value.state}: it does not go out)"
