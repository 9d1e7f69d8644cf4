"""Applying definitions: what is created, updated, left alone, and that a plan writes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pressroom.definitions import Catalogue, Checked, Inventory, apply, check, load_text, plan
from pressroom.errors import Conflict
from pressroom.models.dashboards import Chart, Dashboard
from pressroom.store import Store

TEXT = """
project: {uid: p, name: Demo, timezone: Asia/Shanghai}
dashboards:
  - uid: 2013
    name: Flights
    variables: [{name: v, values: [007, no, 1e3, true, ~], default: 007}]
    charts:
      - {uid: 1e3, type: line, source: flights, query: SELECT 1, segment: 0x1F}
      - {uid: b, name: B, type: table, source: flights, query: SELECT 2, grid: {x: 12}}
segments:
  - {uid: 0x1F, name: Gold, source: flights, query: SELECT 3}
rules:
  - {id: 0012, name: Click, type: clck}
reports:
  - uid: weekly
    name: Weekly
    dashboards: [{uid: 2013, variables: {v: no}}]
    schedule: {frequency: weekly, start: 2026-11-23T09:00:00+01:00, timezone: Europe/Warsaw, day_of_month: 0o7}
    deliveries: [{channel: email, to: [ann@example.org]}]
"""
Check = Callable[[str], Checked]


def test_a_new_project_is_made_with_all_that_the_file_says(store: Store, checked: Check) -> None:
    done = apply(checked(TEXT), store, "ann")
    assert [(change.kind, change.uid, change.name, change.action) for change in done.changes] == [
        ("project", "p", "Demo", "created"),
        ("dashboard", "2013", "Flights", "created"),
        ("segment", "0x1F", "Gold", "created"),
        ("rule", "0012", "Click", "created"),
        ("report", "weekly", "Weekly", "created"),
    ]
    mine = store.project("p")
    board = mine.dashboards.get("2013").value
    assert board.variables[0].values == ["007", "no", "1e3", "true", "~"]
    assert board.variables[0].default == ["007"]
    assert [(chart.uid, chart.segment) for chart in board.charts] == [("1e3", "0x1F"), ("b", "")]
    report = mine.reports.get("weekly").value
    assert (report.dashboards[0].uid, report.dashboards[0].variables) == ("2013", {"v": ["no"]})
    assert report.schedule.day_of_month == "7"
    assert store.projects.get("p").value.timezone == "Asia/Shanghai"


def test_applying_the_same_again_writes_nothing(store: Store, checked: Check) -> None:
    apply(checked(TEXT), store, "ann")
    before = (
        store.project("p").dashboards.get("2013"),
        store.project("p").reports.get("weekly"),
        store.projects.get("p"),
    )
    done = apply(checked(TEXT + "    scale: 1.0\n    theme: ''\n"), store, "bob")
    assert [change.action for change in done.changes] == ["unchanged"] * 5
    after = store.project("p").dashboards.get("2013"), store.project("p").reports.get("weekly"), store.projects.get("p")
    assert after == before


def test_a_plan_says_what_changes_and_writes_nothing(store: Store, checked: Check) -> None:
    assert plan(checked(TEXT), store).count("created") == 5
    assert store.projects.find("p") is None
    apply(checked(TEXT), store, "ann")
    changed = TEXT.replace("SELECT 2,", "SELECT 5, interval: 1d,").replace("name: Flights", "name: All flights")
    said = plan(checked(changed), store)
    assert [(change.uid, change.fields) for change in said.changes if change.action == "updated"] == [
        ("2013", ("name", "charts[b].query", "charts[b].interval"))
    ]
    assert said.diff == (
        "--- dashboard 2013 (stored)\n+++ dashboard 2013 (file)\n"
        "@@ -1,4 +1,4 @@\n uid: '2013'\n-name: Flights\n+name: All flights\n"
        " variables: [{name: v, values: ['007', no, '1e3', 'true', '~'], default: ['007']}]\n"
        " charts: ['1e3', b]\n"
        "--- chart b of dashboard 2013 (stored)\n+++ chart b of dashboard 2013 (file)\n"
        "@@ -2,5 +2,6 @@\n name: B\n type: table\n source: flights\n-query: SELECT 2\n+query: SELECT 5\n+interval: 1d\n"
        " grid: {x: 12}\n"
    )
    assert store.project("p").dashboards.get("2013").value.name == "Flights"


def test_what_the_file_does_not_name_is_left_alone(store: Store, checked: Check) -> None:
    apply(checked(TEXT), store, "ann")
    apply(checked("project: {uid: p, contact: ops@example.org}\nrules: [{id: n, name: N, type: page}]"), store, "ann")
    project = store.projects.get("p").value
    assert (project.name, project.timezone, project.contact) == ("Demo", "Asia/Shanghai", "ops@example.org")
    assert [rule.uid for rule in store.project("p").rules.list()] == ["0012", "n"]
    done = apply(checked("project: {uid: p}\nrules: [{id: n, name: N, type: page}]"), store, "ann")
    assert [(change.kind, change.action) for change in done.changes] == [("rule", "unchanged")]


def test_a_file_without_a_project_is_for_the_default_one(store: Store, checked: Check) -> None:
    done = apply(checked("rules: [{id: n, name: N, type: page}]"), store, "ann")
    assert [(change.project, change.kind) for change in done.changes] == [("default", "rule")]
    assert store.project("default").rules.get("n").value.name == "N"


def test_documents_of_a_file_share_the_project_named_before(checked: Check) -> None:
    text = "rules: [{id: a, name: A, type: page}]\n---\nproject: {uid: p}\n---\nrules: [{id: a, name: A, type: page}]\n"
    assert [(item.project, item.uid) for item in checked(text).items] == [("default", "a"), ("p", "a")]


def test_a_chart_may_move_to_another_dashboard(store: Store, checked: Check) -> None:
    text = "dashboards:\n  - {uid: a, name: A, charts: [%s]}\n  - {uid: b, name: B, charts: [%s]}\n"
    chart = "{uid: c, type: line}"
    apply(checked(text % ("", chart)), store, "ann")
    done = apply(checked(text % (chart, "")), store, "ann")
    assert [(change.uid, change.fields) for change in done.changes] == [("a", ("charts[c]",)), ("b", ("charts[c]",))]
    assert store.project("default").dashboards.of_chart("c").uid == "a"


def test_it_is_all_or_nothing(store: Store, checked: Check) -> None:
    prepared = checked(TEXT)
    apply(checked("project: {uid: p}"), store, "ann")
    # somebody takes the chart's uid between the check and the apply
    taken = Dashboard(uid="other", name="O", charts=[Chart(uid="b", type="line")])
    store.project("p").dashboards.save(taken, "eve")
    with pytest.raises(Conflict):
        apply(prepared, store, "ann")
    mine = store.project("p")
    assert [board.uid for board in mine.dashboards.list()] == ["other"]
    assert not mine.segments.list()
    assert not mine.rules.list()
    assert store.projects.get("p").value.name == ""


def test_anchors_may_be_shared(checked: Check) -> None:
    text = (
        "dashboards:\n  - uid: a\n    name: A\n    variables: &shared\n      - {name: v, values: [1, 2]}\n"
        "  - {uid: b, name: B, variables: *shared}\n"
    )
    assert [item.value.variables[0].values for item in checked(text).items] == [["1", "2"], ["1", "2"]]


def test_yaml_1_2_decides_what_is_text(checked: Check) -> None:
    text = "dashboards:\n  - uid: d\n    name: %s\n    charts: [{uid: c, type: line, name: 12:30, grid: {y: %s}}]\n"
    for name in ("no", "on", "yes", "2026-11-21", "1_000", "0b1", "12:30:45", "2026-11-21T09:00:00Z", "<<"):
        assert checked(text % (name, "0")).items[0].value.name == name
    for number, value in (("012", 12), ("0o14", 12), ("0xC", 12), ("+12", 12), ("12.0", 12)):
        assert checked(text % ("D", number)).items[0].value.charts[0].grid.y == value


@pytest.mark.parametrize("count", [3000])
def test_a_large_file_is_checked_and_planned(
    count: int, store: Store, make_catalogue: Callable[[Inventory], Catalogue]
) -> None:
    charts = "".join(
        f"      - uid: c{index}\n        type: line\n        source: flights\n        query: |\n"
        f"          SELECT {index}\n          FROM flights\n        grid: {{y: {8 * index}}}\n"
        for index in range(count)
    )
    text = "dashboards:\n  - uid: d\n    name: D\n    charts:\n" + charts
    checked = check(load_text(text, "a.yaml"), make_catalogue(Inventory()))
    assert len(plan(checked, store).changes[0].after.model_dump()["charts"]) == count
