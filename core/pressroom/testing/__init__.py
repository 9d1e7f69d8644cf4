"""Fixtures and contract suites for the authors of plugins.

A plugin's tests subclass the suite of its kind, and pytest then proves what Pressroom relies on:

    from pressroom.testing import ChannelContract

    class TestPostcard(ChannelContract):
        plugin = PostcardChannel

The fixtures come by themselves with Pressroom, see `pressroom.testing.plugin`. Names are loaded at first use,
so that tests which need none of it pay nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pressroom.testing.clock import FrozenClock as FrozenClock
    from pressroom.testing.contracts.calendar import CalendarContract as CalendarContract
    from pressroom.testing.contracts.channel import ChannelContract as ChannelContract
    from pressroom.testing.contracts.chart import ChartContract as ChartContract
    from pressroom.testing.contracts.extension import ExtensionContract as ExtensionContract
    from pressroom.testing.contracts.fetcher import FetcherContract as FetcherContract
    from pressroom.testing.contracts.renderer import RendererContract as RendererContract
    from pressroom.testing.contracts.scheduler import SchedulerContract as SchedulerContract
    from pressroom.testing.contracts.source import SourceContract as SourceContract
    from pressroom.testing.desk import Desk as Desk
    from pressroom.testing.installed import with_plugins as with_plugins
    from pressroom.testing.sink import Sink as Sink
    from pressroom.testing.workspace import Workspace as Workspace

_HOME = {
    "CalendarContract": "contracts.calendar",
    "ChannelContract": "contracts.channel",
    "ChartContract": "contracts.chart",
    "Desk": "desk",
    "ExtensionContract": "contracts.extension",
    "FetcherContract": "contracts.fetcher",
    "FrozenClock": "clock",
    "RendererContract": "contracts.renderer",
    "SchedulerContract": "contracts.scheduler",
    "Sink": "sink",
    "SourceContract": "contracts.source",
    "Workspace": "workspace",
    "with_plugins": "installed",
}

__all__ = tuple(sorted(_HOME))


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'pressroom.testing' has no attribute {name!r}")
    value = getattr(import_module(f"pressroom.testing.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
