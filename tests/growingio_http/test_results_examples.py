"""Each example of the API's page and each sentence of the contract, over a socket."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from typing import Any

import httpx
import polars as pl
import pytest

from pressroom import Segment
from servers.results_server import PROJECT, Running
from workspaces.visits import DAY, MAY_2

HOUR = 3_600_000


def chart(server: Running, uid: str, version: str = "", **query: Any) -> Any:
    answer = server.client.get(version + server.path(f"charts/{uid}.json"), params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_dashboard_and_its_charts(server: Running) -> None:
    found = server.client.get(server.path("dashboards/YoX28w7R.json")).json()
    assert list(found) == ["id", "name", "charts"]
    assert list(found["charts"][0]) == ["id", "name", "createor", "createdAt"]
    assert found["charts"][0]["createor"] == "pressroom"
    assert datetime.fromisoformat(found["charts"][0]["createdAt"]).tzinfo


def test_the_list_of_dashboards(server: Running) -> None:
    found = server.client.get(server.path("dashboards.json")).json()
    assert [board["id"] for board in found] == ["good0001", "empty001", "YoX28w7R", "more0001"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", board[key]) for board in found for key in ("createdAt", "updatedAt"))
    assert list(found[0]) == ["id", "name", "type", "createdAt", "updatedAt", "scope", "updater", "creator"]


def test_a_chart_has_the_documented_envelope(server: Running) -> None:
    found = chart(server, "line0001", startTime=MAY_2, endTime=MAY_2 + DAY, interval=DAY)
    assert list(found) == ["id", "name", "startTime", "endTime", "interval", "meta", "data"]
    assert (found["startTime"], found["endTime"], found["interval"]) == (MAY_2, MAY_2 + DAY, DAY)
    assert found["meta"][0] == {"name": "时间", "dimension": True}
    assert found["meta"][1] == {"name": "访问量", "metric": True}
    assert found["data"] == [[MAY_2, 8.0, 13.75, 27.5], [MAY_2 + DAY, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize("uid", ["line0001", "series01", "bar00001", "table001", "number01", "table002"])
@pytest.mark.parametrize("version", ["", "/v2"])
def test_every_row_has_what_meta_says(server: Running, uid: str, version: str) -> None:
    found = chart(server, uid, version)
    assert found["data"]
    for column in found["meta"]:
        assert {key: column[key] for key in ("dimension", "metric") if key in column} in (
            {"dimension": True},
            {"metric": True},
        )
    for row in found["data"]:
        assert len(row) == len(found["meta"])
        for value, column in zip(row, found["meta"], strict=True):
            wanted = float if "metric" in column else int if column["name"] == "时间" else str
            assert type(value) is wanted


def test_metrics_are_floats_on_the_wire(server: Running) -> None:
    assert b'"data":[[11.0]]' in server.client.get(server.path("charts/number01.json")).content


def test_missing_values_have_their_words(server: Running) -> None:
    rows = chart(server, "series01")["data"]
    assert {row[1] for row in rows} == {"北京", "上海", "不适用"}
    assert [row[0] for row in rows] == sorted(MAY_2 + day * DAY for day in range(4) for _ in range(3))


def test_start_alone_and_end_alone_are_refused(server: Running) -> None:
    for name, other in (("startTime", "endTime"), ("endTime", "startTime")):
        answer = server.client.get(server.path("charts/line0001.json"), params={name: MAY_2})
        assert answer.status_code == 400
        assert f"{name} without {other}" in answer.json()["message"]


def test_by_the_hour_ratios_are_0_and_a_header_says_so(server: Running) -> None:
    answer = server.client.get(
        server.path("charts/line0001.json"), params={"startTime": MAY_2, "endTime": MAY_2 + DAY - 1, "interval": HOUR}
    )
    rows = answer.json()["data"]
    assert len(rows) == 24
    assert rows[11] == [MAY_2 + 11 * HOUR, 5.0, 0.0, 0.0]
    assert "Twice" in answer.headers["X-Warnings"]
    answer.headers["X-Warnings"].encode("ascii")
    assert "X-Warnings" not in server.client.get(server.path("charts/line0001.json")).headers


def test_the_second_path_has_the_audience_first_and_knows_no_hour_rule(server: Running) -> None:
    found = chart(server, "line0001", "/v2", startTime=MAY_2, endTime=MAY_2 + DAY - 1, interval=HOUR)
    assert found["meta"][0] == {"name": "目标用户", "dimension": True}
    assert found["data"][11] == ["全部访问用户", MAY_2 + 11 * HOUR, 5.0, 10.0, 20.0]
    assert "aggregator" not in found


@pytest.mark.parametrize(
    ("days", "weeks"),
    [(1, 1), (6, 1), (7, 1), (8, 2), (14, 2), (15, 3)],
)
def test_a_number_has_the_period_before_beside_it(server: Running, days: int, weeks: int) -> None:
    start = MAY_2 + weeks * 7 * DAY
    found = chart(server, "number01", "/v2", startTime=start, endTime=start + days * DAY - 1)
    before = chart(server, "number01", startTime=MAY_2, endTime=MAY_2 + days * DAY - 1)["data"][0][0]
    assert found["aggregator"] == {"values": [found["data"][0][1], before]}
    assert before == (8.0 if days < 3 else 11.0)


def test_a_chart_about_a_segment_names_it(server: Running) -> None:
    found = chart(server, "gold0001", "/v2")
    assert found["data"] == [["Gold", 11.0]]


def test_a_total_of_a_ratio_is_the_ratio_of_the_sums(server: Running) -> None:
    assert chart(server, "ratio001")["data"] == [[210 / 11]]


def test_points_in_time_are_put_into_their_buckets_and_never_added_up(server: Running) -> None:
    get, path = server.client.get, server.path("charts/points01.json")
    answer = get(path, params={"startTime": MAY_2, "endTime": MAY_2 + DAY - 1, "interval": HOUR})
    rows = answer.json()["data"]
    assert [row for row in rows if row[1]] == [[MAY_2, 3.0], [MAY_2 + 11 * HOUR, 5.0]]
    assert [row[0] for row in rows] == [MAY_2 + hour * HOUR for hour in range(24)]
    assert json.loads(answer.headers["X-Warnings"]) == [
        "2 rows of the query lie in none of the buckets, and are left out"
    ]
    refused = get(path)
    assert refused.status_code == 400
    assert (
        "several rows for the bucket 2016-05-02T00:00:00+08:00, which are never added up" in refused.json()["message"]
    )


def test_segments_and_their_users(server: Running) -> None:
    (found,) = server.client.get(server.path("segmentations.json")).json()
    assert list(found) == ["id", "name", "userType", "userNum", "updatedAt"]
    assert (found["userType"], found["userNum"]) == ("cs1", 2)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["updatedAt"])
    answer = server.client.get(server.path("segmentations/s1aB2c3D/users.csv"))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.content == b'cs1\tname\n12249\tGrowingIO\n+48123\t"Tab\tand ""quotes"""\n'


