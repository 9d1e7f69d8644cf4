"""The usable classes of one kind of plugin, each checked before it is taken in."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from pressroom.errors import PluginError
from pressroom.extension import Extension, PluginConfig, PluginOptions

_NAME = re.compile(r"^[a-z][a-z0-9-]{0,39}$")
E = TypeVar("E", bound=Extension[Any, Any])


@dataclass(frozen=True)
class Origin:
    """Where a plugin comes from: entry point, distribution and version."""

    entry: str
    distribution: str
    version: str


class Registry(Mapping[str, type[E]]):
    """The usable classes of one kind by name.

    Args:
        kind: in words, for messages.
        base: class that all of them subclass.
    """

    def __init__(self, kind: str, base: type[E]) -> None:
        self.kind = kind
        self.base = base
        self._classes: dict[str, type[E]] = {}
        self._origins: dict[str, Origin] = {}

    def __getitem__(self, name: str) -> type[E]:
        return self._classes[name]

    def __iter__(self) -> Any:
        return iter(sorted(self._classes))

    def __len__(self) -> int:
        return len(self._classes)

    def origin(self, name: str) -> Origin:
        """Where a class comes from."""
        return self._origins[name]

    def add(self, candidate: object, origin: Origin) -> None:
        """Check a class and take it in.

        Raises:
            PluginError: it is not a usable class of this kind, or its name is taken.
        """
        problem = self._problem(candidate)
        if problem:
            raise PluginError(problem)
        found = cast("type[E]", candidate)
        other = self._origins.get(found.name)
        if other is not None:
            raise PluginError(
                f"the {self.kind} {found.name!r} is claimed by {other.distribution} ({other.entry}) and by "
                f"{origin.distribution} ({origin.entry}); the first one is used, rename or disable one of them"
            )
        self._classes[found.name] = found
        self._origins[found.name] = origin

    def _problem(self, candidate: object) -> str:
        if not (inspect.isclass(candidate) and issubclass(candidate, self.base)):
            return f"{candidate!r} is not a subclass of {self.base.__name__}"
        name = getattr(candidate, "name", None)
        if not isinstance(name, str) or not _NAME.match(name):
            return f"{candidate.__name__}.name is {name!r}; it must be lower-case letters, digits and dashes"
        if inspect.isabstract(candidate):
            missing = ", ".join(sorted(getattr(candidate, "__abstractmethods__", ())))
            return f"{candidate.__name__} lacks {missing}"
        requires = getattr(candidate, "requires", ())
        if not isinstance(requires, tuple) or not all(isinstance(module, str) for module in requires):
            return f"{candidate.__name__}.requires is {requires!r}; it must be a tuple of modules' names"
        if not _is_model(candidate.Config, PluginConfig) or not _is_model(candidate.Options, PluginOptions):
            return f"{candidate.__name__}.Config and .Options must subclass PluginConfig and PluginOptions"
        return ""

    def need(self, name: str) -> type[E]:
        """The class of that name, ready to use.

        Raises:
            PluginError: there is none; names the nearest.
            MissingDependency: its library is not installed.
        """
        if name not in self._classes:
            near = get_close_matches(name, self._classes, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(self) or 'none'}"
            raise PluginError(f"no {self.kind} named {name!r}; {hint} (see: pressroom plugins list)")
        found = self._classes[name]
        missing = found.missing()
        if missing is not None:
            raise missing
        return found


def _is_model(value: object, base: type) -> bool:
    return inspect.isclass(value) and issubclass(value, base)
