"""Figures for Prometheus: each run once, what is open now, and a store that is down."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from pressroom import Host, Report, Run, SettingsError
from pressroom.moments import utc_now
from pressroom.press.chores import Chores
from pressroom.press.metrics import registry, serve, text

P = "nxog09md"
Plan = Callable[..., Run]


@pytest.fixture
def plan(host: Host) -> Plan:
    def call(key: str, *addresses: str, late: float = 0) -> Run:
        stored = host.store.project(P).reports.get("weekly")
        deliveries = [{"channel": "email", "to": list(addresses)}]
        report = Report.model_validate({**stored.value.model_dump(mode="json"), "deliveries": deliveries})
        planned = utc_now() - timedelta(seconds=late)
        return host.press.plan(P, report, report_id=stored.id, kind="scheduled", key=key, planned_at=planned)

    return call


def figures(of: CollectorRegistry) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(text(of).decode()):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_each_run_that_ended_is_counted_once(host: Host, plan: Plan) -> None:
    host.press.work(plan("before", "a@example.org").id)
    of = registry(host)
    assert "pressroom_runs_finished_total{kind=scheduled,state=succeeded}" not in figures(of)
    host.press.work(plan("good", "a@example.org", late=400).id)
    host.press.work(plan("bad", "a@example.org", "no@example.org").id)
    for _ in range(2):
        found = figures(of)
        assert found["pressroom_runs_finished_total{kind=scheduled,state=succeeded}"] == 1
        assert found["pressroom_runs_finished_total{kind=scheduled,state=partly_failed}"] == 1
        assert found["pressroom_deliveries_finished_total{channel=email,state=sent}"] == 2
        assert found["pressroom_deliveries_finished_total{channel=email,state=refused}"] == 1
        assert found["pressroom_failures_total{kind=refused}"] == 1
        assert found["pressroom_run_lateness_seconds_count"] == 2
        assert found["pressroom_run_lateness_seconds_bucket{le=300.0}"] == 1
        assert found["pressroom_run_lateness_seconds_bucket{le=900.0}"] == 2
        assert found["pressroom_step_seconds_count{step=rendering}"] == 2
        assert found["pressroom_run_attempts_bucket{le=1.0}"] == 2


def test_what_is_open_is_counted_as_it_is(host: Host, plan: Plan) -> None:
    plan("due", "a@example.org", "b@example.org", late=100)
    plan("later", "c@example.org", late=-3600)
    Chores(host, "here").turn(utc_now())
    found = figures(registry(host))
    assert found["pressroom_runs_open{state=planned}"] == 2
    assert found["pressroom_runs_due"] == 1
    assert 100 <= found["pressroom_runs_due_oldest_seconds"] < 200
    assert found["pressroom_deliveries_open{state=planned}"] == 3
    assert found["pressroom_clocks"] == 1
    assert utc_now().timestamp() - found["pressroom_clock_last_tick_timestamp_seconds"] < 100
    assert found["pressroom_kept{what=runs}"] == 2
    assert found["pressroom_store_up"] == 1
    for _ in range(5):
        host.press.breakers.tell("email", True)
    assert figures(registry(host))["pressroom_channel_resting{channel=email}"] == 1


def test_a_store_that_is_gone_is_a_figure(host: Host, workspace: Path) -> None:
    of = registry(host)
    assert figures(of)["pressroom_store_up"] == 1
    host.store.close()
    (workspace / "pressroom.db").rename(workspace / "away.db")
    (workspace / "pressroom.db").mkdir()
    assert figures(of)["pressroom_store_up"] == 0
    assert "process_cpu_seconds_total" in figures(of)


def test_they_are_served_on_loopback(host: Host) -> None:
    port = serve(host, "127.0.0.1", 0)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert b"pressroom_runs_due 0.0" in answer.read()
    with pytest.raises(SettingsError, match=f"cannot serve metrics on 127.0.0.1:{port}"):
        serve(host, "127.0.0.1", port)
