"""What reads the ledger's tables directly does so on PostgreSQL as well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from pressroom import Host, Report
from pressroom.models.runs import RunState
from pressroom.moments import utc_now
from pressroom.press.alerts import Alerts
from pressroom.press.chores import Chores
from pressroom.press.metrics import registry, text
from pressroom.press.retention import Retention
from pressroom.press.vitals import vitals
from workspaces.visits import make_workspace

pytestmark = pytest.mark.postgres


@pytest.fixture
def on_postgres(tmp_path: Path, postgres_url: str) -> Iterator[Host]:
    """A workspace whose store is a new PostgreSQL database."""
    name = f"operations_{uuid4().hex[:12]}"
    server = sa.make_url(postgres_url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    file = make_workspace(tmp_path / "workspace")
    url = server.set(database=name).render_as_string(hide_password=False)
    more = f'\n[store]\nurl = "{url}"\n[alerts]\nto = ["staff@example.org"]\n[retention]\nruns = "1h"\n'
    file.write_text(file.read_text("utf-8") + more, "utf-8")
    with Host.open(file) as opened:
        opened.store.upgrade()
        yield opened


def test_alerts_figures_vitals_and_retention(on_postgres: Host) -> None:
    host, figures = on_postgres, registry(on_postgres)
    report = Report.model_validate(
        {"name": "N", "state": "draft", "deliveries": [{"channel": "gone", "to": ["a@b.c"]}]}
    )
    snapshot = report.model_dump(mode="json")
    run = host.ledger.plan("default", None, snapshot, kind="scheduled", key="k", planned_at=utc_now())
    assert host.press.work(run.id).state == RunState.failed
    assert [Alerts(host).sweep(utc_now()) for _ in range(2)] == [1, 0]
    Chores(host, "here").turn(utc_now())
    found = vitals(host)
    assert (found.clocks, found.due, found.runs) == (1, 1, 2)
    told = text(figures).decode()
    assert 'pressroom_runs_finished_total{kind="scheduled",state="failed"} 1.0' in told
    assert 'pressroom_failures_total{kind="report"} 1.0' in told
    assert "pressroom_runs_due 1.0" in told
    swept = Retention(host).sweep(utc_now() + timedelta(hours=2))
    assert swept.runs == 1
    assert [kept.kind for kept in host.ledger.list()] == ["alert"]
