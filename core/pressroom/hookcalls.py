"""How hooks are found and called: what of pluggy is done otherwise, and why."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, cast

import pluggy

from pressroom.errors import PressroomError


class Manager(pluggy.PluginManager):
    """Looks at the names of a module as they are: pluggy's way is half of what an installed plugin costs at a start."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """The marks of a function; None for everything else."""
        if isinstance(plugin, ModuleType) and not inspect.isfunction(vars(plugin).get(name)):
            return None
        return super().parse_hookimpl_opts(plugin, name)


def call(implementation: pluggy.HookImpl, arguments: Mapping[str, Any]) -> Any:
    """One implementation of a hook, with those of the arguments that it names."""
    function = cast("Callable[..., Any]", implementation.function)
    return function(*(arguments[name] for name in implementation.argnames))


def said(error: BaseException) -> str:
    """An error in one line, with its type where it is none of our own."""
    text = " ".join(str(error).split())
    return text if isinstance(error, PressroomError) else f"{type(error).__name__}: {text}".removesuffix(": ")
