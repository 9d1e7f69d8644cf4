"""From a definition and real data to an edition: what a chart's failure does, what is asked, what is chosen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pressroom import Cancellation, Cancelled, Context, Edition, Host, Report, StepError, Table, Window
from pressroom.models.dashboards import Dashboard
from pressroom.models.values import PluginUse
from pressroom.press.queries import previous_window
from pressroom.timerange import localize

MakeReport = Callable[..., Report]
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


def preview(host: Host, report: Report, folder: Path, **more: Any) -> Any:
    return host.press.preview("default", report, folder, planned_at=NOW, **more)


def change(host: Host, **charts: dict[str, Any]) -> None:
    """Change charts of the dashboard by uid; new ones are added."""
    boards = host.store.project("default").dashboards
    data = boards.get("sales").value.model_dump(mode="json")
    kept = [chart | charts.pop(chart["uid"], {}) for chart in data["charts"]]
    data["charts"] = kept + [{"uid": uid, **chart} for uid, chart in charts.items()]
    boards.save(Dashboard.model_validate(data), "test")


def panels(edition: Edition) -> dict[str, Any]:
    return {panel.uid: panel for section in edition.sections for panel in section.panels}


def test_an_edition_holds_rows_and_figures(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    made = preview(host, make_report(), tmp_path / "out")
    found = panels(made.edition)
    assert made.errors == ()
    assert found["table"].rows.dataset(tmp_path / "out").frame().rows() == [("Oslo", 25), ("城市", 17)]
    assert isinstance(found["table"].figure, Table)
    assert found["total"].figure.items[0].value == 42
    assert [choice.values for choice in made.edition.sections[0].choices] == [("城市", "Oslo")]
    assert made.edition.sections[0].choices[0].everything


def test_chosen_variables_reach_the_query(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    report = make_report(dashboards=[{"uid": "sales", "variables": {"city": "'); DROP TABLE sales; --", "cty": "x"}}])
    made = preview(host, report, tmp_path / "out")
    assert panels(made.edition)["table"].rows.spool.rows == 0
    assert made.warnings[0] == "dashboard sales has no variable 'cty'; it has: city"
    report = make_report(dashboards=[{"uid": "sales", "variables": {"city": ["Oslo"]}}])
    assert panels(preview(host, report, tmp_path / "b").edition)["table"].rows.spool.rows == 1


def test_a_failing_chart_is_a_panel_that_says_why(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    change(
        host,
        wrong={"name": "Wrong", "type": "table", "source": "shop", "query": "SELEC 1"},
        nosource={"name": "No source", "type": "table", "source": "shpo", "query": "SELECT 1"},
        notype={"name": "No type", "type": "tabel", "source": "shop", "query": "SELECT 1"},
        misfit={"name": "Misfit", "type": "bubble", "source": "shop", "query": "SELECT 1 AS a"},
        novariable={"name": "No variable", "type": "table", "source": "shop", "query": "SELECT $cty AS a"},
    )
    made = preview(host, make_report(), tmp_path / "out")
    errors = {uid: panel.error for uid, panel in panels(made.edition).items()}
    assert errors["table"] == errors["total"] == ""
    assert errors["wrong"].startswith("chart wrong (table): ")
    assert "SELEC" in errors["wrong"]
    assert "no source 'shpo'" in errors["nosource"]
    assert "did you mean 'table'?" in errors["notype"]
    assert "needs one dimension and 2 to 4 metrics; the query gives 0 and 1" in errors["misfit"]
    assert "city" in errors["novariable"]
    assert len(made.errors) == 5
    run = host.press.plan("default", make_report("a@example.org"), report_id=None, kind="adhoc", key="1")
    done = host.press.work(run.id)
    assert str(done.state) == "partly_failed"
    assert len(done.errors) == 5


def test_equal_queries_are_asked_once(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path, asked: list[str]
) -> None:
    same = {"type": "table", "source": "counted", "query": "same"}
    change(
        host,
        one={"name": "One", **same},
        two={"name": "Two", **same, "metrics": [{"name": "double", "expr": "total * 2"}]},
        three={"name": "Three", **same, "query": "other"},
    )
    made = preview(host, make_report(), tmp_path / "out")
    assert sorted(asked) == ["other", "same"]
    found = panels(made.edition)
    assert [column.name for column in found["two"].rows.columns] == ["city", "double"]
    assert found["one"].rows.dataset(tmp_path / "out").frame().height == 3


def test_a_cut_answer_says_so(host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path) -> None:
    limits = host.settings.limits.model_copy(update={"rows": 2})
    object.__setattr__(host.workspace.settings, "limits", limits)
    change(host, table={"query": "SELECT city, amount FROM sales"})
    found = panels(preview(host, make_report(), tmp_path / "out").edition)
    assert found["table"].rows.truncated
    assert found["table"].rows.spool.rows == 2
    assert not found["total"].rows.truncated


def test_a_variable_takes_its_values_from_a_query(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    boards = host.store.project("default").dashboards
    data = boards.get("sales").value.model_dump(mode="json")
    data["variables"][0] |= {"values": {"source": "shop", "query": "SELECT DISTINCT city FROM sales ORDER BY 1"}}
    boards.save(Dashboard.model_validate(data), "test")
    made = preview(host, make_report(), tmp_path / "out")
    assert made.edition.sections[0].choices[0].values == ("Oslo", "城市")
    data["variables"][0]["values"]["query"] = "SELECT nothing FROM sales"
    boards.save(Dashboard.model_validate(data), "test")
    broken = preview(host, make_report(), tmp_path / "b")
    assert all("variable city" in panel.error for panel in panels(broken.edition).values())


def test_a_gone_dashboard_and_an_empty_range_fail_the_report(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    with pytest.raises(StepError, match="no dashboard 'sale'"):
        preview(host, make_report(dashboards=[{"uid": "sale"}]), tmp_path / "out")
    backwards = [{"uid": "sales", "time_range": {"from": "2026-02-01", "to": "2026-01-01"}}]
    with pytest.raises(StepError, match="time_range"):
        preview(host, make_report(dashboards=backwards), tmp_path / "out")


def test_a_format_that_cannot_be_made_leaves_the_others(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    wrong = [PluginUse(name="csv", options={"encoding": "utf-99"}), PluginUse(name="csv")]
    made = preview(host, make_report(), tmp_path / "out", formats=wrong)
    assert [document.name for document in made.documents] == ["Weekly sales - By city.csv"]
    assert "utf-99" in made.errors[0] or "encoding" in made.errors[0]


def test_cancelling_stops_a_never_ending_query(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    change(host, table={"query": "SELECT count(*) AS n FROM range(100000000000) a, range(1000) b"})
    cancellation = Cancellation()
    started = threading.Timer(0.5, cancellation.set)
    started.start()
    with pytest.raises(Cancelled):
        preview(host, make_report(), tmp_path / "out", context=Context(tmp_path, cancellation=cancellation))


def test_progress_goes_up_to_the_end(host: Host, dashboard: Dashboard, make_report: MakeReport) -> None:
    told: list[float] = []
    run = host.press.plan("default", make_report("a@example.org"), report_id=None, kind="adhoc", key="1")
    host.press.work(run.id, progress=lambda note, share: told.append(share))
    assert told == sorted(told)
    assert 0.5 < told[-1] <= 1.0


def test_a_name_may_tell_the_range_as_its_page_prints_it(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    january = [{"uid": "sales", "time_range": {"from": "2026-01-01", "to": "2026-02-01"}}]
    report = make_report(dashboards=january, filename="{{ report.uid }}, {{ range.text }}", locale="zh")
    assert preview(host, report, tmp_path).edition.filename == "weekly, 2026年1月1日 – 2026年1月31日"


def test_the_period_before_counts_local_days_over_a_change_of_clocks() -> None:
    zone = "America/New_York"
    start, end = (localize(datetime(2024, 3, day), zone) for day in (8, 16))  # noqa: DTZ001 - wall-clock times
    before = previous_window(Window.single(start, end, zone))
    assert (before.start, before.end) == tuple(
        localize(datetime(2024, month, day), zone)  # noqa: DTZ001 - wall-clock times
        for month, day in ((2, 23), (3, 2))
    )
