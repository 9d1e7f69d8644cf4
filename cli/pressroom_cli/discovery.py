"""Commands of plugins, found without loading plugins that have none.

Loading every plugin takes pydantic and more, which `pressroom --help` should not pay for. A plugin can only
have commands where its module says `register_commands`, so only those modules are imported here.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pluggy

from pressroom_cli import hookspecs

if TYPE_CHECKING:
    import typer

    from pressroom_cli.hookspecs import HostFactory

GROUP = "pressroom"
DISABLE_VARIABLE = "PRESSROOM_DISABLE_PLUGINS"
log = logging.getLogger("pressroom.plugins")


def plugin_commands(host_factory: HostFactory) -> list[tuple[str, typer.Typer]]:
    """The commands of every plugin that has some, with the plugin's name; a broken one is left out and logged."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    found: list[tuple[str, typer.Typer]] = []
    for entry in _candidates():
        try:
            manager.register(entry.load(), name=entry.name)
        except (Exception, SystemExit) as error:
            _leave_out(entry.name, f"{entry.value} cannot be loaded", error)
    for implementation in manager.hook.register_commands.get_hookimpls():
        arguments = {"host_factory": host_factory}
        try:
            app = cast("Callable[..., typer.Typer]", implementation.function)(
                *(arguments[name] for name in implementation.argnames)
            )
        except Exception as error:
            _leave_out(implementation.plugin_name, "register_commands raised", error)
        else:
            found.append((implementation.plugin_name, app))
    return found


def _leave_out(name: str, what: str, error: BaseException) -> None:
    found = next((entry for entry in importlib.metadata.entry_points(group=GROUP) if entry.name == name), None)
    origin = _distribution(found) if found else ""
    log.warning(
        "the commands of %s (%s) are left out: %s: %s: %s; fix: mend or uninstall %s, or set %s=%s",
        *(origin, name, what, type(error).__name__, error, origin, DISABLE_VARIABLE, name),
    )


def _candidates() -> Iterator[importlib.metadata.EntryPoint]:
    left_out = {name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")}
    entries = importlib.metadata.entry_points(group=GROUP)
    # a distribution's name is parsed anew each time that it is asked for
    names = {id(entry.dist): _distribution(entry) for entry in {id(entry.dist): entry for entry in entries}.values()}
    order = sorted(entries, key=lambda entry: (names[id(entry.dist)] != GROUP, names[id(entry.dist)], entry.name))
    for entry in order:
        if entry.name not in left_out and _may_have_commands(entry):
            yield entry


def _distribution(entry: importlib.metadata.EntryPoint) -> str:
    return entry.dist.name if entry.dist else ""


def _may_have_commands(entry: importlib.metadata.EntryPoint) -> bool:
    try:
        spec = importlib.util.find_spec(entry.module)
        if spec is None or spec.origin is None:
            return False
        # an object of a module may have the hook from anywhere; a module must name it
        return bool(entry.attr) or b"register_commands" in Path(spec.origin).read_bytes()
    except Exception:
        # told by `pressroom plugins list`, which loads everything
        return False
