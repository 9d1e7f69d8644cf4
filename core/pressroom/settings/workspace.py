"""The folder with a `pressroom.toml`: finding it, and what it says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pressroom.errors import SettingsError
from pressroom.settings.reading import parse_settings
from pressroom.settings.tables import Settings

FILE_NAME = "pressroom.toml"
CONFIG_VARIABLE = "PRESSROOM_CONFIG"


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
