"""Kill -9 at every boundary of every step: nothing is lost, nothing comes twice, and what may have come is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pressroom import Job, Run, failpoints
from pressroom.models.runs import DeliveryState, RunState
from pressroom.moments import utc_now
from pressroom.press.clock import Clock
from servers.mail_process import MailProcess
from servers.waiting import wait_until
from servers.worker_process import Workers
from workspaces.mailing import Workspace, finish_here, make_here

MakeWorkspace = Callable[..., Workspace]
AFTER_HANDOVER = {"deliver.handed_over": 0, "deliver.answered": 1}
"""Where a mail is in nobody's hands: how often the server took it by then."""
TO = ("ann@example.org", "bob@example.org")
WHILE_SENDING = {
    *(name for name in failpoints.NAMES if name.startswith("deliver.")),
    "press.delivered",
    "press.finished",
}


@pytest.mark.parametrize("name", failpoints.NAMES)
@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.faults, pytest.mark.postgres])]
)
def test_a_worker_is_killed(
    store: str,
    name: str,
    make_workspace: MakeWorkspace,
    mail: MailProcess,
    workers: Workers,
    tmp_path: Path,
) -> None:
    workspace, subject = make_workspace(store, lease=0.5), f"{store[:3]}-{name.replace('.', '-')}"
    workspace.save(workspace.report(subject, TO))
    if name in WHILE_SENDING:
        make_here(workspace)
    doomed = workers.start(workspace.config, f"{name}=kill", tmp_path / "fired")
    wait_until((tmp_path / "fired").exists, f"{name} is reached")
    in_child = doomed.alive and name.startswith(("press.", "store."))
    if not in_child:
        doomed.wait()
    run = finish_here(workspace)
    workers.kill_all()
    check(name, subject, run, mail)


def check(name: str, subject: str, run: Run, mail: MailProcess) -> None:
    """Each recipient got it once, or is shown as ambiguous where nobody can know."""
    states = {delivery.recipient: delivery.state for delivery in run.deliveries}
    counted = {to: mail.accepted().get((subject, to), 0) for to in TO}
    if name in AFTER_HANDOVER:
        assert states == {TO[0]: DeliveryState.ambiguous, TO[1]: DeliveryState.sent}
        assert counted == {TO[0]: AFTER_HANDOVER[name], TO[1]: 1}
        assert run.state is RunState.partly_failed
    else:
        assert states == dict.fromkeys(TO, DeliveryState.sent)
        assert counted == dict.fromkeys(TO, 1)
        assert run.state is RunState.succeeded


@pytest.mark.parametrize("name", failpoints.NAMES)
def test_an_error_anywhere(
    name: str, make_workspace: MakeWorkspace, mail: MailProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw ends one step in one process; the next look goes on from there."""
    workspace, subject = make_workspace(lease=0.5, waits=[0] * 9), f"error-at-{name.replace('.', '-')}"
    workspace.save(workspace.report(subject, TO))
    with workspace.host() as host:
        monkeypatch.setattr(failpoints, "visitor", failpoints.Trap(f"{name}=raise"))
        errors: list[str] = []

        def ended() -> bool:
            try:
                Clock(host, host.scheduler, utc_now).tick()
                for run in host.ledger.list():
                    host.press.do(Job(run=run.id, step="make" if run.state == "planned" else "deliver"), "me")
            except failpoints.InjectedError as error:
                errors.append(str(error))
            return any(run.state.final for run in host.ledger.list())

        wait_until(ended, "the run is final")
        (run,) = host.ledger.list()
    assert len(errors) <= 1
    check(name, subject, run, mail)


def test_every_name_is_reached(
    make_workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch, mail: MailProcess
) -> None:
    reached: set[str] = set()
    workspace = make_workspace()
    workspace.save(workspace.report("whole", TO))
    with workspace.host() as host:
        monkeypatch.setattr(failpoints, "visitor", reached.add)
        Clock(host, host.scheduler, utc_now).tick()
        (run,) = host.ledger.list()
        host.press.do(Job(run=run.id, step="make"), "me")
        host.press.do(Job(run=run.id, step="deliver"), "me")
        assert host.ledger.get(run.id).state is RunState.succeeded
    assert reached == set(failpoints.NAMES)


@pytest.mark.parametrize("spec", ["nowhere=kill", "clock.planned=dance", "clock.planned", "clock.planned:x=kill"])
def test_a_failpoint_that_is_none_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=r"clock\.planned|x"):
        failpoints.Trap(spec)


def test_the_nth_time_is_meant(tmp_path: Path) -> None:
    trap = failpoints.Trap("clock.planned:3=raise", str(tmp_path / "fired"))
    for name in ["clock.planned", "clock.offered", "clock.planned", "clock.offered"]:
        trap(name)
    with pytest.raises(failpoints.InjectedError):
        trap("clock.planned")
    trap("clock.planned")
    again = failpoints.Trap("clock.planned=raise", str(tmp_path / "fired"))
    again("clock.planned")
