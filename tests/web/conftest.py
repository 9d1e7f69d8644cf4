"""A server with a dashboard of every kind of panel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pressroom.definitions import HostCatalogue, apply, check, load_text
from servers.mailing_site import Site, mailing_site
from servers.results_server import Running, make_host, running

BOARDS = r"""
project: {uid: nxog09md, name: Demo, timezone: Asia/Shanghai}
dashboards:
  - uid: page0001
    name: "<script>alert(1)</script> & Board"
    description: "<b>bold</b>"
    time_range: {from: "2016-05-02", to: "2016-05-06"}
    variables:
      - {name: city, label: "<i>City</i>", values: [北京, 上海], include_all: true, multi: true, default: [$__all]}
    charts:
      - uid: pnumber1
        name: Visits
        type: number
        source: visits
        query: SELECT sum(visits) + 8800 AS visits FROM visits WHERE $__timeFilter(time) AND city IN ($city)
        grid: {x: 0, y: 0, w: 6, h: 4}
      - uid: pnumber2
        name: "<img src=x onerror=alert(2)>"
        type: number
        source: visits
        query: SELECT 7 AS "<u>seven</u>"
        grid: {x: 6, y: 0, w: 6, h: 4}
      - uid: pbroken1
        name: Broken
        type: number
        source: visits
        query: SELECT nonsense_column FROM visits
        grid: {x: 12, y: 0, w: 12, h: 4}
      - uid: pline001
        name: By day
        type: line
        source: visits
        query: |
          SELECT $__timeGroup(time) AS time, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1
        grid: {x: 0, y: 4, w: 12, h: 8}
      - uid: pbars001
        name: Cities
        type: horizontal-bar
        source: visits
        query: SELECT city || '</text><script>' AS city, sum(visits) AS visits FROM visits GROUP BY 1
        grid: {x: 12, y: 4, w: 12, h: 8}
      - uid: ptable01
        name: Long
        type: table
        source: visits
        query: SELECT '<td>' || range || chr(27) AS cell, range * 1000 AS amount FROM range(1234) ORDER BY range
        grid: {x: 0, y: 12, w: 24, h: 8}
      - uid: pnone001
        name: None
        type: table
        source: visits
        query: SELECT city, visits FROM visits WHERE false
        grid: {x: 0, y: 20, w: 24, h: 3}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The workspace of visits with that dashboard."""
    host = make_host(tmp_path_factory.mktemp("web") / "w", '[server]\npublic_url = "https://reports.example.org"')
    apply(check(load_text(BOARDS), HostCatalogue(host)), host.store, by="pressroom")
    with running(host) as found:
        yield found


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose reports go out by mail, with links."""
    with mailing_site(tmp_path_factory.mktemp("site") / "w") as found:
        yield found
