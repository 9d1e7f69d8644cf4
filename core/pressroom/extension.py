"""What every plugin class of the five kinds has: a name, a typed Config, typed Options, a beginning and an end."""

from __future__ import annotations

import logging
from abc import ABC
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Generic

import pydantic
from typing_extensions import TypeVar

from pressroom.errors import MissingDependency


class PluginConfig(pydantic.BaseModel):
    """Base of a plugin's `Config`: what `pressroom.toml` says of one instance, such as `[channels.email]`.

    A field's description is its documentation (`pressroom plugins show NAME` and the configuration
    reference print it). Use `pydantic.SecretStr` for secrets: the file may then say `{env = "X"}` or
    `{file = "x"}`. Paths are resolved against the workspace with `Setup.path`.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PluginOptions(pydantic.BaseModel):
    """Base of a plugin's `Options`: what a definition says of one use, such as `{csv: {delimiter: ";"}}`."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


C = TypeVar("C", bound=PluginConfig, default=PluginConfig)
"""Config of a plugin."""
O = TypeVar("O", bound=PluginOptions, default=PluginOptions)  # noqa: E741 - pairs with C
"""Options of a plugin."""


@dataclass(frozen=True)
class Setup:
    """Where a plugin instance lives.

    Attributes:
        instance: its name in the workspace (`flights` of `[sources.flights]`; the plugin's own name for
            renderers and chart types).
        workspace: the folder of `pressroom.toml`.
        config: that file, for plugins that open the workspace in a process of their own.
        scratch: a folder that survives restarts and may be emptied at any time; made at first need.
        public_url: where people reach the server, without a slash at its end.
        log: the instance's logger.
    """

    instance: str
    workspace: Path
    scratch: Path
    public_url: str = ""
    config: Path | None = None
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("pressroom"))

    def path(self, path: str | Path) -> Path:
        """A path of the configuration, relative ones taken from the workspace."""
        return (self.workspace / path).resolve()


class Extension(ABC, Generic[C, O]):
    """Base of the five kinds; made once per configured instance and closed with the application.

    Args:
        config: the instance's part of `pressroom.toml`, checked.
        setup: where the instance lives.
    """

    name: ClassVar[str]
    """What configuration and definitions call it: lower case, digits and dashes."""
    summary: ClassVar[str] = ""
    """One line for `pressroom plugins list`."""
    Config: ClassVar[type[PluginConfig]] = PluginConfig
    Options: ClassVar[type[PluginOptions]] = PluginOptions
    requires: ClassVar[tuple[str, ...]] = ()
    """Modules that must be importable; checked before the class is used, without importing them."""
    install: ClassVar[str] = "pip install pressroom"
    """The command that installs `requires`."""

    def __init__(self, config: C, setup: Setup) -> None:
        self.config = config
        self.setup = setup

    def check(self) -> str:
        """Prove that the instance can work, for `pressroom doctor`; cheap, and without side effects.

        Returns:
            One line about what was found, such as a server's version.

        Raises:
            PressroomError: what is wrong and how to mend it.
        """
        return "ok"

    def close(self) -> None:
        """Give back what the instance holds; called once, after its last use."""

    @classmethod
    def missing(cls) -> MissingDependency | None:
        """The error to show where a required module is not installed; None where all are."""
        lacking = [module for module in cls.requires if not _installed(module)]
        if not lacking:
            return None
        return MissingDependency(f"{cls.name}: {', '.join(lacking)} is not installed; run: {cls.install}")


def _installed(module: str) -> bool:
    import importlib.util

    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        # the package around it is not there
        return False
