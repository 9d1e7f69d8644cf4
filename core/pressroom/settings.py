"""`pressroom.toml`: finding it, reading it, and typed settings with the file and key in every error."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pydantic

from pressroom.errors import SettingsError

FILE_NAME = "pressroom.toml"
CONFIG_VARIABLE = "PRESSROOM_CONFIG"
M = TypeVar("M", bound=pydantic.BaseModel)


class Section(pydantic.BaseModel):
    """Base of every table; unknown keys are errors."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class StoreSettings(Section):
    """`[store]`: where definitions and the ledger live."""

    url: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr("sqlite:///pressroom.db"),
        description="SQLite file (relative to the workspace) or postgresql+psycopg://user:password@host/database.",
    )


class ServerSettings(Section):
    """`[server]`: the HTTP server."""

    host: str = pydantic.Field(default="127.0.0.1", description="Address to listen on.")
    port: Annotated[int, pydantic.Field(ge=0, le=65535, description="Port to listen on.")] = 8000
    public_url: str = pydantic.Field(
        default="http://127.0.0.1:8000", description="Where people reach the server; links in mails begin with it."
    )

    @pydantic.field_validator("public_url")
    @classmethod
    def _url(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url.rstrip("/")


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


class AlertsSettings(Section):
    """`[alerts]`: who is told of final failures where neither report nor project says."""

    to: list[str] = pydantic.Field(default=[], description="Mail addresses.")


class GrafanaSettings(Section):
    """`[grafana]`: the reporting API."""

    channel: str = pydantic.Field(
        default="", description="Channel that its reports are mailed through; else the only one of type email."
    )
    templates: bool = pydantic.Field(default=False, description="Whether subjects given over the API are templates.")


class LogSettings(Section):
    """`[log]`: what is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = pydantic.Field(
        default="info", description="Least severity that is written."
    )


class Settings(Section):
    """All of `pressroom.toml`."""

    store: StoreSettings = StoreSettings()
    server: ServerSettings = ServerSettings()
    files: FilesSettings = FilesSettings()
    limits: LimitsSettings = LimitsSettings()
    scheduler: SchedulerSettings = SchedulerSettings()
    alerts: AlertsSettings = AlertsSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    log: LogSettings = LogSettings()
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


@dataclass(frozen=True)
class Workspace:
    """A folder with a `pressroom.toml`, and what that file says.

    Attributes:
        file: the toml file.
        folder: its folder, which every path in it is relative to.
        settings: checked.
    """

    file: Path
    settings: Settings

    @property
    def folder(self) -> Path:
        """The workspace."""
        return self.file.parent

    @property
    def files(self) -> Path:
        """Where the runs' folders lie."""
        return (self.folder / self.settings.files.path).resolve()


def find_config(config: Path | None = None, start: Path | None = None) -> Path:
    """The toml file to use: `config`, else `PRESSROOM_CONFIG`, else one in the current folder or above it.

    Raises:
        SettingsError: there is none.
    """
    named = config or (Path(value) if (value := os.environ.get(CONFIG_VARIABLE)) else None)
    if named is not None:
        path = named / FILE_NAME if named.is_dir() else named
        if not path.is_file():
            raise SettingsError(f"{path}: no such file; make a workspace with: pressroom init")
        return path.resolve()
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise SettingsError(
        f"no {FILE_NAME} in {here} or above it; make a workspace with: pressroom init (or name one with --config)"
    )


def load_workspace(config: Path | None = None, start: Path | None = None) -> Workspace:
    """Find and read the settings.

    Raises:
        SettingsError: no file, broken TOML, or wrong keys; names the file and every wrong key.
    """
    file = find_config(config, start)
    return Workspace(file, parse_settings(file.read_bytes(), file))


def parse_settings(data: bytes, file: Path) -> Settings:
    """Settings of a toml file's bytes; `file` is for messages and relative secrets."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not valid TOML: {error}") from error
    return check_table(Settings, raw, file, "")


def check_table(model: type[M], raw: Mapping[str, Any], file: Path, prefix: str) -> M:
    """A table as its model, secrets resolved.

    Args:
        model: what the table must be.
        raw: the table as read.
        file: for messages; files of secrets are relative to its folder.
        prefix: dotted key of the table, empty for the whole file.

    Raises:
        SettingsError: names the file and every wrong key.
    """
    resolved = _resolve_secrets(raw, file, prefix)
    try:
        return model.model_validate(resolved)
    except pydantic.ValidationError as error:
        lines = [_explain(model, problem, prefix) for problem in error.errors(include_url=False, include_input=False)]
        raise SettingsError("\n".join(f"{file}: {line}" for line in lines)) from None


def _resolve_secrets(value: Any, file: Path, key: str) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"env"} and isinstance(value["env"], str):
            return _from_environment(value["env"], file, key)
        if set(value) == {"file"} and isinstance(value["file"], str):
            return _from_file(value["file"], file, key)
        return {name: _resolve_secrets(item, file, f"{key}.{name}".lstrip(".")) for name, item in value.items()}
    if isinstance(value, list):
        return [_resolve_secrets(item, file, f"{key}[{index}]") for index, item in enumerate(value)]
    return value


def _from_environment(name: str, file: Path, key: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise SettingsError(f"{file}: {key}: the environment variable {name} is not set")
    return value


def _from_file(name: str, file: Path, key: str) -> str:
    try:
        return (file.parent / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {key}: cannot read {name}: {error}") from error


def _explain(model: type[pydantic.BaseModel], problem: Any, prefix: str) -> str:
    path = [str(part) for part in problem["loc"]]
    key = ".".join([prefix, *path] if prefix else path)
    if problem["type"] == "extra_forbidden":
        known = _fields_at(model, path[:-1])
        near = get_close_matches(path[-1], known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(sorted(known)) or 'none'}"
        return f"{key}: unknown key; {hint}"
    if problem["type"] == "missing":
        return f"{key}: is missing"
    message = str(problem["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{key}: {message}"


def _fields_at(model: type[pydantic.BaseModel], path: list[str]) -> list[str]:
    current: Any = model
    for part in path:
        field = getattr(current, "model_fields", {}).get(part)
        annotation = getattr(field, "annotation", None)
        if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
            current = annotation
    return list(getattr(current, "model_fields", {}))
