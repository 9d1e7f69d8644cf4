"""A condition over a chart's numbers decides whether a report goes out, and the ledger says why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressroom import Chart, Host, Job, Report, Run, StepError
from pressroom.models.runs import RunState
from pressroom.press import metrics
from pressroom.press.judging import unmet

pytestmark = pytest.mark.usefixtures("dashboard")
MakeReport = Callable[..., Report]


def send(host: Host, report: Report, key: str = "1") -> Run:
    run = host.press.plan("default", report, report_id=None, kind="adhoc", key=key)
    return host.press.work(run.id)


def change(host: Host, *charts: dict[str, Any]) -> None:
    """Other charts for the dashboard."""
    board = host.store.project("default").dashboards.get("sales").value
    found = [Chart.model_validate({"type": "table", "source": "shop", **chart}) for chart in charts]
    host.store.project("default").dashboards.save(board.model_copy(update={"charts": found}), "test")


def test_a_condition_that_is_not_met_sends_nothing_and_says_the_numbers(
    host: Host, make_report: MakeReport, script: Any
) -> None:
    figures = metrics.registry(host)
    metrics.text(figures)
    run = send(host, make_report("a@e.org", "b@e.org", condition="charts.total.amount > 42.5 or rows > 3"))
    told = metrics.text(figures).decode()
    assert 'pressroom_runs_finished_total{kind="adhoc",state="skipped"} 1.0' in told
    assert 'pressroom_deliveries_finished_total{channel="script",state="skipped"} 2.0' in told
    assert (run.state, script.tries, run.documents) == (RunState.skipped, [], ())
    assert {(str(each.state), each.answer) for each in run.deliveries} == {("skipped", run.warnings[0])}
    assert run.warnings == (
        "not sent: the condition charts.total.amount > 42.5 or rows > 3 is not met "
        "(charts.total.amount is 42, rows is 3)",
    )


def test_what_values_mean(host: Host, make_report: MakeReport, tmp_path: Path) -> None:
    edition = host.press.preview("default", make_report("a@e.org"), tmp_path / "made").edition
    numbers = {
        "rows > 3": "rows is 3",
        "charts.total.rows != 1": "charts.total.rows is 1",
        "charts.table.amount > 25": "charts.table.amount is 17",
        "sum(charts.table.amount) / 4 > 11 or rows == 0": "sum(charts.table.amount) is 42, rows is 3",
        "not max(charts.table.amount) > 17.25": "max(charts.table.amount) is 25",
        "min(charts.table.amount) > 17": "min(charts.table.amount) is 17",
        "mean(charts.table.amount) / 8 < 1": "mean(charts.table.amount) is 21",
        "first(charts.table.amount) < 25": "first(charts.table.amount) is 25",
    }
    told = {condition: unmet(condition, edition, tmp_path / "made") for condition in numbers}
    assert told == {
        condition: f"not sent: the condition {condition} is not met ({said})" for condition, said in numbers.items()
    }
    for met in ("rows > 2", "charts.total.amount >= 42 and charts.table.rows == 2", "not charts.total.amount < 42", ""):
        assert unmet(met, edition, tmp_path / "made") == ""
    wrong = {
        "charts.gone.rows > 0": "charts.gone.rows: the report has no chart 'gone'; there are: table, total",
        "charts.total.sum > 0": "charts.total.sum: the chart has no column of numbers 'sum'; there are: amount",
        "charts.table.city > 0": "charts.table.city: the chart has no column of numbers 'city'; there are: amount",
    }
    for condition, said in wrong.items():
        with pytest.raises(StepError) as caught:
            unmet(condition, edition, tmp_path / "made")
        assert (caught.value.message, caught.value.transient) == (f"condition: {said}", False)


def test_no_value_is_not_met_unless_the_condition_says_what_to_take(
    host: Host, make_report: MakeReport, script: Any
) -> None:
    change(host, {"uid": "none", "query": "SELECT city, amount FROM sales WHERE city = 'Riga'"})
    run = send(host, make_report("a@e.org", condition="charts.none.amount < 10"))
    assert run.warnings == (
        "not sent: the condition charts.none.amount < 10 is not met (charts.none.amount is without a value)",
    )
    assert send(host, make_report("a@e.org", condition="sum(charts.none.amount) != 1"), "2").state is RunState.skipped
    assert (
        send(host, make_report("a@e.org", condition="coalesce(charts.none.amount, 0) < 10"), "3").state == "succeeded"
    )


def test_a_report_for_nobody_is_skipped_too(host: Host, make_report: MakeReport) -> None:
    assert send(host, make_report(deliveries=[], condition="rows > 3")).state is RunState.skipped


def test_what_cannot_be_decided_fails_rather_than_stay_silent(host: Host, make_report: MakeReport, script: Any) -> None:
    run = send(host, make_report("a@e.org", condition="anything goes"))
    assert (run.state, script.tries) == (RunState.failed, [])
    assert run.errors == (
        "condition: 'anything goes': expected rows, charts.UID.METRIC, a number or '(', "
        "found 'anything' at character 1",
    )


def test_a_chart_that_failed_is_asked_again_and_then_the_run_fails(
    host: Host, make_report: MakeReport, script: Any
) -> None:
    change(host, {"uid": "good", "query": "SELECT 1 AS n"}, {"uid": "bad", "query": "SELECT nothing FROM sales"})
    run = host.press.plan(
        "default", make_report("a@e.org", condition="rows > 0"), report_id=None, kind="adhoc", key="1"
    )
    host.press.do(Job(run=run.id, step="make"), "me")
    waiting = host.ledger.get(run.id)
    assert (waiting.state, waiting.tries) == (RunState.planned, 1)
    assert waiting.step.startswith("condition: chart bad (table): ")
    host.ledger.retry(run.id)
    failed = host.press.work(run.id)
    assert (failed.state, script.tries) == (RunState.failed, [])
    # a condition that asks nothing of the chart does not mind
    assert send(host, make_report("a@e.org", condition="charts.good.n == 1"), "2").state is RunState.partly_failed


def test_a_skipped_run_is_looked_at_again_by_a_retry(
    host: Host, make_report: MakeReport, script: Any, tmp_path: Path
) -> None:
    run = send(host, make_report("a@e.org", condition="charts.total.amount > 50"))
    with (tmp_path / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("2026-01-09,Oslo,100\n")
    host.ledger.retry(run.id)
    again = host.press.work(run.id)
    assert (again.state, again.warnings, script.tries) == (RunState.succeeded, (), [["a@e.org"]])


def test_of_a_burst_each_set_is_judged_by_its_own_numbers(
    host: Host, make_report: MakeReport, script: Any, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text("address,city\na@e.org,Oslo\nb@e.org,城市\n")
    recipients = {"source": "shop", "query": "SELECT * FROM people", "variables": {"city": "city"}}
    deliveries = [{"channel": "script", "recipients": recipients}]
    run = send(host, make_report(deliveries=deliveries, condition="charts.table.amount > 20"))
    assert (run.state, script.tries) == (RunState.succeeded, [["a@e.org"]])
    assert [(str(each.state), each.answer) for each in run.deliveries] == [
        ("sent", ""),
        ("skipped", "not sent: the condition charts.table.amount > 20 is not met (charts.table.amount is 17)"),
    ]
    none = send(host, make_report(deliveries=deliveries, condition="charts.table.amount > 200"), "2")
    assert (none.state, len(script.tries)) == (RunState.skipped, 1)
