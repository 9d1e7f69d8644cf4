"""`access-log`: requests from the access logs of a web server, in the combined format of nginx and Apache."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import ClassVar, NamedTuple

import pydantic

from pressroom import ArrowStream, Context, PluginConfig, Query, QueryError, Source, SourceError

BATCH = 10_000
"""Lines that are looked at before the host gets their rows, and may stop."""
_LINE = re.compile(
    r"\S+ \S+ \S+ \[(?P<time>[^\]]+)\] "
    r'"(?P<method>[A-Z]+) (?P<path>\S+)[^"]*" (?P<status>\d{3}) (?P<bytes>\d+|-)'
)
_WORDS = ("method", "path", "status")
_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)\}")


class Request(NamedTuple):
    """A line of the log."""

    time: datetime
    method: str
    path: str
    status: str
    bytes: int


class AccessLogConfig(PluginConfig):
    """`[sources.NAME]` with `type = "access-log"`."""

    path: str = pydantic.Field(
        "access.log*", min_length=1, description="Log files: a path or a pattern, from the workspace."
    )


class AccessLogSource(Source[AccessLogConfig]):
    """Rows `time`, `method`, `path`, `status`, `bytes`, one a request inside the chart's time range.

    A query is conditions that must all hold, such as `status=5?? path=/api/*`; a variable stands for any of its
    values: `path=$page`. An empty query has all requests.
    """

    name: ClassVar[str] = "access-log"
    summary: ClassVar[str] = "Requests from the access logs of a web server"
    Config: ClassVar[type[PluginConfig]] = AccessLogConfig
    dialect = "access-log"

    def query(self, query: Query, context: Context) -> Iterator[ArrowStream]:
        """A batch for every `BATCH` lines, so that logs of any size fit into memory."""
        import polars as pl

        conditions = _conditions(query)
        schema: dict[str, pl.DataType] = {
            "time": pl.Datetime("ms", "UTC"),
            "method": pl.String(),
            "path": pl.String(),
            "status": pl.String(),
            "bytes": pl.Int64(),
        }
        # the first batch has the columns, whatever comes
        yield pl.DataFrame(schema=schema)
        requests = self._requests(query, context)
        left = query.max_rows
        while left > 0 and (some := list(islice(requests, BATCH))):
            found = [request for request in some if all(holds(request) for holds in conditions)][:left]
            left -= len(found)
            yield pl.DataFrame(found, schema=schema, orient="row")
        context.check()

    def revision(self) -> str:
        """Sizes and times of the files: kept answers are used until one of them changes."""
        return repr([(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in self._files()])

    def check(self) -> str:
        """Whether there is a log to read."""
        files = self._files()
        if not files:
            raise SourceError(f"source {self.setup.instance}: no file matches {self.config.path!r}; see `path`")
        return f"{len(files)} files, {sum(path.stat().st_size for path in files)} bytes"

    def _requests(self, query: Query, context: Context) -> Iterator[Request]:
        window = query.window
        for path in self._files():
            try:
                with path.open(encoding="utf-8", errors="replace") as lines:
                    for number, line in enumerate(lines):
                        if number % 1000 == 0:
                            context.check()
                        request = _read(line)
                        if request and (window is None or window.start <= request.time < window.end):
                            yield request
            except OSError as error:
                raise SourceError(f"source {self.setup.instance}: {path}: {error.strerror}", transient=True) from error

    def _files(self) -> list[Path]:
        pattern = self.setup.path(self.config.path)
        return sorted(path for path in pattern.parent.glob(pattern.name) if path.is_file())


def _read(line: str) -> Request | None:
    """A line; None where it is no request."""
    matched = _LINE.match(line)
    if matched is None:
        return None
    try:
        moment = datetime.strptime(matched["time"], "%d/%b/%Y:%H:%M:%S %z")
    except ValueError:
        return None
    size = int(matched["bytes"]) if matched["bytes"].isdecimal() and len(matched["bytes"]) < 19 else 0
    return Request(moment, matched["method"], matched["path"], matched["status"], size)


def _conditions(query: Query) -> list[Callable[[Request], bool]]:
    try:
        words = shlex.split(query.text)
    except ValueError as error:
        raise QueryError(f"the query cannot be read: {error}") from error
    return [_condition(word, query) for word in words]


def _condition(word: str, query: Query) -> Callable[[Request], bool]:
    name, sign, pattern = word.partition("=")
    if not sign or name not in _WORDS:
        raise QueryError(f"{word!r} is no condition; write such as status=5?? with one of {', '.join(_WORDS)}")
    variable = _VARIABLE.fullmatch(pattern)
    if variable is None:
        return lambda request: fnmatchcase(getattr(request, name), pattern)
    chosen = variable[1] or variable[2]
    if chosen not in query.variables:
        raise QueryError(f"the query names the variable {chosen!r}, which the dashboard does not have")
    # values are compared, never taken for patterns
    values = frozenset(query.variables[chosen])
    return lambda request: getattr(request, name) in values