def test_a_segment_that_cannot_be_counted_is_told_beside_its_0(server: Running) -> None:
    segments = server.host.repositories.project(PROJECT).segments
    segments.save(
        Segment(uid="broken02", name="Broken", source="visits", query="SELECT nonsense FROM users"), by="test"
    )
    try:
        answer = server.client.get(server.path("segmentations.json"))
    finally:
        segments.delete("broken02")
    assert {each["id"]: each["userNum"] for each in answer.json()} == {"broken02": 0, "s1aB2c3D": 2}
    (said,) = json.loads(answer.headers["X-Warnings"])
    assert said == "the users of the segment broken02 cannot be counted; 0 stands in place of their number"
    assert "X-Warnings" not in server.client.get(server.path("segmentations.json")).headers


def test_rules_have_tabs_between_fields(server: Running) -> None:
    text = server.client.get(server.path("rules.csv")).content
    assert text == "ruleId\teventName\teventType\nf2503720\t元素_注册按钮\tclck\n".encode()


def test_unknown_parameters_and_content_types_are_ignored(server: Running) -> None:
    answer = server.client.get(
        server.path("charts/number01.json?foo=1&startTimes=x"), headers={"Content-Type": "text/plain,text/plain"}
    )
    assert answer.json()["data"] == [[11.0]]


