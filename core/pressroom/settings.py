"""`pressroom.toml`: finding it, reading it, and typed settings with the file and key in every error."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pydantic

from pressroom.errors import SettingsError

FILE_NAME = "pressroom.toml"
CONFIG_VARIABLE = "PRESSROOM_CONFIG"
M = TypeVar("M", bound=pydantic.BaseModel)


def age(text: str) -> timedelta | None:
    """How long something is kept: `30d`, `12h`, `2w`; None for `forever`.

    Raises:
        ValueError: the text is none of these.
    """
    if text == "forever":
        return None
    matched = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", text)
    if matched is None:
        raise ValueError(f"{text!r} is no duration; write hours, days or weeks such as 12h, 30d, 8w, or forever")
    return int(matched.group(1)) * timedelta(hours={"h": 1, "d": 24, "w": 168}[matched.group(2)])


def _check_age(text: str) -> str:
    age(text)
    return text


Age = Annotated[str, pydantic.AfterValidator(_check_age)]
"""Text that `age` reads."""


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
    public_links: bool = pydantic.Field(
        default=False,
        description="Whether links to dashboards in mails show that dashboard, range and choice of values to whoever "
        "has the link, without signing in.",
    )
    link_age: Age = pydantic.Field(
        default="30d",
        description="How long links in mails that need no signing in are good, such as 12h, 30d, 8w; those to "
        "documents never for longer than [retention] keeps files.",
    )
    workers: Annotated[int, pydantic.Field(ge=1, le=64, description="Processes that answer requests.")] = 1
    trusted_proxies: list[str] = pydantic.Field(
        default=[],
        description="Addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    max_body_bytes: Annotated[int, pydantic.Field(ge=1024, description="Largest body of a request.")] = 10_000_000
    max_header_bytes: Annotated[int, pydantic.Field(ge=1024, description="Largest head of a request.")] = 32_768
    read_seconds: Annotated[
        float, pydantic.Field(gt=0, description="Seconds that a client may take for its head, and between two parts.")
    ] = 30.0
    write_seconds: Annotated[
        float, pydantic.Field(gt=0, description="Seconds that a client may let an answer wait before it is dropped.")
    ] = 60.0

    @pydantic.field_validator("public_url")
    @classmethod
    def _url(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url.rstrip("/")

    @pydantic.field_validator("link_age")
    @classmethod
    def _ends(cls, text: str) -> str:
        if text == "forever":
            raise ValueError("links in mails must end; write such as 30d or 8w")
        return text

    @property
    def link_url(self) -> str:
        """What links in mails begin with; empty where nobody said where people reach the server."""
        return self.public_url if "public_url" in self.model_fields_set else ""


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


class LedgerSettings(Section):
    """`[ledger]`: how the processes that work on runs share them."""

    lease_seconds: Annotated[
        float, pydantic.Field(ge=0.5, description="A run whose process is not heard of for so long is taken over.")
    ] = 30.0
    tick_seconds: Annotated[
        float, pydantic.Field(gt=0, le=60, description="Seconds between two looks at what is due.")
    ] = 1.0


class RetriesSettings(Section):
    """`[retries]`: what is tried again where it may pass: a mail server that says later, a report that failed."""

    waits: Annotated[
        list[Annotated[float, pydantic.Field(ge=0)]],
        pydantic.Field(
            description="Seconds before each further try; by default some 20 hours in all, about as long as mail "
            "servers themselves keep trying."
        ),
    ] = [60, 300, 900, 1800, 3600, 7200, 14400, 14400, 28800]
    tries: Annotated[
        int, pydantic.Field(ge=1, description="How often a report is made where that fails, or kills its process.")
    ] = 4
    channel_failures: Annotated[
        int,
        pydantic.Field(ge=1, description="Times in a row that a channel's other side fails before the channel rests."),
    ] = 5
    channel_rest_seconds: Annotated[
        float, pydantic.Field(gt=0, description="Seconds that such a channel rests before it is tried once again.")
    ] = 60.0


class AlertsSettings(Section):
    """`[alerts]`: who is told of final failures where neither report nor project says."""

    to: list[str] = pydantic.Field(default=[], description="Mail addresses.")
    channel: str = pydantic.Field(
        default="",
        description="Channel that they go out by where the report has no mail channel of its own; else the only one "
        "of type email.",
    )


class FetchSettings(Section):
    """`[fetch]`: how logos are had that are named by address, with the fetcher plugin's own keys."""

    model_config = pydantic.ConfigDict(extra="allow", frozen=True)

    type: str = pydantic.Field(default="http", description="Name of the fetcher plugin.")
    fresh_seconds: Annotated[
        float,
        pydantic.Field(
            ge=0,
            description="How long a picture counts before its address is asked again; one that is "
            "older is still used where the address cannot be asked.",
        ),
    ] = 3600.0

    @property
    def own(self) -> dict[str, Any]:
        """The plugin's own keys."""
        return dict(self.model_extra or {})


class GrafanaSettings(Section):
    """`[grafana]`: the reporting API."""

    channel: str = pydantic.Field(
        default="", description="Channel that its reports are mailed through; else the only one of type email."
    )
    templates: bool = pydantic.Field(default=False, description="Whether subjects given over the API are templates.")


class GrowingioSettings(Section):
    """`[growingio]`: the computed-results API."""

    downloads_per_second: Annotated[
        int,
        pydantic.Field(ge=0, le=1000, description="Downloads of charts and users a second and client; 0 for no limit."),
    ] = 2
    budget_seconds: Annotated[
        float, pydantic.Field(gt=0, description="A query that takes longer is answered with an error, and goes on.")
    ] = 5.0


class CacheSettings(Section):
    """`[cache]`: answers of queries that are kept for the next one who asks; all processes share them."""

    path: str = pydantic.Field(default="cache", description="Folder; it may be emptied at any time.")
    megabytes: Annotated[
        int, pydantic.Field(ge=1, description="Size of the folder; what was not asked for longest goes first.")
    ] = 1024
    open_seconds: Annotated[
        float, pydantic.Field(ge=0, description="How long an answer counts whose range is not over, or has none.")
    ] = 30.0
    closed_seconds: Annotated[
        float, pydantic.Field(ge=0, description="How long an answer counts whose range is over.")
    ] = 3600.0


class LogSettings(Section):
    """`[log]`: what is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = pydantic.Field(
        default="info", description="Least severity that is written."
    )
    format: Literal["text", "json"] = pydantic.Field(
        default="text", description="One line a record for people, or one JSON object a line for machines."
    )


class RetentionSettings(Section):
    """`[retention]`: how long what is over is kept; written as `12h`, `30d`, `8w` or `forever`."""

    files: Age = pydantic.Field(default="30d", description="Data and documents of runs, after they ended.")
    runs: Age = pydantic.Field(default="365d", description="Runs with their deliveries, after they ended.")
    audit: Age = pydantic.Field(default="365d", description="Who did what.")
    cache: Age = pydantic.Field(default="7d", description="What plugins keep in `.pressroom` and can make again.")


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

    @property
    def cache(self) -> Path:
        """Where answers of queries are kept."""
        return (self.folder / self.settings.cache.path).resolve()


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
