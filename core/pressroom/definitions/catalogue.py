"""What definitions are checked against: the workspace's plugins, sources and channels, and what is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import pydantic

from pressroom.channels import Recipient
from pressroom.context import Context
from pressroom.errors import PressroomError
from pressroom.extension import PluginOptions
from pressroom.sources import Source

if TYPE_CHECKING:
    from pressroom.host import Host

_ASK_SECONDS = 10.0
"""A source is given this long to say whether it has a dashboard."""


class Admitting(Protocol):
    """A source's or channel's settings."""

    def admits(self, project: str) -> bool:
        """Whether a project may use it."""
        ...


@dataclass(frozen=True)
class Inventory:
    """What a project has already.

    Attributes:
        dashboards: names of the variables by the dashboard's uid.
        charts: uid of the dashboard by the chart's uid.
        metrics: names of the metrics that a chart lists, by its uid; none where it shows all columns of its query.
        segments: uids.
    """

    dashboards: Mapping[str, Collection[str]] = field(default_factory=dict)
    charts: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Collection[str]] = field(default_factory=dict)
    segments: Collection[str] = ()


class Catalogue(Protocol):
    """What there is to refer to."""

    @property
    def charts(self) -> Mapping[str, type[PluginOptions]]:
        """The options of each chart type."""
        ...

    @property
    def renderers(self) -> Mapping[str, type[PluginOptions]]:
        """The options of each report format."""
        ...

    @property
    def sources(self) -> Mapping[str, Admitting]:
        """The configured sources by name."""
        ...

    @property
    def channels(self) -> Mapping[str, Admitting]:
        """The configured channels by name."""
        ...

    @property
    def calendars(self) -> Mapping[str, Admitting]:
        """The configured calendars by name."""
        ...

    def delivery_options(self, channel: str) -> type[PluginOptions]:
        """The options of deliveries through a configured channel."""
        ...

    def needs_recipients(self, channel: str) -> bool:
        """Whether a delivery through a configured channel names recipients."""
        ...

    def admit(self, channel: str, project: str, recipient: Recipient) -> str:
        """Why a recipient may not be used, empty where it may."""
        ...

    def stored(self, project: str) -> Inventory:
        """What the project has already; nothing for a project that is new."""
        ...

    def offers(self, project: str, dashboard: str) -> bool:
        """Whether a source that the project may use offers a dashboard of this uid, or cannot be asked."""
        ...


class HostCatalogue:
    """The catalogue of a workspace.

    Args:
        host: whose plugins, settings and store definitions are checked against.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    @cached_property
    def charts(self) -> Mapping[str, type[PluginOptions]]:
        """See `Catalogue.charts`."""
        return {name: chart.Options for name, chart in self._host.plugins.charts.items()}

    @cached_property
    def renderers(self) -> Mapping[str, type[PluginOptions]]:
        """See `Catalogue.renderers`."""
        return {name: renderer.Options for name, renderer in self._host.plugins.renderers.items()}

    @property
    def sources(self) -> Mapping[str, Admitting]:
        """See `Catalogue.sources`."""
        return self._host.settings.sources

    @property
    def channels(self) -> Mapping[str, Admitting]:
        """See `Catalogue.channels`."""
        return self._host.settings.channels

    @property
    def calendars(self) -> Mapping[str, Admitting]:
        """See `Catalogue.calendars`."""
        return self._host.settings.calendars

    def delivery_options(self, channel: str) -> type[PluginOptions]:
        """See `Catalogue.delivery_options`; anything goes where the plugin is missing, `doctor` tells of that."""
        plugin = self._host.plugins.channels.get(self._host.settings.channels[channel].type)
        return plugin.Options if plugin else _AnyOptions

    def needs_recipients(self, channel: str) -> bool:
        """See `Catalogue.needs_recipients`."""
        plugin = self._host.plugins.channels.get(self._host.settings.channels[channel].type)
        return plugin.addressed if plugin else False

    def admit(self, channel: str, project: str, recipient: Recipient) -> str:
        """See `Catalogue.admit`; a channel that cannot be made says why."""
        try:
            return self._host.channel(channel, project).admit(recipient)
        except PressroomError as error:
            return error.message

    def stored(self, project: str) -> Inventory:
        """See `Catalogue.stored`."""
        if self._host.store.projects.find(project) is None:
            return Inventory()
        bound = self._host.store.project(project)
        boards = [stored.value for stored in bound.dashboards.list()]
        return Inventory(
            dashboards={board.uid: [variable.name for variable in board.variables] for board in boards},
            charts={chart.uid: board.uid for board in boards for chart in board.charts},
            metrics={
                chart.uid: [metric.name for metric in chart.metrics] for board in boards for chart in board.charts
            },
            segments={stored.uid for stored in bound.segments.list()},
        )

    def offers(self, project: str, dashboard: str) -> bool:
        """See `Catalogue.offers`; only sources that have dashboards of their own are asked."""
        scratch = self._host.workspace.folder
        for name, settings in self._host.settings.sources.items():
            plugin = self._host.plugins.sources.get(settings.type)
            if plugin is None or not settings.admits(project):
                continue
            if plugin.dashboards is Source.dashboards and plugin.dashboard is Source.dashboard:
                continue
            try:
                context = Context(scratch, timeout=_ASK_SECONDS)
                if self._host.source(name, project).dashboard(dashboard, context) is not None:
                    return True
            except PressroomError:
                return True
        return False


class _AnyOptions(PluginOptions):
    model_config = pydantic.ConfigDict(extra="allow")
