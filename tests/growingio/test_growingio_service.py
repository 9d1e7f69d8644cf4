"""The computed-results API's answers, from the contract's sentences, over real files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pressroom import AccessDenied, Host, NotFound, Principal, QueryError, UsageError
from pressroom.definitions import HostCatalogue, apply, check, load_text
from pressroom_builtin.growingio.buckets import Asked
from pressroom_builtin.growingio.service import Results
from pressroom_builtin.growingio.text import rules_text, users_text
from workspaces.visits import DAY, DEFINITIONS, MAY_2, make_workspace

PROJECT = "nxog09md"
ME = Principal.local_admin()
HOUR = 3_600_000
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with Host.open(make_workspace(tmp_path_factory.mktemp("results") / "w")) as host:
        host.store.upgrade()
        apply(check(load_text(DEFINITIONS), HostCatalogue(host)), host.store, by="pressroom")
        yield host


@pytest.fixture(scope="module")
def api(host: Host) -> Results:
    return Results(host, now=lambda: datetime(2026, 11, 21, 20, tzinfo=UTC))


def data(api: Results, uid: str, start: int | None = None, end: int | None = None, interval: int = DAY) -> Any:
    with api.chart(ME, PROJECT, uid, Asked(start, end, interval)) as answer:
        return msgspec.json.decode(msgspec.json.encode(answer.whole()))


def test_a_dashboard_lists_its_charts_in_the_seed_s_shape(api: Results) -> None:
    found = msgspec.to_builtins(api.dashboard(ME, PROJECT, "YoX28w7R"))
    assert found.keys() == {"id", "name", "charts"}
    assert found["name"] == "访问"
    chart = found["charts"][0]
    assert chart.keys() == {"id", "name", "createor", "createdAt"}
    assert chart["createor"] == "pressroom"
    assert datetime.fromisoformat(chart["createdAt"]).tzinfo is not None


def test_the_list_of_dashboards_has_days_and_the_newest_first(api: Results) -> None:
    found = msgspec.to_builtins(api.dashboards(ME, PROJECT).items)
    assert [item["id"] for item in found] == ["good0001", "empty001", "YoX28w7R"]
    assert found[0].keys() == {"id", "name", "type", "createdAt", "updatedAt", "scope", "updater", "creator"}
    assert len(found[0]["createdAt"]) == 10


def test_a_line_has_every_bucket_and_no_null(api: Results) -> None:
    found = data(api, "line0001")
    assert found["meta"] == [
        {"name": "时间", "dimension": True},
        {"name": "访问量", "metric": True},
        {"name": "平均访问时长", "metric": True},
        {"name": "Twice", "metric": True},
    ]
    assert found["data"] == [
        [MAY_2, 8.0, 13.75, 27.5],
        [MAY_2 + DAY, 0.0, 0.0, 0.0],
        [MAY_2 + 2 * DAY, 3.0, 100 / 3, 200 / 3],
        [MAY_2 + 3 * DAY, 0.0, 0.0, 0.0],
    ]
    assert (found["startTime"], found["endTime"], found["interval"]) == (MAY_2, MAY_2 + 4 * DAY - 1, DAY)
    assert all(isinstance(row[0], int) and isinstance(row[1], float) for row in found["data"])


def test_the_same_range_asked_for_gives_the_same_rows(api: Results) -> None:
    own = data(api, "line0001")
    assert data(api, "line0001", own["startTime"], own["endTime"])["data"] == own["data"]


def test_start_and_end_alike_give_that_whole_day(api: Results) -> None:
    found = data(api, "line0001", MAY_2, MAY_2)
    assert found["data"] == [[MAY_2, 8.0, 13.75, 27.5]]
    assert (found["startTime"], found["endTime"]) == (MAY_2, MAY_2)


def test_the_first_bucket_is_the_one_that_holds_the_start(api: Results) -> None:
    assert [row[0] for row in data(api, "line0001", MAY_2 + HOUR, MAY_2 + DAY)["data"]] == [MAY_2, MAY_2 + DAY]


def test_by_the_hour_ratios_of_whole_days_are_0_and_other_columns_as_usual(api: Results) -> None:
    found = data(api, "line0001", MAY_2, MAY_2 + DAY - 1, HOUR)["data"]
    assert len(found) == 24
    assert found[0] == [MAY_2, 3.0, 0.0, 0.0]
    assert found[11] == [MAY_2 + 11 * HOUR, 5.0, 0.0, 0.0]
    assert sum(row[1] for row in found) == 8.0


@pytest.mark.parametrize(
    ("interval", "starts"),
    [
        (7 * DAY, [MAY_2]),
        (30 * DAY, [MAY_2 - DAY]),
        (2 * DAY, [MAY_2, MAY_2 + 2 * DAY]),
        (100 * DAY, [MAY_2]),
    ],
)
def test_weeks_months_and_other_intervals(api: Results, interval: int, starts: list[int]) -> None:
    found = data(api, "line0001", MAY_2, MAY_2 + 3 * DAY, interval)
    assert [row[0] for row in found["data"]] == starts
    assert sum(row[1] for row in found["data"]) == 11.0
    assert found["interval"] == interval


def test_every_series_has_every_bucket_and_a_missing_value_has_its_word(api: Results) -> None:
    rows = data(api, "series01")["data"]
    assert len(rows) == 4 * 3
    assert {row[1] for row in rows} == {"北京", "上海", "不适用"}
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert sum(row[2] for row in rows) == 11.0
    assert [MAY_2 + 2 * DAY, "不适用", 1.0] in rows


def test_bars_tables_and_numbers_have_the_seed_s_rows(api: Results) -> None:
    bars = data(api, "bar00001")["data"]
    assert [row[1] for row in bars] == [5.0, 5.0, 1.0]
    assert {row[0] for row in bars[:2]} == {"北京", "上海"}
    assert bars[2][0] == "不适用"
    table = data(api, "table001")
    assert [column["name"] for column in table["meta"]] == ["城市", "浏览器", "visits"]
    assert table["data"][0] == ["上海", "Firefox", 5.0]
    assert ["不适用", "Chrome", 1.0] in table["data"]
    assert data(api, "number01")["data"] == [[11.0]]
    assert data(api, "number01", MAY_2, MAY_2)["data"] == [[8.0]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(start=1), "startTime without endTime"),
        (Asked(end=1), "endTime without startTime"),
        (Asked(interval=0), "interval is 0"),
        (Asked(MAY_2, MAY_2 - 1), "before startTime"),
        (Asked(-(10**18), MAY_2), "startTime"),
        (Asked(MAY_2, 10**30), "endTime"),
        (Asked(0, MAY_2, 1), "100000 buckets"),
        (Asked(0, MAY_2, HOUR), "100000 buckets"),
    ],
)
def test_absurd_ranges_are_refused_by_name(api: Results, asked: Asked, said: str) -> None:
    with pytest.raises(UsageError, match=said), api.chart(ME, PROJECT, "line0001", asked):
        pass


def test_what_is_not_there_or_broken_says_so(api: Results) -> None:
    with pytest.raises(NotFound, match="did you mean 'line0001'"):
        data(api, "line0002")
    with pytest.raises(NotFound):
        api.dashboard(ME, PROJECT, "nothing")
    with pytest.raises(QueryError, match="nonsense"):
        data(api, "broken01")


def test_segments_are_counted_and_their_users_streamed(api: Results) -> None:
    assert msgspec.to_builtins(api.segments(ME, PROJECT).items) == [
        {"id": "s1aB2c3D", "name": "Gold", "userType": "cs1", "userNum": 2, "updatedAt": TODAY}
    ]
    with api.users(ME, PROJECT, "s1aB2c3D") as users:
        text = b"".join(users_text(users.frames)).decode()
    assert text == 'cs1\tname\n12249\tGrowingIO\n+48123\t"Tab\tand ""quotes"""\n'


def test_rules_are_separated_by_tabs(api: Results) -> None:
    assert rules_text(api.rules(ME, PROJECT)).decode() == (
        "ruleId\teventName\teventType\nf2503720\t元素_注册按钮\tclck\n"
    )


def test_nobody_sees_another_project_or_does_without_permission(api: Results, tmp_path: Path) -> None:
    stranger = Principal.with_role("ann", "viewer", project="default")
    with pytest.raises(NotFound, match="no project 'nxog09md'"):
        api.dashboards(stranger, PROJECT)
    nobody = Principal("nobody", frozenset())
    with pytest.raises(AccessDenied, match="segments:read"):
        api.segments(nobody, PROJECT)
    with pytest.raises(AccessDenied), api.chart(nobody, PROJECT, "line0001", Asked()):
        pass