def test_gzip_where_it_is_asked_for(server: Running) -> None:
    path = server.path("charts/line0001.json")
    query = {"startTime": MAY_2, "endTime": MAY_2 + 90 * DAY}
    plain = server.client.get(path, params=query, headers={"Accept-Encoding": "identity"})
    packed = server.client.get(path, params=query, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.json() == packed.json()


def test_other_forms_say_the_same(server: Running) -> None:
    rows = chart(server, "series01")["data"]
    get = server.client.get
    lines = get(server.path("charts/series01.ndjson")).text.splitlines()
    assert [httpx.Response(200, text=line).json() for line in lines] == rows
    table = list(csv.reader(io.StringIO(get(server.path("charts/series01.csv")).text)))
    assert table[0] == ["时间", "城市", "visits"]
    assert table[1] == ["2016-05-02T00:00:00+08:00", rows[0][1], "3.0"]
    assert len(table) == len(rows) + 1
    sheet = pl.read_excel(io.BytesIO(get(server.path("charts/series01.xlsx")).content))
    assert sheet["visits"].to_list() == [row[2] for row in rows]


def test_a_workbook_has_a_limit_and_says_how_to_get_the_rest(server: Running) -> None:
    answer = server.client.get(server.path("charts/large001.xlsx"))
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "600000 rows of 2 columns are too many for a workbook, which has at most 200000 cells; "
        "ask for .csv, or for 100000 rows at a time with limit and cursor"
    )
    page = server.client.get(server.path("charts/large001.xlsx?limit=50"))
    assert pl.read_excel(io.BytesIO(page.content)).height == 50
    assert page.headers["X-Next-Cursor"].startswith("50-")


def test_pages_put_together_are_the_whole(server: Running) -> None:
    path, whole = server.path("charts/series01.json"), chart(server, "series01")["data"]
    rows, cursor = [], None
    while True:
        query = {"limit": 5} | ({"cursor": cursor} if cursor else {})
        answer = server.client.get(path, params=query)
        assert answer.headers["X-Total-Count"] == str(len(whole))
        rows += answer.json()["data"]
        cursor = answer.headers.get("X-Next-Cursor")
        if cursor is None:
            break
    assert rows == whole


def test_a_cursor_of_other_rows_is_refused(server: Running) -> None:
    answer = server.client.get(server.path("charts/series01.json?limit=5&cursor=5-00000000"))
    assert answer.status_code == 400
    assert "changed" in answer.json()["message"]


@pytest.mark.parametrize("rest", ["charts/line0001.json", "charts/line0001.csv", "segmentations/s1aB2c3D/users.csv"])
def test_what_a_client_has_is_not_sent_again(server: Running, rest: str) -> None:
    first = server.client.get(server.path(rest))
    assert "private" in first.headers["Cache-Control"]
    assert first.headers["Last-Modified"].endswith("GMT")
    for condition in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-None-Match": f'"other", {first.headers["ETag"]}'},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = server.client.get(server.path(rest), headers=condition)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    other = server.client.get(server.path(rest), headers={"If-None-Match": '"other"'})
    assert other.content == first.content


def test_a_project_may_say_commas(server: Running) -> None:
    projects = server.host.repositories.projects
    tabs = projects.get("nxog09md").value
    projects.save(tabs.model_copy(update={"csv_separator": "comma"}), by="test")
    try:
        text = server.client.get(server.path("rules.csv")).text
    finally:
        projects.save(tabs, by="test")
    assert text.splitlines()[0] == "ruleId,eventName,eventType"
