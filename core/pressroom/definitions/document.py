"""A YAML file as plain data that knows its lines.

Read from the parser's events with an own stack rather than with PyYAML's composer: so duplicate keys are
found, aliases cannot grow without bound, and deep nesting cannot end the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from pressroom.definitions.scalars import resolve
from pressroom.definitions.syntax import Unreadable, decode, explain_syntax
from pressroom.errors import Problem

MAX_BYTES = 10_000_000
"""A larger file is refused."""
MAX_NODES = 1_000_000
"""A file with more values, aliases counted each time, is refused."""
MAX_DEPTH = 50
"""Mappings and lists inside each other."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Table(dict[str, Any]):
    """A mapping that knows where it stands.

    Attributes:
        line: of its beginning, from 1.
        lines: of each key.
        written: how values that are no text were written: `{"uid": "007"}` where the value is 7.
        size: number of values in it, aliases counted each time.
    """

    __slots__ = ("line", "lines", "size", "written")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[Any, int] = {}
        self.written: dict[Any, str] = {}
        self.size = 1


class Items(list[Any]):
    """A list that knows where it stands; attributes as in `Table`, by index."""

    __slots__ = ("line", "lines", "size", "written")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[Any, int] = {}
        self.written: dict[Any, str] = {}
        self.size = 1


@dataclass(frozen=True)
class Document:
    """One YAML document of a file: a mapping at the top."""

    file: str | None
    data: Table


def dotted(parts: Iterable[str | int]) -> str:
    """A path as people read it: `dashboards[0].charts[2].type`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")


@dataclass
class _Frame:
    node: Table | Items
    key: str | None = None
    key_line: int = 0
    waiting: bool = False


@dataclass
class _Builder:
    """Turns events into documents; `problems` are the mistakes that do not stop the reading."""

    file: str | None
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, Any] = field(default_factory=dict)
    root: Any = None
    root_line: int = 0

    def documents(self, text: str) -> Iterator[Document]:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors, self.root = {}, None
            elif isinstance(event, yaml.DocumentEndEvent):
                yield from self._finish()
            elif isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()

    def _finish(self) -> Iterator[Document]:
        if isinstance(self.root, Table):
            yield Document(self.file, self.root)
        elif self.root is not None:
            self._problem("a definition file is a mapping with the keys dashboards, reports ...", self.root_line)

    def _node(self, event: Any) -> None:
        line = event.start_mark.line + 1
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise Unreadable(f"tags such as {tag!r} are not allowed; leave it out (quotes make text)", line, self.path)
        if isinstance(event, yaml.AliasEvent):
            self._alias(str(event.anchor), line)
        elif isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0]
            value = resolve(event.value) if plain else event.value
            written = event.value if not isinstance(value, str) else None
            if event.anchor:
                self.anchors[event.anchor] = (value, written)
            self._put(value, written, line)
        else:
            self._open(Table(line) if isinstance(event, yaml.MappingStartEvent) else Items(line), event.anchor)

    def _open(self, node: Table | Items, anchor: str | None) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise Unreadable(f"mappings and lists are nested more than {MAX_DEPTH} deep", node.line)
        self._put(node, None, node.line)
        if anchor:
            self.anchors[anchor] = (node, None)
        self.stack.append(_Frame(node))

    def _close(self) -> None:
        node = self.stack.pop().node
        if self.stack:
            self._grow(node.size, node.line)

    def _alias(self, name: str, line: int) -> None:
        if name not in self.anchors:
            raise Unreadable(
                f"*{name} has no anchor &{name} before it; quote the value if * is its text", line, self.path
            )
        value, written = self.anchors[name]
        if any(frame.node is value for frame in self.stack):
            raise Unreadable(f"*{name} stands inside of what &{name} names", line, self.path)
        self._put(value, written, line)
        if isinstance(value, Table | Items):
            self._grow(value.size, line)

    def _grow(self, size: int, line: int) -> None:
        node = self.stack[-1].node
        node.size += size
        if node.size > MAX_NODES:
            raise Unreadable(f"more than {MAX_NODES} values, aliases counted each time; split the file", line)

    def _put(self, value: Any, written: str | None, line: int) -> None:
        if not self.stack:
            self.root, self.root_line = value, line
            return
        frame = self.stack[-1]
        if isinstance(frame.node, Items):
            frame.node.lines[len(frame.node)] = line
            if written is not None:
                frame.node.written[len(frame.node)] = written
            frame.node.append(value)
            frame.node.size += 1
        elif not frame.waiting:
            if isinstance(value, Table | Items):
                raise Unreadable("a key must be text, not a mapping or a list", line)
            frame.key, frame.key_line, frame.waiting = value if isinstance(value, str) else str(written), line, True
        else:
            frame.waiting = False
            self._pair(frame, frame.node, value, written)

    def _pair(self, frame: _Frame, node: Table, value: Any, written: str | None) -> None:
        key = str(frame.key)
        if key in node.lines:
            self._problem(f"is there twice; the first is on line {node.lines[key]}", frame.key_line, self.path)
            return
        node[key] = value
        node.lines[key] = frame.key_line
        node.size += 1
        if written is not None:
            node.written[key] = written

    @property
    def path(self) -> str:
        """Where the reading stands."""
        parts: list[str | int] = []
        for frame in self.stack:
            if isinstance(frame.node, Items):
                parts.append(max(0, len(frame.node) - 1))
            elif frame.key is not None:
                parts.append(frame.key)
        return dotted(parts)

    def _problem(self, message: str, line: int, path: str = "") -> None:
        self.problems.append(Problem(message, path, self.file, line))


@dataclass(frozen=True)
class Reading:
    """What a file holds.

    Attributes:
        documents: those that could be read.
        problems: what is wrong with its syntax, and keys that are there twice.
        whole: False where the reading stopped, so that what else the file defines is unknown.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    whole: bool


def read_documents(data: bytes, file: str | None) -> Reading:
    """Read a YAML or JSON file; never raises for what is in it.

    Args:
        data: the file's bytes, UTF-8.
        file: its name for messages; None for text that comes from no file.
    """
    builder = _Builder(file)
    found: list[Document] = []
    text = ""
    try:
        if len(data) > MAX_BYTES:
            raise Unreadable(f"is larger than {MAX_BYTES // 1_000_000} MB; split it")
        text = decode(data, json=file is not None and file.lower().endswith(".json"))
        found.extend(builder.documents(text))
    except Unreadable as error:
        problem = Problem(error.message, error.path, file, error.line)
    except yaml.YAMLError as error:
        message, line = explain_syntax(error, text)
        problem = Problem(message, "", file, line)
    else:
        return Reading(tuple(found), tuple(builder.problems), whole=True)
    return Reading(tuple(found), (*builder.problems, problem), whole=False)
