"""`/api/v1` over a socket: dashboards and charts made, changed, tried and removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from servers.results_server import PROJECT, Running, make_host, running

QUERY = "SELECT city, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1"
CHART = {"name": "Cities", "type": "horizontal-bar", "source": "visits", "query": QUERY}
RANGE = {"from": "2016-05-02", "to": "2016-05-06"}
ENTRIES: dict[tuple[str, str], tuple[str, Any, str]] = {
    ("get", "/api/v1/sources"): ("sources", None, "editor"),
    ("post", "/api/v1/dashboards"): ("dashboards", {"name": "New"}, "editor"),
    ("get", "/api/v1/dashboards/{uid}"): ("dashboards/good0001", None, "viewer"),
    ("put", "/api/v1/dashboards/{uid}"): ("dashboards/empty001", {"name": "Empty"}, "editor"),
    ("delete", "/api/v1/dashboards/{uid}"): ("dashboards/nothing1", None, "editor"),
    ("post", "/api/v1/dashboards/{uid}/charts"): ("dashboards/empty001/charts", CHART, "editor"),
    ("get", "/api/v1/charts/{uid}"): ("charts/bar00001", None, "viewer"),
    ("put", "/api/v1/charts/{uid}"): ("charts/gold0001", CHART, "editor"),
    ("delete", "/api/v1/charts/{uid}"): ("charts/nothing1", None, "editor"),
    ("post", "/api/v1/preview"): ("preview", {"chart": CHART, "time_range": RANGE}, "editor"),
}
"""Every operation of the schema: an example, its body, the smallest role that may."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(make_host(tmp_path_factory.mktemp("studio") / "w")) as found:
        yield found


@pytest.fixture(scope="module")
def editor(server: Running) -> Iterator[httpx.Client]:
    with server.signed_in(server.token("editor")) as client:
        yield client


@pytest.fixture(scope="module")
def strangers(server: Running) -> list[dict[str, str]]:
    """The headers of nobody, of a token that never was, of one that has ended, and of one that was revoked."""
    tokens = ["prs_" + "x" * 43, server.ended_token("editor"), server.revoked_token("editor")]
    return [{}, *({"Authorization": f"Token {token}"} for token in tokens)]


def test_every_operation_has_an_entry_here(server: Running) -> None:
    paths = server.client.get("/schema/openapi.json").json()["paths"]
    found = {
        (method, path) for path, item in paths.items() for method in item if "studio" in item[method].get("tags", ())
    }
    assert found == set(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=" ".join)
def test_only_who_may_gets_an_answer(
    server: Running, editor: httpx.Client, strangers: list[dict[str, str]], entry: tuple[str, str]
) -> None:
    rest, body, role = ENTRIES[entry]
    sent: dict[str, Any] = {"url": f"/api/v1/{rest}"} | ({"json": body} if body is not None else {})
    unknown = []
    for headers in strangers:
        unknown.append(httpx.request(entry[0], f"{server.url}/api/v1/{rest}", json=body, headers=headers))
        assert unknown[-1].status_code == 401
    with server.signed_in(server.token("editor", project="default")) as stranger:
        away = stranger.request(entry[0], **sent, params={"project": PROJECT})
        assert away.status_code == 404
    viewed = server.client.request(entry[0], **sent)
    assert viewed.status_code == (403 if role == "editor" else 200)
    for refused in (*unknown, away, *([viewed] if role == "editor" else [])):
        assert refused.headers["Content-Type"].startswith("application/problem+json")
        assert refused.json()["status"] == refused.status_code
    wanted = 404 if "nothing1" in rest else {"/api/v1/dashboards": 201}.get(entry[1], 200)
    assert editor.request(entry[0], **sent).status_code == (201 if entry[1].endswith("/charts") else wanted)


def test_a_dashboard_s_life(editor: httpx.Client, server: Running) -> None:
    made = editor.post("/api/v1/dashboards", json={"name": "Life", "time_range": RANGE, "charts": [CHART]})
    assert made.status_code == 201, made.text
    uid, chart = made.json()["uid"], made.json()["definition"]["charts"][0]["uid"]
    assert len(uid) == len(chart) == 8
    assert [row[1] for row in server.client.get(server.path(f"charts/{chart}.json")).json()["data"]] == [5.0, 5.0, 1.0]
    again = editor.post("/api/v1/dashboards", json={"uid": uid, "name": "Other"})
    assert (again.status_code, again.json()["title"]) == (409, "Conflict")
    added = editor.post(f"/api/v1/dashboards/{uid}/charts", json=CHART | {"name": "Second"}).json()
    changed = editor.put(f"/api/v1/charts/{chart}", json=CHART | {"name": "First"}).json()
    assert (changed["uid"], changed["definition"]["name"]) == (chart, "First")
    board = server.client.get(server.path(f"dashboards/{uid}.json")).json()
    assert [(each["id"], each["name"]) for each in board["charts"]] == [(chart, "First"), (added["uid"], "Second")]
    assert editor.delete(f"/api/v1/charts/{chart}").status_code == 204
    assert editor.delete(f"/api/v1/dashboards/{uid}").status_code == 204
    assert server.client.get(server.path(f"charts/{added['uid']}.json")).status_code == 404
    assert editor.get(f"/api/v1/dashboards/{uid}").status_code == 404


def test_a_chart_s_columns_have_ids_types_and_units(server: Running) -> None:
    found = server.client.get("/api/v1/charts/line0001").json()
    assert found["columns"][0] == {"id": "time", "name": "time", "role": "time", "type": "time", "unit": ""}
    assert found["columns"][2]["id"] == "duration"
    assert found["columns"][2]["name"] == "平均访问时长"


def test_a_broken_chart_says_so_and_only_to_who_may_mend_it(server: Running, editor: httpx.Client) -> None:
    assert "nonsense" in editor.get("/api/v1/charts/broken01").json()["problem"]
    assert server.client.get("/api/v1/charts/broken01").json()["problem"] == "the query failed"


def test_mistakes_are_told_with_their_fields(editor: httpx.Client) -> None:
    wrong = {"name": "X", "charts": [CHART | {"type": "pie chart"}, CHART | {"source": "nowhere"}], "timezone": "Mars"}
    answer = editor.post("/api/v1/dashboards", json=wrong)
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} >= {"timezone"}
    tried = editor.post("/api/v1/preview", json={"chart": CHART | {"source": "nowhere"}})
    assert tried.json()["errors"][0]["field"] == "chart.source"
    assert editor.post("/api/v1/preview", json={"char": 1}).status_code == 400
    assert editor.post("/api/v1/preview", content=b"{").status_code == 400


def test_a_preview_gives_rows_and_keeps_nothing(editor: httpx.Client) -> None:
    answer = editor.post("/api/v1/preview", json={"chart": CHART, "time_range": RANGE}).json()
    assert answer["total"] == 3
    assert [row[1] for row in answer["rows"]] == [5, 5, 1]
    assert [column["id"] for column in answer["columns"]] == ["city", "visits"]
    assert editor.post("/api/v1/preview", json={"chart": CHART | {"query": "SELECT 1 +"}}).status_code == 502


def test_sources_are_those_of_the_project(editor: httpx.Client) -> None:
    assert editor.get("/api/v1/sources").json() == [{"name": "visits", "type": "files", "dialect": "duckdb"}]
