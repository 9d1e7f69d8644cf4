"""Host: one per workspace; the public face that the HTTP APIs, the commands and plugins use."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pressroom.context import Cancellation
from pressroom.errors import NotFound, PluginError, PressroomError
from pressroom.extension import Extension, PluginConfig, Setup
from pressroom.plugins import Plugins, Registry
from pressroom.settings import InstanceSettings, Settings, Workspace, check_table, load_workspace

if TYPE_CHECKING:
    from datetime import datetime

    from pressroom.access.service import Access
    from pressroom.calendars import Calendar
    from pressroom.channels import Channel
    from pressroom.charts import ChartFormatter
    from pressroom.context import Context
    from pressroom.definitions.single import CheckedReport
    from pressroom.fetchers import Fetcher, Picture
    from pressroom.links import Links
    from pressroom.models.dashboards import Dashboard
    from pressroom.models.reports import Report
    from pressroom.press.cache import ResultCache
    from pressroom.press.ledger import Ledger
    from pressroom.press.logos import Logos
    from pressroom.press.press import Press
    from pressroom.recurrence import Recurrence
    from pressroom.renderers import Renderer
    from pressroom.schedulers import Scheduler
    from pressroom.sources import Source
    from pressroom.store import Store
    from pressroom.store.audit import AuditLog

log = logging.getLogger("pressroom")
E = TypeVar("E", bound=Extension[Any, Any])
SCRATCH = ".pressroom"
"""Folder of the workspace for what plugins may lose at any time."""


class Host:
    """Everything of one workspace: settings, plugins and their instances, the store, the ledger, the press.

    Instances are made at first use and closed with the host. Use it as a context manager.

    Args:
        workspace: the folder and its settings.
        plugins: the process's plugins; loaded where None.
    """

    def __init__(self, workspace: Workspace, plugins: Plugins | None = None) -> None:
        self.workspace = workspace
        self.plugins = plugins or Plugins()
        self.closing = Cancellation()
        """Set when the host closes; stops what goes on in the background."""
        self._lock = threading.RLock()
        self._instances: dict[tuple[str, str], Extension[Any, Any]] = {}

    @classmethod
    def open(cls, config: Path | None = None, plugins: Plugins | None = None) -> Host:
        """The host of the workspace around the current folder, or of a named toml file.

        Raises:
            SettingsError: there is none, or it is wrong.
        """
        return cls(load_workspace(config), plugins)

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every instance and the store; an error in one is logged and stops nothing."""
        self.closing.set()
        with self._lock:
            instances, self._instances = self._instances, {}
        for (kind, name), instance in instances.items():
            try:
                instance.close()
            except Exception:
                log.exception("closing the %s %s failed", kind, name)
        if "store" in self.__dict__:
            self.store.close()

    def start_log(self, debug: bool = False) -> None:
        """Write this process's log as `[log]` says, for processes that run by themselves; see `pressroom.logs`."""
        from pressroom.logs import start_logging

        start_logging(self.settings.log.model_copy(update={"level": "debug"}) if debug else self.settings.log)

    @property
    def settings(self) -> Settings:
        """What `pressroom.toml` says."""
        return self.workspace.settings

    @cached_property
    def store(self) -> Store:
        """The database; opened at first use.

        Raises:
            StoreError: it cannot be reached.
        """
        from pressroom.store import Store

        return Store(self.settings.store.url.get_secret_value(), self.workspace.folder)

    @property
    def repositories(self) -> Store:
        """Projects and, bound to one of them, everything else: `host.repositories.project("default").reports`."""
        return self.store

    @cached_property
    def access(self) -> Access:
        """Tokens, API clients, users: who may come in."""
        from pressroom.access.service import Access

        return Access(self.workspace, self.store)

    @property
    def audit(self) -> AuditLog:
        """Who did what, when."""
        return self.store.audit

    @cached_property
    def ledger(self) -> Ledger:
        """Runs and deliveries."""
        from pressroom.press.ledger import Ledger

        return Ledger(self.store)

    @cached_property
    def links(self) -> Links:
        """Addresses in messages that lead back to the server, and what they open."""
        from pressroom.links import Links

        return Links(self)

    @cached_property
    def press(self) -> Press:
        """Composes, renders, delivers."""
        from pressroom.press.press import Press

        return Press(self)

    @cached_property
    def results(self) -> ResultCache:
        """Answers of queries, kept for all processes of the workspace."""
        from pressroom.press.cache import ResultCache

        return ResultCache(self.workspace.cache, self.settings.cache.megabytes * 1_000_000)

    @cached_property
    def logos(self) -> Logos:
        """Pictures by address, kept for all processes of the workspace."""
        from pressroom.press.logos import Logos

        def fetch(url: str, context: Context) -> Picture:
            # the fetcher is made when an address is asked, not when one is looked up
            return self.fetcher.picture(url, context)

        return Logos(self.workspace.cache / "logos", fetch, self.settings.fetch.fresh_seconds)

    def source(self, name: str, project: str) -> Source[Any]:
        """A data source of the workspace that the project may use.

        Raises:
            NotFound: there is none of that name, or it does not admit the project.
            PluginError: its plugin is missing or broken.
            SettingsError: its keys are wrong.
        """
        settings = admitted("source", self.settings.sources, name, project)
        return self._configured("sources", self.plugins.sources, name, settings)

    def channel(self, name: str, project: str) -> Channel[Any, Any]:
        """A delivery channel of the workspace that the project may use; raises as `source` does."""
        settings = admitted("channel", self.settings.channels, name, project)
        return self._configured("channels", self.plugins.channels, name, settings)

    def calendar(self, name: str, project: str) -> Calendar[Any]:
        """A calendar of the workspace that the project may use; raises as `source` does."""
        settings = admitted("calendar", self.settings.calendars, name, project)
        return self._configured("calendars", self.plugins.calendars, name, settings)

    def recurrence(self, report: Report, project: str, start: datetime | None = None) -> Recurrence:
        """The moments of a report's schedule, with its calendar.

        Args:
            start: where the schedule names none.

        Raises:
            NotFound: its calendar is not configured.
        """
        from pressroom.recurrence import Recurrence

        name = report.schedule.calendar
        return Recurrence(report.schedule, self.calendar(name, project) if name else None, start)

    def renderer(self, name: str) -> Renderer[Any, Any]:
        """The report format of that name.

        Raises:
            PluginError: there is none.
        """
        return self._common("renderers", self.plugins.renderers, name, self.settings.renderers)

    def chart(self, name: str) -> ChartFormatter[Any, Any]:
        """The chart type of that name.

        Raises:
            PluginError: there is none.
        """
        return self._common("charts", self.plugins.charts, name, self.settings.charts)

    @cached_property
    def scheduler(self) -> Scheduler[Any]:
        """The scheduler that `[scheduler]` names; raises as `source` does."""
        settings = self.settings.scheduler
        own = dict(settings.model_extra or {})
        registry = self.plugins.schedulers
        return self._made("scheduler", settings.type, lambda: self._make("scheduler", registry, "", settings.type, own))

    @property
    def fetcher(self) -> Fetcher[Any]:
        """What gets pictures by address, as `[fetch]` says; raises as `source` does."""
        said, registry = self.settings.fetch, self.plugins.fetchers
        return self._made("fetch", said.type, lambda: self._make("fetch", registry, "", said.type, said.own))

    def check_dashboard(self, project: str, definition: dict[str, Any]) -> Dashboard:
        """A dashboard from plain data, checked against the workspace; see `pressroom.definitions.single`.

        Raises:
            DefinitionError: every mistake, with its field.
        """
        from pressroom.definitions.single import check_dashboard

        return check_dashboard(self, project, definition)

    def check_report(self, project: str, definition: dict[str, Any]) -> CheckedReport:
        """A report from plain data, checked against the workspace; raises as `check_dashboard` does."""
        from pressroom.definitions.single import check_report

        return check_report(self, project, definition)

    def read_definition(self, data: bytes) -> dict[str, Any]:
        """One definition as plain data, from YAML or JSON.

        Raises:
            DefinitionError: it cannot be read.
        """
        from pressroom.definitions.single import read_definition

        return read_definition(data)

    def check_settings(self) -> list[str]:
        """Every mistake in the plugins' parts of `pressroom.toml`; nothing is opened or made."""
        plugins, settings = self.plugins, self.settings
        instances: list[tuple[str, Registry[Any], Mapping[str, InstanceSettings]]] = [
            ("sources", plugins.sources, settings.sources),
            ("channels", plugins.channels, settings.channels),
            ("calendars", plugins.calendars, settings.calendars),
        ]
        tables: list[tuple[str, Registry[Any], str, str, Mapping[str, Any]]] = [
            *(
                (table, kind, name, said.type, said.own)
                for table, kind, found in instances
                for name, said in found.items()
            ),
            *(("renderers", plugins.renderers, name, name, raw) for name, raw in settings.renderers.items()),
            *(("charts", plugins.charts, name, name, raw) for name, raw in settings.charts.items()),
        ]
        if settings.fetch.model_fields_set:
            tables.append(("fetch", plugins.fetchers, "", settings.fetch.type, settings.fetch.own))
        problems: list[str] = []
        for table, registry, name, type_, raw in tables:
            try:
                self._config(table, registry, name, type_, raw)
            except PressroomError as error:
                problems += error.message.splitlines()
        return problems

    def _configured(self, table: str, registry: Registry[E], name: str, settings: InstanceSettings) -> E:
        return self._made(table, name, lambda: self._make(table, registry, name, settings.type, settings.own))

    def _common(self, table: str, registry: Registry[E], name: str, tables: Mapping[str, dict[str, Any]]) -> E:
        return self._made(table, name, lambda: self._make(table, registry, name, name, tables.get(name, {})))

    def _made(self, table: str, name: str, make: Callable[[], E]) -> E:
        with self._lock:
            instance = self._instances.get((table, name))
            if instance is None:
                instance = self._instances[(table, name)] = make()
        return instance  # type: ignore[return-value]  # the key names the kind

    def _make(self, table: str, registry: Registry[E], name: str, type_: str, raw: Mapping[str, Any]) -> E:
        cls, config = self._config(table, registry, name, type_, raw)
        setup = Setup(
            instance=name or type_,
            workspace=self.workspace.folder,
            scratch=self.workspace.folder / SCRATCH / table / (name or type_),
            public_url=self.settings.server.public_url,
            config=self.workspace.file,
            log=logging.getLogger(f"pressroom.{table}.{name or type_}"),
        )
        try:
            return cls(config, setup)
        except PressroomError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise PluginError(f"{self.workspace.file}: {table}.{setup.instance} cannot be made: {reason}") from error

    def _config(
        self, table: str, registry: Registry[E], name: str, type_: str, raw: Mapping[str, Any]
    ) -> tuple[type[E], PluginConfig]:
        key = f"{table}.{name}" if name else table
        try:
            cls = registry.need(type_)
        except PluginError as error:
            raise type(error)(f"{self.workspace.file}: {key}: {error.message}") from error
        return cls, check_table(cls.Config, raw, self.workspace.file, key)


def admitted(kind: str, instances: Mapping[str, InstanceSettings], name: str, project: str) -> InstanceSettings:
    """The settings of an instance that the project may use.

    Raises:
        NotFound: there is none, or it does not admit the project; names those that do.
    """
    settings = instances.get(name)
    if settings is not None and settings.admits(project):
        return settings
    known = ", ".join(sorted(key for key, item in instances.items() if item.admits(project))) or "none"
    if settings is not None:
        raise NotFound(
            f"the {kind} {name!r} does not admit the project {project!r}; "
            f"add it to `projects` of [{kind}s.{name}] in pressroom.toml"
        )
    raise NotFound(f"no {kind} {name!r} for the project {project!r}; there are: {known} (see pressroom.toml)")
