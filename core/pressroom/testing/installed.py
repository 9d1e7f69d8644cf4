"""Plugins that are not installed, beside those that are."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import cast

from pressroom.errors import PluginError
from pressroom.hookspecs import GROUP
from pressroom.plugins import Plugins


class _Here:
    """An entry point to an object of this process."""

    dist = None

    def __init__(self, name: str, plugin: object) -> None:
        self.name = self.value = name
        self._plugin = plugin

    def load(self) -> object:
        return self._plugin


def with_plugins(*plugins: object) -> Plugins:
    """The installed plugins and these modules or objects with hooks, for a `Workspace` or a `Host` of a test.

    Raises:
        PluginError: one of these cannot be used; says why.
    """
    here = [cast(EntryPoint, _Here(f"test-{number}", plugin)) for number, plugin in enumerate(plugins)]
    found = Plugins(entry_points=[*entry_points(group=GROUP), *here])
    errors = [row.error for row in found.broken if row.origin in {entry.name for entry in here}]
    if errors:
        raise PluginError("\n".join(errors))
    return found
