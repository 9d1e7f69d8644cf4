"""Every table of `pressroom.toml`, checked and typed."""

from __future__ import annotations

from typing import Annotated, Any

import pydantic

from pressroom.settings.base import Section
from pressroom.settings.running import (
    AlertsSettings,
    CacheSettings,
    FetchSettings,
    LedgerSettings,
    LogSettings,
    RetentionSettings,
    RetriesSettings,
)
from pressroom.settings.serving import GrafanaSettings, GrowingioSettings, ServerSettings


class StoreSettings(Section):
    """`[store]`: where definitions and the ledger live."""

    url: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr("sqlite:///pressroom.db"),
        description="SQLite file (relative to the workspace) or postgresql+psycopg://user:password@host/database.",
    )


class SecuritySettings(Section):
    """`[security]`: the key that secrets are sealed with, and how strict sign-in is."""

    key: pydantic.SecretStr | None = pydantic.Field(
        default=None,
        description="Any text of 16 characters or more; PRESSROOM_SECRET_KEY comes first, and where neither is set, "
        "a file secret.key is made beside the store.",
    )
    strict_sign_in: bool = pydantic.Field(
        default=False,
        description="Whether an API client's new token ends its earlier ones, and a signature is good once only.",
    )


class FilesSettings(Section):
    """`[files]`: where runs keep their data and documents."""

    path: str = pydantic.Field(default="files", description="Folder for the runs' data and documents.")


class LimitsSettings(Section):
    """`[limits]`: what one report may take."""

    rows: Annotated[
        int, pydantic.Field(ge=1, description="Rows of one query; more are cut, and the report says so.")
    ] = 1_000_000
    query_seconds: Annotated[float, pydantic.Field(gt=0, description="Seconds that one query may take.")] = 60.0
    run_seconds: Annotated[float, pydantic.Field(gt=0, description="Seconds that one run may take.")] = 1200.0
    queries: Annotated[
        int, pydantic.Field(ge=1, le=64, description="Queries of one report that run at the same time.")
    ] = 4
    recipients: Annotated[
        int, pydantic.Field(ge=1, description="Rows of a query for recipients; where it gives more, nobody gets mail.")
    ] = 10_000


class InstanceSettings(Section):
    """A `[sources.X]`, `[channels.X]` or `[calendars.X]` table: a plugin, who may use it, and the plugin's own keys."""

    model_config = pydantic.ConfigDict(extra="allow", frozen=True)

    type: str = pydantic.Field(description="Name of the plugin; `pressroom plugins list` shows them.")
    projects: list[str] = pydantic.Field(
        default=["default"], description='Uids of the projects that may use it; `["*"]` for all.'
    )

    @property
    def own(self) -> dict[str, Any]:
        """The plugin's own keys."""
        return dict(self.model_extra or {})

    def admits(self, project: str) -> bool:
        """Whether a project may use this instance."""
        return "*" in self.projects or project in self.projects


class SchedulerSettings(Section):
    """`[scheduler]`: where runs are worked on, with the scheduler plugin's own keys."""

    model_config = pydantic.ConfigDict(extra="allow", frozen=True)

    type: str = pydantic.Field(default="local", description="Name of the scheduler plugin.")


class Settings(Section):
    """All of `pressroom.toml`."""

    store: StoreSettings = StoreSettings()
    server: ServerSettings = ServerSettings()
    security: SecuritySettings = SecuritySettings()
    files: FilesSettings = FilesSettings()
    limits: LimitsSettings = LimitsSettings()
    scheduler: SchedulerSettings = SchedulerSettings()
    ledger: LedgerSettings = LedgerSettings()
    retries: RetriesSettings = RetriesSettings()
    alerts: AlertsSettings = AlertsSettings()
    fetch: FetchSettings = FetchSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    growingio: GrowingioSettings = GrowingioSettings()
    cache: CacheSettings = CacheSettings()
    log: LogSettings = LogSettings()
    retention: RetentionSettings = RetentionSettings()
    sources: dict[str, InstanceSettings] = pydantic.Field(
        default={}, description="Data sources by name: `[sources.NAME]`."
    )
    channels: dict[str, InstanceSettings] = pydantic.Field(
        default={}, description="Delivery channels by name: `[channels.NAME]`."
    )
    calendars: dict[str, InstanceSettings] = pydantic.Field(
        default={}, description="Calendars that schedules may name: `[calendars.NAME]`."
    )
    renderers: dict[str, dict[str, Any]] = pydantic.Field(
        default={}, description="Configuration of report formats: `[renderers.NAME]`."
    )
    charts: dict[str, dict[str, Any]] = pydantic.Field(
        default={}, description="Configuration of chart types: `[charts.NAME]`."
    )
