"""Finding, checking and isolating plugins; one typed function per hook.

Entry points of the group `pressroom` are loaded one by one. One that raises, implements a hook that nobody
calls, or needs a newer host is left out and kept with its error for `pressroom plugins list`; everything
else goes on. pluggy's own loader has no such isolation.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from pressroom import hookspecs
from pressroom.calendars import Calendar
from pressroom.channels import Channel
from pressroom.charts import ChartFormatter
from pressroom.compat import HOST, NEEDS, Distribution, by_distribution, misfit, too_old
from pressroom.errors import PressroomError
from pressroom.extension import Extension, PluginOptions
from pressroom.fetchers import Fetcher
from pressroom.hookcalls import Manager, call, said
from pressroom.registry import Origin, Registry
from pressroom.renderers import Renderer
from pressroom.schedulers import Scheduler
from pressroom.sources import Source

if TYPE_CHECKING:
    from pressroom.models.runs import Run
    from pressroom.renderers import Edition

__all__ = ["DISABLE_VARIABLE", "LAYER_HOOKS", "Listed", "Origin", "Plugins", "Registry", "read_options", "said"]
log = logging.getLogger("pressroom.plugins")
DISABLE_VARIABLE = "PRESSROOM_DISABLE_PLUGINS"
"""Names of entry points to leave out, separated by commas."""
LAYER_HOOKS = frozenset({"register_routes", "register_commands"})
"""Hooks that the server and the command line call: known everywhere, so that a plugin may have all of them."""
E = TypeVar("E", bound=Extension[Any, Any])


@dataclass(frozen=True)
class Listed:
    """One line of `pressroom plugins list`.

    Attributes:
        kind: source, chart, renderer, scheduler, channel, calendar, fetcher; `plugin` for an entry point that failed
            as a whole.
        name: the class's name, or the entry point's.
        version, origin: of the distribution that it comes from.
        error: why it cannot be used, with the fix; empty where it can.
    """

    kind: str
    name: str
    version: str
    origin: str
    summary: str = ""
    error: str = ""


class Plugins:
    """All plugins of a process.

    Args:
        layers: modules with the hook specs of the layers above the core (the server's, the command line's).
        entry_points: what to load; the installed ones of the group `pressroom` by default.
        disabled: names of entry points to leave out; those of PRESSROOM_DISABLE_PLUGINS by default.
    """

    def __init__(
        self,
        layers: Iterable[ModuleType] = (),
        *,
        entry_points: Iterable[importlib.metadata.EntryPoint] | None = None,
        disabled: Iterable[str] | None = None,
    ) -> None:
        self.manager = Manager(hookspecs.GROUP)
        for specs in (hookspecs, *layers):
            self.manager.add_hookspecs(specs)
        self.sources = Registry[Source[Any]]("source", Source)
        self.charts = Registry[ChartFormatter[Any, Any]]("chart type", ChartFormatter)
        self.renderers = Registry[Renderer[Any, Any]]("report format", Renderer)
        self.schedulers = Registry[Scheduler[Any]]("scheduler", Scheduler)
        self.channels = Registry[Channel[Any, Any]]("channel", Channel)
        self.calendars = Registry[Calendar[Any]]("calendar", Calendar)
        self.fetchers = Registry[Fetcher[Any]]("fetcher", Fetcher)
        self.broken: list[Listed] = []
        self._origins: dict[int, Origin] = {}
        if disabled is None:
            disabled = os.environ.get(DISABLE_VARIABLE, "").split(",")
        left_out = {name.strip() for name in disabled}
        if entry_points is None:
            entry_points = importlib.metadata.entry_points(group=hookspecs.GROUP)
        for entry, distribution in by_distribution(entry_points):
            if entry.name not in left_out:
                self._load(entry, distribution)
        self._register_all()

    def _load(self, entry: importlib.metadata.EntryPoint, distribution: Distribution) -> None:
        origin = Origin(entry.name, distribution.name, distribution.version)
        # before it is imported: what it imports of a host that does not fit may not be there
        if distribution.name != HOST and not self._fits(origin, distribution.needs):
            return
        try:
            plugin = entry.load()
        except (Exception, SystemExit) as error:
            reason = f"{entry.value} cannot be loaded: {said(error)}"
            self.leave_out(origin, reason, error)
            return
        self.add(plugin, origin)

    def add(self, plugin: object, origin: Origin) -> None:
        """Take one plugin object in; a broken one ends in `broken`."""
        needs = getattr(plugin, NEEDS, None)
        if isinstance(needs, str) and not self._fits(origin, needs):
            return
        try:
            self.manager.register(plugin, name=f"{origin.distribution}:{origin.entry}")
        except Exception as error:
            fix = f"make its arguments those of the documentation, or uninstall {origin.distribution}"
            self._reject(origin, said(error), fix, error)
            return
        self._origins[id(plugin)] = origin
        unknown = [
            caller.name
            for caller in self.manager.get_hookcallers(plugin) or ()
            if not caller.has_spec() and caller.name not in LAYER_HOOKS
        ]
        if unknown:
            self.manager.unregister(plugin)
            near = get_close_matches(unknown[0], [*vars(hookspecs), *LAYER_HOOKS], n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self._reject(origin, f"implements the unknown hook {unknown[0]}{hint}", "rename or remove it")

    def _fits(self, origin: Origin, needs: str) -> bool:
        reason = misfit(needs)
        if reason:
            outdated = HOST if too_old(needs) else origin.distribution
            self._reject(origin, reason, f"pip install --upgrade {outdated}")
        return not reason

    def leave_out(self, origin: Origin, reason: str, error: BaseException) -> None:
        """Keep that a plugin, or a part of it, cannot be used; `reason` names the hook."""
        self._reject(origin, reason, f"mend or uninstall {origin.distribution}", error)

    def _reject(
        self,
        origin: Origin,
        reason: str,
        fix: str,
        error: BaseException | None = None,
        *,
        kind: str = "plugin",
        name: str = "",
    ) -> None:
        """Keep what is broken, with everything that somebody needs to mend it; the log's debug level has the rest."""
        where = f"{origin.distribution} ({origin.entry})"
        text = f"{where}: {reason}; fix: {fix}, or set {DISABLE_VARIABLE}={origin.entry}"
        self.broken.append(Listed(kind, name or origin.entry, origin.version, origin.distribution, "", text))
        log.warning("left out: %s", text)
        if error is not None:
            log.debug("%s", where, exc_info=error)

    def _register_all(self) -> None:
        self._collect("register_sources", self.sources)
        self._collect("register_charts", self.charts)
        self._collect("register_renderers", self.renderers)
        self._collect("register_schedulers", self.schedulers)
        self._collect("register_channels", self.channels)
        self._collect("register_calendars", self.calendars)
        self._collect("register_fetchers", self.fetchers)

    def _collect(self, hook: str, registry: Registry[Any]) -> None:
        kind = next(word for word, each in self.registries.items() if each is registry)
        for origin, answer in self.call_each(hook):
            fix = f"mend {hook}, or uninstall {origin.distribution}"
            try:
                candidates = list(answer or ())
            except Exception as error:
                self._reject(origin, f"{hook} must give a list of classes: {said(error)}", fix, error)
                continue
            for candidate in candidates:
                try:
                    registry.add(candidate, origin)
                except Exception as error:
                    name = getattr(candidate, "name", candidate)
                    reason = f"{hook} gives what cannot be used: {said(error)}"
                    self._reject(origin, reason, fix, error, kind=kind, name=str(name))

    def call_each(self, hook: str, **arguments: Any) -> list[tuple[Origin, Any]]:
        """Call a hook's implementations one by one, so that one that raises does not stop the others.

        Returns:
            What each answered, in the order of registration; one that raised is in `broken` instead.
        """
        answers: list[tuple[Origin, Any]] = []
        caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
        for implementation in caller.get_hookimpls():
            origin = self._origins[id(implementation.plugin)]
            try:
                answers.append((origin, call(implementation, arguments)))
            except Exception as error:
                self.leave_out(origin, f"{hook} raised {said(error)}", error)
        return answers

    def run_started(self, run: Run) -> None:
        """Tell the observers; an error in one is logged."""
        self._observe("run_started", run=run)

    def edition_composed(self, run: Run, edition: Edition) -> None:
        """Tell the observers; an error in one is logged."""
        self._observe("edition_composed", run=run, edition=edition)

    def run_finished(self, run: Run) -> None:
        """Tell the observers; an error in one is logged."""
        self._observe("run_finished", run=run)

    def _observe(self, hook: str, **arguments: Any) -> None:
        caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
        for implementation in caller.get_hookimpls():
            try:
                call(implementation, arguments)
            except Exception:
                log.exception("the observer %s of %s failed", hook, implementation.plugin_name)

    @property
    def registries(self) -> dict[str, Registry[Any]]:
        """The kinds by the word that `plugins list` prints."""
        return {
            "source": self.sources,
            "chart": self.charts,
            "renderer": self.renderers,
            "scheduler": self.schedulers,
            "channel": self.channels,
            "calendar": self.calendars,
            "fetcher": self.fetchers,
        }

    def listed(self) -> list[Listed]:
        """Every plugin, usable ones first, each with its error where it has one."""
        rows: list[Listed] = []
        for kind, registry in self.registries.items():
            for name in registry:
                found, origin = registry[name], registry.origin(name)
                missing = found.missing()
                error = missing.message if missing else ""
                rows.append(Listed(kind, name, origin.version, origin.distribution, found.summary, error))
        return rows + self.broken


def read_options(cls: type[Extension[Any, Any]], raw: Mapping[str, Any], where: str) -> PluginOptions:
    """A plugin's options from a definition.

    Args:
        cls: the plugin class.
        raw: as written.
        where: for the message, such as `report weekly: formats: csv`.

    Raises:
        PressroomError: names every wrong key.
    """
    import pydantic

    try:
        return cls.Options.model_validate(dict(raw))
    except pydantic.ValidationError as error:
        lines = []
        for problem in error.errors(include_url=False, include_input=False):
            key = ".".join(str(part) for part in problem["loc"])
            known = ", ".join(cls.Options.model_fields) or "none"
            message = f"unknown option; known: {known}" if problem["type"] == "extra_forbidden" else problem["msg"]
            lines.append(f"{where}: {key}: {message}")
        raise PressroomError("\n".join(lines)) from None
