"""Tables as pydantic models: secrets from elsewhere, and errors that name the file and every wrong key."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import pydantic

from pressroom.errors import SettingsError
from pressroom.settings.tables import Settings

M = TypeVar("M", bound=pydantic.BaseModel)


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
