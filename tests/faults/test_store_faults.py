"""A store or a disk that fails: what was not written was not sent, and all of it goes out afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from pressroom import Job, Run
from pressroom.models.runs import RunState
from pressroom.moments import utc_now
from pressroom.press.clock import Clock
from servers.ledger_view import states
from servers.mail_process import MailProcess
from servers.waiting import wait_until
from servers.worker_process import Workers
from workspaces.mailing import Workspace

MakeWorkspace = Callable[..., Workspace]
Finish = Callable[..., list[Run]]
ANN, BOB = "ann@example.org", "bob@example.org"


def pages(workspace: Workspace) -> int:
    with closing(sqlite3.connect(workspace.folder / "pressroom.db")) as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


@pytest.mark.faults
@pytest.mark.parametrize("room", [0, 1, 2])
def test_a_full_disk_sends_nothing_that_it_cannot_write_down(
    room: int, make_workspace: MakeWorkspace, mail: MailProcess, workers: Workers, finish: Finish
) -> None:
    workspace, subject = make_workspace(), f"full-{room}"
    with workspace.host() as host:
        report = workspace.report(subject, [f"{'x' * 60}{number}@example.org" for number in range(30)])
        run = host.press.plan("default", report, report_id=None, kind="adhoc", key="1")
        host.press.do(Job(run=run.id, step="make"), "maker")
    worker = workers.start(workspace.config, PAGES=str(pages(workspace) + room))
    with workspace.host() as host:
        # whether it gets anywhere or nowhere, it goes on trying
        wait_until(lambda: host.ledger.get(run.id).attempt > run.attempt + 1 or not worker.alive, "it tried")
    worker.kill()
    (run,) = finish(workspace)
    for delivery in run.deliveries:
        count = mail.accepted().get((subject, delivery.recipient), 0)
        assert (delivery.state, count) in {("sent", 1), ("ambiguous", 0), ("ambiguous", 1)}


@pytest.mark.faults
def test_files_that_cannot_grow_fail_the_report_and_a_retry_sends_it(
    make_workspace: MakeWorkspace, mail: MailProcess, workers: Workers, finish: Finish
) -> None:
    workspace = make_workspace(lease=2)
    (workspace.folder / "sales.csv").write_text(
        "day,city,amount\n" + "".join(f"2026-01-05,city {number:060},{number}\n" for number in range(60_000))
    )
    with workspace.host() as host:
        host.store.upgrade()
    workspace.save(workspace.report("large", [ANN]))
    with workspace.host() as host:
        Clock(host, None, utc_now).tick()
    worker = workers.start(workspace.config, FILE_SIZE="2000000")
    wait_until(lambda: workspace.runs()[0].tries or workspace.runs()[0].state.final, "it failed")
    worker.kill()
    with workspace.host() as host:
        if host.ledger.list()[0].state is RunState.failed:
            host.ledger.retry(1)
    (run,) = finish(workspace)
    assert states(run) == {ANN: "sent"}
    assert mail.accepted()["large", ANN] == 1
