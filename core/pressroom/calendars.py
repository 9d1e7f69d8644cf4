"""Calendars: days on which nothing is sent, by name in `pressroom.toml`, used by schedules."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import Literal

import pydantic
from typing_extensions import TypeVar

from pressroom.extension import Extension, PluginConfig, PluginOptions


class CalendarConfig(PluginConfig):
    """What every `[calendars.NAME]` table may say."""

    on_closed: Literal["skip", "move"] = pydantic.Field(
        "skip", description="What happens to a moment on such a day: skip it, or move it to the next workday."
    )


C = TypeVar("C", bound=CalendarConfig, default=CalendarConfig)
"""Config of a calendar."""


class Calendar(Extension[C, PluginOptions]):
    """Days on which nothing is sent. Used from several threads; its answers may not change while a host runs."""

    @property
    def moves(self) -> bool:
        """True to send on the next workday instead, False to skip."""
        return self.config.on_closed == "move"

    @abstractmethod
    def closed(self, day: date) -> bool:
        """Whether nothing is sent on that day, a date in the schedule's zone."""
