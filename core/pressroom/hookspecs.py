"""What a plugin may implement.

A plugin is a module or object that an entry point of the group `pressroom` names; it marks its functions
with `pressroom.hookimpl`. The `register_*` hooks are called once, when the host starts; the observers are
called in the process that works on the run, and an error in one is logged and stops nothing.
The server adds `register_routes` and the command line `register_commands`: each layer owns the specs of
what it calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from pressroom.calendars import Calendar
    from pressroom.channels import Channel
    from pressroom.charts import ChartFormatter
    from pressroom.fetchers import Fetcher
    from pressroom.models.runs import Run
    from pressroom.renderers import Edition, Renderer
    from pressroom.schedulers import Scheduler
    from pressroom.sources import Source

GROUP = "pressroom"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)
"""Marks a function of a plugin as a hook's implementation."""


@hookspec
def register_sources() -> Sequence[type[Source[Any]]]:
    """Data source classes; each is used under its `name` as `type` of a `[sources.X]` table."""
    raise NotImplementedError


@hookspec
def register_charts() -> Sequence[type[ChartFormatter[Any, Any]]]:
    """Chart type classes; each is used under its `name` as a chart's `type`."""
    raise NotImplementedError


@hookspec
def register_renderers() -> Sequence[type[Renderer[Any, Any]]]:
    """Report format classes; each is used under its `name` in a report's `formats`."""
    raise NotImplementedError


@hookspec
def register_schedulers() -> Sequence[type[Scheduler[Any]]]:
    """Scheduler classes; each is used under its `name` as `type` of the `[scheduler]` table."""
    raise NotImplementedError


@hookspec
def register_channels() -> Sequence[type[Channel[Any, Any]]]:
    """Delivery channel classes; each is used under its `name` as `type` of a `[channels.X]` table."""
    raise NotImplementedError


@hookspec
def register_calendars() -> Sequence[type[Calendar[Any]]]:
    """Calendar classes; each is used under its `name` as `type` of a `[calendars.X]` table."""
    raise NotImplementedError


@hookspec
def register_fetchers() -> Sequence[type[Fetcher[Any]]]:
    """Classes that get pictures by address; each is used under its `name` as `type` of the `[fetch]` table."""
    raise NotImplementedError


@hookspec
def run_started(run: Run) -> None:
    """A run has been claimed and work on it begins: once to make it, once to send it, again at every attempt."""


@hookspec
def edition_composed(run: Run, edition: Edition) -> None:
    """An edition of a run is complete, and nothing of it is rendered yet; a run that bursts has several."""


@hookspec
def run_finished(run: Run) -> None:
    """A run is final: every delivery has its last state."""
