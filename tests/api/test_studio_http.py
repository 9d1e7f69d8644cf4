"""`/api/v1` over a socket: dashboards and charts made, changed, tried and removed."""

from __future__ import annotations

import httpx

from servers.results_server import Running

QUERY = "SELECT city, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1"
CHART = {"name": "Cities", "type": "horizontal-bar", "source": "visits", "query": QUERY}
RANGE = {"from": "2016-05-02", "to": "2016-05-06"}


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


def test_a_change_of_what_was_changed_meanwhile_is_refused(editor: httpx.Client) -> None:
    made = editor.post("/api/v1/dashboards", json={"name": "Seen", "charts": [CHART]})
    path, chart = f"/api/v1/dashboards/{made.json()['uid']}", made.json()["definition"]["charts"][0]["uid"]
    seen = made.headers["ETag"]
    assert editor.get(path).headers["ETag"] == seen
    changed = editor.put(path, json={"name": "Once", "charts": [CHART | {"uid": chart}]}, headers={"If-Match": seen})
    assert changed.status_code == 200
    assert changed.headers["ETag"] not in ("", seen)
    for method in ("put", "delete"):
        body = {"json": {"name": "Twice"}} if method == "put" else {}
        assert editor.request(method, path, headers={"If-Match": seen}, **body).status_code == 412
    there = editor.get(f"/api/v1/charts/{chart}").headers["ETag"]
    replaced = editor.put(f"/api/v1/charts/{chart}", json=CHART | {"name": "New"}, headers={"If-Match": there})
    assert replaced.headers["ETag"] == editor.get(f"/api/v1/charts/{chart}").headers["ETag"] != there
    assert editor.delete(f"/api/v1/charts/{chart}", headers={"If-Match": there}).status_code == 412
    assert editor.delete(path, headers={"If-Match": "*"}).status_code == 204
