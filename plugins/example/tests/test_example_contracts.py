"""Each plugin of the example keeps what the host relies on: the suites of `pressroom.testing`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pressroom.testing import (
    CalendarContract,
    ChannelContract,
    ChartContract,
    RendererContract,
    SchedulerContract,
    SourceContract,
)
from pressroom_example.access_log import AccessLogSource
from pressroom_example.atom import AtomRenderer
from pressroom_example.day_grid import DayGridChart
from pressroom_example.easter import EasterCalendar
from pressroom_example.maildir import MaildirChannel
from pressroom_example.pool import PoolScheduler

LOG = """\
203.0.113.7 - - [02/Jan/2013:08:00:00 +0000] "GET /docs/ HTTP/1.1" 200 512 "-" "curl/8"
203.0.113.8 - ann [02/Jan/2013:09:30:00 +0100] "POST /api/runs?x=1 HTTP/1.1" 503 - "-" "curl/8"
203.0.113.9 - - [03/Jan/2013:10:00:00 +0000] "GET /docs/ HTTP/2.0" 304 0 "-" "Mozilla/5.0"
203.0.113.9 - - [03/Jan/2014:10:00:00 +0000] "GET /later HTTP/2.0" 200 10 "-" "Mozilla/5.0"
this line is no request
"""


class TestAccessLog(SourceContract):
    plugin = AccessLogSource
    question = "status=[23]*"
    empty = "method=DELETE"
    wrong = "colour=red"
    variable = "path=$choice"
    choice = "/docs/"

    @pytest.fixture
    def config(self, workspace: Path) -> dict[str, Any]:
        (workspace / "access.log").write_text(LOG, encoding="utf-8")
        return {}

    def test_rows_of_the_time_range(self, instance: Any, tmp_path: Path) -> None:
        rows = self.rows(instance, "", tmp_path)
        assert rows["path"].to_list() == ["/docs/", "/api/runs?x=1", "/docs/"]
        assert rows["bytes"].to_list() == [512, 0, 0]
        assert [moment.hour for moment in rows["time"].to_list()] == [8, 8, 10]
        assert self.rows(instance, "status=5?? path=/api/*", tmp_path).height == 1


class TestDayGrid(ChartContract):
    plugin = DayGridChart
    dimensions = 0
    misfits = ((0, 1), (1, 1), (0, 2))


class TestAtom(RendererContract):
    plugin = AtomRenderer

    def text(self, content: bytes) -> str:
        from xml.etree import ElementTree

        return " ".join(ElementTree.fromstring(content).itertext())


class TestMaildir(ChannelContract):
    plugin = MaildirChannel
    refused = ("two words", "")

    @pytest.fixture
    def arrived(self, workspace: Path) -> Callable[[], int]:
        return lambda: len(list(workspace.glob("Maildir/new/*")))


class TestPool(SchedulerContract):
    plugin = PoolScheduler


class TestEaster(CalendarContract):
    plugin = EasterCalendar
    opened = date(2026, 4, 7)
    shut = date(2026, 4, 6)
