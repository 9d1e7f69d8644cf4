"""`growingio`: dashboards, charts, segments and rules of any server that speaks the computed-results API."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pydantic

from pressroom import (
    ArrowStream,
    Chart,
    Context,
    Dashboard,
    PluginConfig,
    Query,
    QueryError,
    Setup,
    Source,
    SourceError,
)
from pressroom.timerange import Window, to_ms
from pressroom_builtin.growingio.client import Account, ResultsClient
from pressroom_builtin.sources.config import Zone

if TYPE_CHECKING:
    import polars as pl

TIME = "时间"
"""The API's name of the timestamp column."""
WIDTHS = {"1h": 3_600_000, "1d": 86_400_000, "1w": 604_800_000, "1M": 2_592_000_000}
"""Intervals that the API knows by their milliseconds."""
UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
TYPES, TYPE_SECONDS = 10_000, 600.0
"""How many charts' types are remembered, and how long."""
LINES = 50_000
"""Users or rules a batch."""


class GrowingioConfig(PluginConfig):
    """`[sources.NAME]` with `type = "growingio"`."""

    url: str = pydantic.Field(description="Address of the server, such as https://www.growingio.com.")
    project: str = pydantic.Field(description="Uid of the project there.", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    client_id: str = pydantic.Field(description="The API client's public key.")
    secret: pydantic.SecretStr = pydantic.Field(description="The API client's secret.")
    ai: str = pydantic.Field(description="The account's id.")
    timezone: Zone = pydantic.Field("Asia/Shanghai", description="IANA zone of the project there.")
    ca_file: str = pydantic.Field("", description="Certificates that the server's own is checked against.")

    @pydantic.field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url.rstrip("/")


class GrowingioSource(Source[GrowingioConfig]):
    """Reads another server's charts.

    A dashboard of the server can be named in reports by its uid. A chart of one's own reads a chart of the
    server where its query is that chart's uid; `segment:<uid>` reads a segment's users, `segments` the list
    of segments and `rules` the event rules.
    """

    name = "growingio"
    summary = "Another server of the computed-results API"
    Config = GrowingioConfig
    requires = ("httpx",)
    dialect = "growingio"
    time_format = "ms"

    def __init__(self, config: GrowingioConfig, setup: Setup) -> None:
        super().__init__(config, setup)
        account = Account(config.url, config.project, config.client_id, config.secret.get_secret_value(), config.ai)
        self._client = ResultsClient(account, str(setup.path(config.ca_file)) if config.ca_file else True)
        self._types: dict[str, tuple[float, str]] = {}

    def check(self) -> str:
        """Sign in and count the dashboards."""
        found = self._client.dashboards(Context(self.setup.scratch, timeout=20))
        return f"{self.config.url}, {len(found)} dashboards"

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def fingerprint(self, query: Query) -> str:
        """The chart, and the window that it is asked for."""
        return repr((self._named(query), query.window, query.max_rows))

    def query(self, query: Query, context: Context) -> Iterable[ArrowStream]:
        """A chart's rows, or a list's; see the class."""
        named = self._named(query)
        if named == "rules":
            return self._table("rules.csv", query.max_rows, context)
        if named == "segments":
            return self._segments(context)
        if named.startswith("segment:"):
            return self._table(f"segmentations/{_plain(named[8:])}/users.csv", query.max_rows, context)
        return self._chart(_plain(named), query.window, context)

    def dashboards(self, context: Context) -> Sequence[Dashboard]:
        """The project's dashboards, without their charts."""
        return [
            Dashboard(uid=str(item["id"]), name=str(item.get("name") or item["id"]), timezone=self.config.timezone)
            for item in self._client.dashboards(context)
            if _usable(item.get("id"))
        ]

    def dashboard(self, uid: str, context: Context) -> Dashboard | None:
        """One dashboard; each chart's type is told from the shape of its rows, two charts side by side."""
        found = self._client.dashboard(uid, context) if _usable(uid) else None
        if found is None:
            return None
        charts = [item for item in found.get("charts") or () if isinstance(item, dict) and _usable(item.get("id"))]
        return Dashboard(
            uid=uid,
            name=str(found.get("name") or uid),
            timezone=self.config.timezone,
            charts=[self._definition(item, index, context) for index, item in enumerate(charts)],
        )

    def chart(self, uid: str, context: Context) -> tuple[Dashboard, Chart] | None:
        """One chart, of whichever dashboard: the API gives it by its own uid."""
        answer = self._client.find_chart(uid, context) if _usable(uid) else None
        if answer is None:
            return None
        self._remember(uid, chart_type(answer))
        chart = self._definition({"id": uid, "name": answer.get("name")}, 0, context)
        return Dashboard(uid=uid, name=chart.name, timezone=self.config.timezone, charts=[chart]), chart

    def _type(self, uid: str, context: Context) -> str:
        until, found = self._types.get(uid, (0.0, ""))
        if time.monotonic() < until:
            return found
        try:
            found = chart_type(self._client.chart(uid, context))
        except SourceError:
            # the chart's own panel will say why
            return "table"
        self._remember(uid, found)
        return found

    def _remember(self, uid: str, type_: str) -> None:
        # with two downloads a second, a dashboard of ten charts would take five seconds each time
        if len(self._types) >= TYPES:
            self._types.clear()
        self._types[uid] = (time.monotonic() + TYPE_SECONDS, type_)

    def _definition(self, item: dict[str, Any], index: int, context: Context) -> Chart:
        uid = str(item["id"])
        return Chart.model_validate(
            {
                "uid": uid,
                "name": str(item.get("name") or uid),
                "type": self._type(uid, context),
                "source": self.setup.instance,
                "query": uid,
                "grid": {"x": 12 * (index % 2), "y": 8 * (index // 2), "w": 12, "h": 8},
            }
        )

    def _named(self, query: Query) -> str:
        return query.text.strip() or query.chart

    def _chart(self, uid: str, window: Window | None, context: Context) -> Iterator[ArrowStream]:
        answer = self._client.chart(uid, context, asked(window) if window else None)
        yield frame_of(answer)

    def _segments(self, context: Context) -> Iterator[ArrowStream]:
        import polars as pl

        found = self._client.segments(context)
        yield pl.DataFrame(
            {
                "id": [str(item.get("id", "")) for item in found],
                "name": [str(item.get("name", "")) for item in found],
                "userType": [str(item.get("userType", "")) for item in found],
                "userNum": [int(item.get("userNum") or 0) for item in found],
            },
            schema_overrides={"userNum": pl.Int64},
        )

    def _table(self, path: str, most: int, context: Context) -> Iterator[ArrowStream]:
        import csv

        lines = self._client.lines(path, context)
        first = next(lines, "")
        # the prose says tabs, the documented example of rules.csv has commas
        reader = csv.reader(lines, delimiter="\t" if "\t" in first or "," not in first else ",")
        names = next(csv.reader([first], delimiter="\t" if "\t" in first or "," not in first else ","), [])
        batch: list[list[str]] = []
        rows, given = 0, False
        for row in reader:
            if row:
                batch.append([*row, *[""] * len(names)][: len(names)])
                rows += 1
            if len(batch) == LINES or rows >= most:
                yield _texts(names, batch)
                batch, given = [], True
            if rows >= most:
                return
        if batch or not given:
            yield _texts(names, batch)


def asked(window: Window) -> dict[str, int]:
    """The API's parameters for a window: the start of the first and of the last bucket, which it includes."""
    start, end = to_ms(window.start), to_ms(window.end)
    if not window.interval:
        return {"startTime": start, "endTime": end - 1, "interval": end - start}
    width = WIDTHS.get(window.interval) or int(window.interval[:-1]) * UNITS.get(window.interval[-1], 0)
    if not width:
        raise QueryError(f"the server knows no interval {window.interval!r}; write 1h, 1d, 1w or 1M")
    return {"startTime": start, "endTime": to_ms(window.buckets[-1]), "interval": width}


def chart_type(answer: dict[str, Any]) -> str:
    """The chart type that fits an answer's columns: the API does not tell it."""
    meta = [item for item in answer.get("meta") or () if isinstance(item, dict)]
    dimensions = [str(item.get("name")) for item in meta if "dimension" in item]
    metrics = len(meta) - len(dimensions)
    if not dimensions:
        return "number" if metrics else "table"
    if dimensions[0] == TIME and len(dimensions) <= 2:
        return "line"
    if len(dimensions) == 1 and metrics == 1:
        return "horizontal-bar"
    return "table"


def frame_of(answer: dict[str, Any]) -> pl.DataFrame:
    """An answer's rows as a frame, columns by `meta` and never by position.

    Raises:
        SourceError: rows and columns do not fit.
    """
    import polars as pl

    meta = [item for item in answer.get("meta") or () if isinstance(item, dict)]
    data = answer.get("data")
    if not meta or not isinstance(data, list):
        raise SourceError("the server's answer has no meta or no data")
    if any(not isinstance(row, list) or len(row) != len(meta) for row in data):
        raise SourceError(f"the server's rows do not have the {len(meta)} columns that its meta names")
    series: list[pl.Series] = []
    taken: set[str] = set()
    for index, item in enumerate(meta):
        name = str(item.get("name") or f"column {index + 1}")
        while name in taken:
            name += "'"
        taken.add(name)
        values = [row[index] for row in data]
        if "metric" in item:
            series.append(pl.Series(name, [_number(value) for value in values], dtype=pl.Float64))
        elif name == TIME:
            series.append(pl.Series("time", [_number(value) for value in values], dtype=pl.Float64).cast(pl.Int64))
        else:
            series.append(pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String))
    return pl.DataFrame(series)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _texts(names: list[str], rows: list[list[str]]) -> pl.DataFrame:
    import polars as pl

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pl.DataFrame(
        [pl.Series(name, list(values), dtype=pl.String) for name, values in zip(names, columns, strict=True)]
    )


def _usable(uid: object) -> bool:
    try:
        return bool(_plain(str(uid or "")))
    except QueryError:
        return False


def _plain(uid: str) -> str:
    """A uid that may stand in an address.

    Raises:
        QueryError: it may not.
    """
    if not uid or len(uid) > 40 or not all(character.isalnum() or character in "_-" for character in uid):
        raise QueryError(f"{uid!r} is no uid of the server")
    return uid
