"""The computed-results API's answers for chart types that its contract does not name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from pressroom import Host, Principal
from pressroom.definitions import HostCatalogue, apply, check, load_text
from pressroom_builtin.growingio.buckets import Asked
from pressroom_builtin.growingio.service import Results
from workspaces.visits import DAY, DEFINITIONS, MAY_2, make_workspace

TIMED = (
    "SELECT $__timeGroup(time) AS time, city, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1, 2"
)
CITIES = "SELECT city, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1 ORDER BY 2"
BROWSERS = (
    "SELECT city, browser, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1, 2"
)
ONE = "SELECT sum(visits) AS visits, 20 AS most FROM visits WHERE $__timeFilter(time)"
CHARTS = {
    "area0001": ("area", TIMED),
    "stack001": ("stacked-bar", BROWSERS),
    "heat0001": ("heatmap", TIMED),
    "pie00001": ("pie", CITIES),
    "funnel01": ("funnel", CITIES),
    "gauge001": ("gauge", ONE),
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Results]:
    charts = [
        {"uid": uid, "name": uid, "type": kind, "source": "visits", "query": query}
        for uid, (kind, query) in CHARTS.items()
    ]
    charts.append({"uid": "text0001", "name": "text", "type": "text", "options": {"markdown": "Words"}})
    board = {"uid": "more0001", "name": "More", "time_range": {"from": "2016-05-02", "to": "2016-05-06"}}
    more = msgspec.json.encode({"project": {"uid": "nxog09md"}, "dashboards": [{**board, "charts": charts}]}).decode()
    with Host.open(make_workspace(tmp_path_factory.mktemp("results") / "w")) as host:
        host.store.upgrade()
        for text in (DEFINITIONS, more):
            apply(check(load_text(text), HostCatalogue(host)), host.store, by="pressroom")
        yield Results(host)


def data(api: Results, uid: str, *, audience: bool = False) -> Any:
    with api.chart(Principal.local_admin(), "nxog09md", uid, Asked(None, None, DAY), audience=audience) as answer:
        for form in ("json", "csv", "ndjson", "xlsx"):
            assert isinstance(b"".join(answer.pieces(form)), bytes)
        return msgspec.json.decode(msgspec.json.encode(answer.whole()))


@pytest.mark.parametrize("uid", ["area0001", "heat0001"])
def test_types_over_time_have_every_bucket_for_every_series(api: Results, uid: str) -> None:
    rows = data(api, uid)["data"]
    assert len(rows) == 4 * 3
    assert [row[0] for row in rows] == [MAY_2 + day * DAY for day in range(4) for _ in range(3)]
    assert {row[1] for row in rows} == {"北京", "上海", "不适用"}


def test_other_types_keep_what_they_are_made_of(api: Results) -> None:
    # the largest part first, the steps as the query has them
    assert [row[1] for row in data(api, "pie00001")["data"]] == [5.0, 5.0, 1.0]
    assert [row[1] for row in data(api, "funnel01")["data"]] == [1.0, 5.0, 5.0]
    assert data(api, "gauge001")["data"] == [[11.0, 20.0]]
    stacked = data(api, "stack001")
    assert all(len(row) == len(stacked["meta"]) == 3 for row in stacked["data"])


@pytest.mark.parametrize("audience", [False, True])
def test_a_text_has_no_rows(api: Results, audience: bool) -> None:
    found = data(api, "text0001", audience=audience)
    assert found["data"] == []
    assert len(found["meta"]) == audience
