"""Several workers at once, some of them killed, stopped or poisoned: every mail once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pressroom import Run
from pressroom.models.runs import RunState
from servers.ledger_view import states
from servers.mail_process import MailProcess
from servers.waiting import wait_until
from servers.worker_process import WorkerProcess, Workers
from workspaces.mailing import Workspace

MakeWorkspace = Callable[..., Workspace]
Finish = Callable[..., list[Run]]
ANN, BOB = "ann@example.org", "bob@example.org"
SOAK = 60
KILLED_AT = ["deliver.handed_over:7", "press.made:5", "store.committed:90", "clock.offered:30"]


def all_final(workspace: Workspace, count: int) -> bool:
    runs = workspace.runs()
    return len(runs) == count and all(run.state.final for run in runs)


def check(workspace: Workspace, mail: MailProcess, in_hand: int) -> None:
    """Each mail came once, or is shown as ambiguous, as what a killed process had in its hands may be."""
    ambiguous = 0
    for run in workspace.runs():
        for delivery in run.deliveries:
            count = mail.accepted().get((run.report, delivery.recipient), 0)
            if delivery.state == "ambiguous":
                ambiguous += 1
                assert count <= 1
            else:
                assert (delivery.state, count) == ("sent", 1), (run, delivery)
    assert ambiguous <= in_hand


@pytest.mark.timeout(400)
def test_a_soak_with_four_workers_of_which_all_are_killed_once(
    make_workspace: MakeWorkspace, mail: MailProcess, workers: Workers, tmp_path: Path
) -> None:
    workspace = make_workspace(deliveries=2, lease=5)
    workspace.save(*(workspace.report(f"soak-{number}", [ANN, BOB]) for number in range(SOAK)))
    running: list[WorkerProcess] = []
    for number, place in enumerate(KILLED_AT):
        running.append(workers.start(workspace.config, f"{place}=kill", tmp_path / f"fired-{number}"))

    def replaced() -> bool:
        for index, worker in enumerate(running):
            if not worker.alive:
                running[index] = workers.start(workspace.config)
        return all_final(workspace, SOAK)

    wait_until(replaced, "every run is final", 300)
    # each of a worker's two threads may have had a mail in its hands
    check(workspace, mail, 2 * len(KILLED_AT))
    assert set(Counter(run.report for run in workspace.runs()).values()) == {1}


def test_a_poisoned_report_fails_and_stops_no_other(
    make_workspace: MakeWorkspace, mail: MailProcess, workers: Workers
) -> None:
    workspace = make_workspace(limit=4)
    poisoned = [workspace.report(name, [ANN], formats=[name], priority=9) for name in ("hanging", "killing")]
    workspace.save(*poisoned, *(workspace.report(f"beside-{number}", [ANN]) for number in range(4)))
    workers.start(workspace.config, GRACE="0")
    wait_until(lambda: all_final(workspace, 6), "every run is final")
    runs = {run.report: run for run in workspace.runs()}
    assert {name: run.state for name, run in runs.items() if name.startswith("beside")} == {
        f"beside-{number}": RunState.succeeded for number in range(4)
    }
    assert runs["hanging"].state is runs["killing"].state is RunState.failed
    assert "time limit of 4 seconds" in runs["hanging"].errors[0]
    assert "ended with -9" in runs["killing"].errors[0]
    assert states(runs["killing"]) == {ANN: "skipped"}
    assert mail.accepted().get(("killing", ANN), 0) == 0


def test_sigterm_stops_a_conversation_that_takes_too_long(
    make_workspace: MakeWorkspace, mail: MailProcess, workers: Workers
) -> None:
    workspace = make_workspace(lease=30)
    workspace.save(workspace.report("finished", [ANN]))
    mail.misbehave(hang="data")
    seen = mail.steps()["data"]
    worker = workers.start(workspace.config, GRACE="0.5")
    wait_until(lambda: mail.steps()["data"] > seen, "the mail is on its way")
    worker.terminate()
    (run,) = workspace.runs()
    # before DATA's answer nothing was sent, after the grace it is not waited for
    assert states(run)[ANN] in {"ambiguous", "planned"}


def test_sigterm_hands_back_what_takes_too_long(make_workspace: MakeWorkspace, workers: Workers) -> None:
    workspace = make_workspace(lease=300, limit=300)
    workspace.save(workspace.report("back", [ANN], formats=["hanging"]))
    worker = workers.start(workspace.config, GRACE="0")
    wait_until(lambda: [run.state for run in workspace.runs()] == [RunState.rendering], "it hangs")
    worker.terminate()
    (run,) = workspace.runs()
    assert run.state is RunState.planned
    with workspace.host() as host:
        assert [offer.id for offer in host.ledger.due()] == [run.id]


def test_an_orphan_ends_and_its_run_is_taken_over(
    make_workspace: MakeWorkspace, mail: MailProcess, workers: Workers, tmp_path: Path
) -> None:
    workspace = make_workspace()
    workspace.save(workspace.report("orphaned", [ANN]))
    worker = workers.start(workspace.config, "press.composed=hang", tmp_path / "fired")
    wait_until((tmp_path / "fired").exists, "the child hangs")
    worker.kill()
    other = workers.start(workspace.config)
    wait_until(lambda: all_final(workspace, 1), "the run is final")
    assert other.alive
    check(workspace, mail, 0)
