"""Where in a file something stands, and the values there as the models take them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from pressroom.definitions.document import Document, Items, Table, dotted
from pressroom.errors import Problem

Part = str | int
_MARK = "="
_TEXT: dict[str, Any] = {_MARK: {}}
_TEXTS: dict[str, Any] = {"*": _TEXT}
_VALUES: dict[str, Any] = {_MARK: {}, "*": _TEXT}
WRITTEN: Mapping[str, Any] = {
    "project": {"uid": _TEXT},
    "dashboards": {
        "*": {
            "uid": _TEXT,
            "variables": {"*": {"values": _TEXTS, "default": _VALUES}},
            "charts": {"*": {"uid": _TEXT, "segment": _TEXT}},
        }
    },
    "segments": {"*": {"uid": _TEXT}},
    "rules": {"*": {"id": _TEXT}},
    "reports": {"*": {"uid": _TEXT, "dashboards": {"*": {"uid": _TEXT, "variables": {"*": _VALUES}}}}},
}
"""Where text is meant whatever it looks like: uids, ids and the values of variables."""


@dataclass(frozen=True)
class Place:
    """A value in a document.

    Attributes:
        document: which holds it.
        value: as the models take it.
        path: to it.
    """

    document: Document
    value: Any
    path: tuple[Part, ...] = ()

    @property
    def field(self) -> str:
        """The path as people read it."""
        return dotted(self.path)

    @property
    def line(self) -> int:
        """The line of its key or its item's beginning; of what it would stand in where it is missing."""
        node: Any = self.document.data
        line = self.document.data.line
        for part in self.path:
            if not isinstance(node, Table | Items) or part not in node.lines:
                break
            line = node.lines[part]
            node = node[part]  # type: ignore[index]  # a list's lines are by index, a mapping's by key
        return line

    def at(self, *parts: Part) -> Place:
        """A place below this one; its value is None where there is nothing."""
        value = self.value
        for part in parts:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                value = None
        return replace(self, value=value, path=self.path + parts)

    def items(self, key: str) -> Iterator[Place]:
        """The items of a list below this one that are mappings; none where there is no list."""
        below = self.at(key)
        if isinstance(below.value, list):
            for index, item in enumerate(below.value):
                if isinstance(item, dict):
                    yield below.at(index)

    def text(self, key: str) -> str:
        """A text below this one; empty where there is none."""
        value = self.at(key).value
        return value if isinstance(value, str) else ""

    def problem(self, message: str) -> Problem:
        """A problem at this place."""
        return Problem(message, self.field, self.document.file, self.line)


def read_place(document: Document) -> tuple[Place, list[Problem]]:
    """A document's top, with text where text is meant, and the values that nothing can hold."""
    tidy = _Tidy()
    place = Place(document, tidy.read(document.data, WRITTEN, ()))
    return place, [place.at(*path).problem("must be a finite number of a usual size") for path in tidy.impossible]


class _Tidy:
    """Turns what was read into plain data, and notes the paths of impossible numbers."""

    def __init__(self) -> None:
        self.impossible: list[tuple[Part, ...]] = []

    def read(self, value: Table | Items, written: Mapping[str, Any], path: tuple[Part, ...]) -> Any:
        if isinstance(value, Table):
            return {key: self._child(value, key, item, written, path) for key, item in value.items()}
        return [self._child(value, index, item, written, path) for index, item in enumerate(value)]

    def _child(
        self, parent: Table | Items, part: Part, item: Any, written: Mapping[str, Any], path: tuple[Part, ...]
    ) -> Any:
        below = written.get(str(part)) or written.get("*") or {}
        if isinstance(item, Table | Items):
            return self.read(item, below, (*path, part))
        if _MARK in below and parent.written.get(part):
            return parent.written[part]
        if (isinstance(item, float) and not math.isfinite(item)) or (isinstance(item, int) and abs(item) >= 2**63):
            self.impossible.append((*path, part))
        return item


def nearest(name: str, known: Iterator[str] | Mapping[str, Any] | list[str]) -> str:
    """A hint after an unknown name: the nearest known one, else all of them."""
    names = list(known)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {', '.join(sorted(names))}" if names else "there are none"
