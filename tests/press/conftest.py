"""A workspace with real data, and plugins made for one test: a source that counts, a channel that follows a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pressroom import (
    Channel,
    Context,
    Handover,
    Host,
    Message,
    PluginConfig,
    PluginOptions,
    Query,
    Receipt,
    Recipient,
    Source,
    hookimpl,
)
from pressroom.models.dashboards import Dashboard
from pressroom.models.reports import Report
from pressroom.plugins import Origin, Plugins
from pressroom.settings import load_workspace

TOML = """
[sources.shop]
type = "files"
tables = { sales = "sales.csv", people = "people.csv" }
[sources.counted]
type = "counted"
[limits]
recipients = 10
[channels.script]
type = "script"
[channels.again]
type = "again"
[channels.archive]
type = "folder"
path = "outbox"
"""


@dataclass
class Script:
    """What the scripted channels do, and what they were asked.

    Attributes:
        act: called with everything that `deliver` gets; its receipts are the channel's.
        tries: the addresses of every call.
    """

    act: Callable[[Message, Sequence[Recipient], Handover], Sequence[Receipt]]
    tries: list[list[str]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    forbidden: set[str] = field(default_factory=set)


class Scripted(Channel[PluginConfig, PluginOptions]):
    """Does what the test says."""

    name = "script"
    script: Script

    def admit(self, recipient: Recipient) -> str:
        return f"{recipient.address} is not allowed" if recipient.address in self.script.forbidden else ""

    def deliver(
        self,
        message: Message,
        recipients: Sequence[Recipient],
        options: PluginOptions,
        handover: Handover,
        context: Context,
    ) -> Sequence[Receipt]:
        self.script.tries.append([recipient.address for recipient in recipients])
        self.script.messages.append(message)
        return self.script.act(message, recipients, handover)


class Again(Scripted):
    """The same, and idempotent."""

    name = "again"
    idempotent = True


class Counted(Source[PluginConfig]):
    """Counts its questions; answers with three rows, or with the error that the query names."""

    name = "counted"
    asked: list[str]

    def fingerprint(self, query: Query) -> str:
        return query.text

    def query(self, query: Query, context: Context) -> Iterator[pl.DataFrame]:
        self.asked.append(query.text)
        yield pl.DataFrame({"city": ["a", "b", "c"], "total": [1, 2, 3]})


class TestPlugin:
    """The test's own plugin."""

    __test__ = False

    def __init__(self, script: Script, asked: list[str]) -> None:
        self.channels = [
            type("ScriptedHere", (Scripted,), {"script": script}),
            type("AgainHere", (Again,), {"script": script}),
        ]
        self.sources = [type("CountedHere", (Counted,), {"asked": asked})]

    @hookimpl
    def register_channels(self) -> Sequence[type[Channel[Any, Any]]]:
        return self.channels

    @hookimpl
    def register_sources(self) -> Sequence[type[Source[Any]]]:
        return self.sources


class Here:
    """An entry point to an object of this process."""

    dist = None

    def __init__(self, name: str, plugin: object) -> None:
        self.name = name
        self.value = f"here:{name}"
        self._plugin = plugin

    def load(self) -> object:
        if isinstance(self._plugin, Exception):
            raise self._plugin
        return self._plugin


@pytest.fixture
def here() -> type[Here]:
    """See `Here`."""
    return Here


@pytest.fixture
def script() -> Script:
    """What the scripted channels do; each is taken until a test says otherwise."""

    def take(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        handover()
        return [Receipt(recipient=recipient, outcome="sent", code=250) for recipient in recipients]  # type: ignore[arg-type]

    return Script(take)


@pytest.fixture
def asked() -> list[str]:
    """The questions that the source `counted` was asked."""
    return []


@pytest.fixture
def host(tmp_path: Path, script: Script, asked: list[str]) -> Iterator[Host]:
    """A workspace with sales data and a store."""
    from importlib.metadata import entry_points

    (tmp_path / "pressroom.toml").write_text(TOML)
    (tmp_path / "sales.csv").write_text(
        "day,city,amount\n2026-01-05,城市,10\n2026-01-05,Oslo,20\n2026-01-06,Oslo,5\n2026-01-08,城市,7\n"
    )
    (tmp_path / "people.csv").write_text("email,city\n")
    plugins = Plugins(entry_points=[*entry_points(group="pressroom"), Here("test", TestPlugin(script, asked))])
    assert plugins.broken == []
    with Host(load_workspace(tmp_path), plugins) as opened:
        opened.store.upgrade()
        yield opened


@pytest.fixture
def dashboard(host: Host) -> Dashboard:
    """A stored dashboard with a table, a number and a chart whose query is wrong."""
    definition = Dashboard.model_validate(
        {
            "uid": "sales",
            "name": "Sales 城市",
            "time_range": {"from": "2026-01-01", "to": "2026-02-01"},
            "variables": [
                {"name": "city", "values": ["城市", "Oslo"], "include_all": True, "multi": True, "default": ["$__all"]}
            ],
            "charts": [
                {
                    "uid": "table",
                    "name": "By city",
                    "type": "table",
                    "source": "shop",
                    "query": "SELECT city, sum(amount) AS amount FROM sales WHERE $__timeFilter(day) "
                    "AND city IN ($city) GROUP BY 1",
                },
                {
                    "uid": "total",
                    "name": "Total",
                    "type": "number",
                    "source": "shop",
                    "query": "SELECT sum(amount) AS amount FROM sales WHERE $__timeFilter(day)",
                },
            ],
        }
    )
    return host.store.project("default").dashboards.save(definition, "test").value


def report_to(*addresses: str, channel: str = "script", **more: Any) -> Report:
    """A report over the dashboard `sales`, as CSV, to these addresses."""
    return Report.model_validate(
        {
            "uid": "weekly",
            "name": "Weekly sales",
            "dashboards": [{"uid": "sales"}],
            "formats": ["csv"],
            "deliveries": [{"channel": channel, "to": list(addresses)}],
            **more,
        }
    )


@pytest.fixture
def make_report() -> Callable[..., Report]:
    """See `report_to`."""
    return report_to


__all__ = ["Here", "Origin"]
