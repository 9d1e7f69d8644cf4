"""Retention removes what is over and old, and nothing that may still be needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from pressroom import Host, Run
from pressroom.models.access_tables import TokenRow
from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.runs import DeliveryState, RunState
from pressroom.models.tables import AuditRow
from pressroom.moments import utc_now
from pressroom.press import retention
from pressroom.press.queries import run_folder
from pressroom.press.retention import Retention, Swept
from pressroom.settings import age, parse_settings

P = "nxog09md"
Made = Callable[..., Run]


@pytest.fixture
def made(host: Host) -> Made:
    """Writes a run that ended some days ago into the ledger, with a folder."""
    numbers = iter(range(1000))

    def call(days: float, state: RunState = RunState.succeeded, delivery: DeliveryState = DeliveryState.sent) -> Run:
        stored = host.store.project(P).reports.get("weekly")
        number = next(numbers)
        run = host.press.plan(P, stored.value, report_id=stored.id, kind="manual", key=f"k{number}")
        ended = utc_now() - timedelta(days=days)
        with host.store.sessions.write() as session:
            here = sa.update(RunRow).where(sa.column("id") == run.id)
            session.exec(here.values(state=state, finished_at=ended if state.final else None))
            session.exec(sa.update(DeliveryRow).where(sa.column("run_id") == run.id).values(state=delivery))
        folder = run_folder(host.workspace.files, run.id)
        folder.mkdir(parents=True)
        (folder / "report.pdf").write_bytes(b"pdf")
        return host.ledger.get(run.id)

    return call


def kept(host: Host) -> set[int]:
    return {run.id for run in host.ledger.list()}


def with_files(host: Host) -> set[int]:
    return {int(path.name) for path in retention.folders(host.workspace.files)}


def sweep_all(host: Host, now: datetime | None = None) -> list[Swept]:
    sweeper, done = Retention(host), []
    while True:
        done.append(sweeper.sweep(now or utc_now()))
        if not done[-1].more:
            return done


def test_files_go_first_and_runs_later(host: Host, made: Made) -> None:
    new, old, ancient = made(1), made(31), made(366)
    sweep_all(host)
    assert kept(host) == {new.id, old.id}
    assert with_files(host) == {new.id}
    with host.store.sessions.read() as session:
        assert set(session.exec(sa.select(DeliveryRow.run_id)).scalars()) == {new.id, old.id}
    assert ancient.id not in kept(host)


@pytest.mark.parametrize(
    ("state", "delivery"),
    [
        (RunState.planned, DeliveryState.planned),
        (RunState.delivering, DeliveryState.handing_over),
        (RunState.cancelled, DeliveryState.handing_over),
        (RunState.failed, DeliveryState.claimed),
    ],
)
def test_what_is_not_over_stays_however_old(host: Host, made: Made, state: RunState, delivery: DeliveryState) -> None:
    run = made(799, state, delivery)
    sweep_all(host)
    assert kept(host) == {run.id}
    assert with_files(host) == {run.id}


def test_folders_without_a_run_go_when_nobody_has_touched_them_for_a_day(host: Host) -> None:
    fresh, stale = run_folder(host.workspace.files, 500), run_folder(host.workspace.files, 501)
    strange = fresh.parent / "notes"
    for folder in (fresh, stale, strange):
        folder.mkdir(parents=True)
        (folder / "x").write_text("x")
    two_days_ago = utc_now().timestamp() - 2 * 86400
    os.utime(stale, (two_days_ago, two_days_ago))
    os.utime(strange, (two_days_ago, two_days_ago))
    sweep_all(host)
    assert (fresh.exists(), stale.exists(), strange.exists()) == (True, False, True)


def test_it_goes_in_small_batches(host: Host, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        made(366)
    done = sweep_all(host)
    assert all(swept.runs <= 2 and swept.folders <= 2 for swept in done)
    assert sum(swept.runs for swept in done) == 5
    assert kept(host) == with_files(host) == set()


def test_audit_entries_and_caches_go_by_their_own_ages(host: Host) -> None:
    with host.store.sessions.write() as session:
        session.exec(sa.delete(AuditRow))
        for days in (1, 400):
            at = utc_now() - timedelta(days=days)
            session.add(AuditRow(at=at, actor="a", action="x", target=str(days), detail={}))
    cache = host.workspace.folder / ".pressroom" / "sources" / "x"
    cache.mkdir(parents=True)
    (cache / "new").write_text("n")
    (cache / "old").write_text("o")
    month_ago = utc_now().timestamp() - 30 * 86400
    os.utime(cache / "old", (month_ago, month_ago))
    sweep_all(host)
    assert [entry.target for entry in host.store.audit.list()] == ["1"]
    assert [path.name for path in cache.iterdir()] == ["new"]


def test_tokens_go_a_day_after_they_ran_out(host: Host) -> None:
    now = utc_now()
    ends = {"old": now - timedelta(days=2), "fresh": now - timedelta(hours=1), "good": now + timedelta(1), "ever": None}
    for name, end in ends.items():
        host.store.access.add_token(name, name, "", role="viewer", grants=(), expires_at=end, by="test")
    assert sum(swept.tokens for swept in sweep_all(host)) == 1
    with host.store.sessions.read() as session:
        assert sorted(session.exec(sa.select(TokenRow.name)).scalars()) == ["ever", "fresh", "good"]


def test_forever_is_forever(workspace: Path, made: Made) -> None:
    settings = (workspace / "pressroom.toml").read_text()
    ages = "\n".join(f'{key} = "forever"' for key in ("files", "runs", "audit", "cache"))
    (workspace / "pressroom.toml").write_text(f"{settings}\n[retention]\n{ages}\n")
    run = made(799)
    with Host.open(workspace) as keeping:
        sweep_all(keeping)
        assert kept(keeping) == with_files(keeping) == {run.id}


@pytest.mark.parametrize(
    ("text", "days"), [("30d", 30), ("12h", 0.5), ("2w", 14), ("99999d", 99999), ("forever", None)]
)
def test_ages(text: str, days: float | None) -> None:
    assert age(text) == (None if days is None else timedelta(days=days))


@pytest.mark.parametrize("text", ["", "0d", "-1d", "30", "1.5d", "30 d", "100000d", "d", "３d"])
def test_wrong_ages_name_the_key(text: str) -> None:
    from pressroom import SettingsError

    with pytest.raises(SettingsError, match=r"retention\.files.*30d"):
        parse_settings(f'[retention]\nfiles = "{text}"\n'.encode(), Path("pressroom.toml"))


def test_the_longest_age_is_no_overflow(host: Host, made: Made) -> None:
    run = made(10)
    object.__setattr__(host.settings.retention, "runs", "99999w")
    sweep_all(host, datetime(2026, 1, 1, tzinfo=UTC))
    assert kept(host) == {run.id}
