"""A small plugin of each kind. Every hook gives the classes of one kind; the modules have one class each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Calendar, Channel, ChartFormatter, Renderer, Scheduler, Source, hookimpl
from pressroom_example.access_log import AccessLogSource
from pressroom_example.atom import AtomRenderer
from pressroom_example.day_grid import DayGridChart
from pressroom_example.easter import EasterCalendar
from pressroom_example.maildir import MaildirChannel
from pressroom_example.pool import PoolScheduler


@hookimpl
def register_sources() -> Sequence[type[Source[Any]]]:
    """Where data comes from."""
    return [AccessLogSource]


@hookimpl
def register_charts() -> Sequence[type[ChartFormatter[Any, Any]]]:
    """How it looks."""
    return [DayGridChart]


@hookimpl
def register_renderers() -> Sequence[type[Renderer[Any, Any]]]:
    """What is made of a report."""
    return [AtomRenderer]


@hookimpl
def register_channels() -> Sequence[type[Channel[Any, Any]]]:
    """How it reaches people."""
    return [MaildirChannel]


@hookimpl
def register_schedulers() -> Sequence[type[Scheduler[Any]]]:
    """Where the work is done."""
    return [PoolScheduler]


@hookimpl
def register_calendars() -> Sequence[type[Calendar[Any]]]:
    """On which days nothing is sent."""
    return [EasterCalendar]
