"""A mail server that breaks in every way: each mail arrives once, or is shown as refused or ambiguous."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressroom import Run
from pressroom.models.runs import RunState
from servers.ledger_view import states
from servers.mail_process import MailProcess
from servers.waiting import wait_until
from servers.worker_process import Workers
from workspaces.mailing import Workspace

MakeWorkspace = Callable[..., Workspace]
Finish = Callable[..., list[Run]]
ANN, BOB = "ann@example.org", "bob@example.org"
SLOW = [0.3] * 9


def counted(mail: MailProcess, subject: str) -> dict[str, int]:
    return {to: mail.accepted().get((subject, to), 0) for to in (ANN, BOB)}


@pytest.mark.parametrize(
    ("step", "faults"),
    [
        ("connect", {"replies": {"connect": "421 not now"}}),
        ("mail", {"replies": {"mail": "451 later"}}),
        ("rcpt", {"replies": {"rcpt": "451 greylisted"}}),
        ("content", {"replies": {"content": "452 no room"}}),
        ("mail", {"drop": "mail"}),
        ("rcpt", {"drop": "rcpt"}),
        ("data", {"drop": "data"}),
        ("rcpt", {"hang": "rcpt"}),
        ("data", {"hang": "data"}),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_what_may_pass_is_sent_later(
    step: str,
    faults: dict[str, Any],
    make_workspace: MakeWorkspace,
    mail: MailProcess,
    start_worker: Callable[[Workspace], Any],
) -> None:
    subject = f"later-{step}-{next(iter(faults))}"
    workspace = make_workspace(waits=SLOW, timeout=1)
    workspace.save(workspace.report(subject, [ANN, BOB]))
    mail.misbehave(**faults)
    seen = mail.steps()[step]
    with start_worker(workspace):
        wait_until(lambda: mail.steps()[step] > seen + 1, "it was tried twice in vain")
        assert counted(mail, subject) == {ANN: 0, BOB: 0}
        mail.misbehave()
        wait_until(lambda: workspace.runs()[0].state.final, "the run is final")
    (run,) = workspace.runs()
    assert states(run) == {ANN: "sent", BOB: "sent"}
    assert counted(mail, subject) == {ANN: 1, BOB: 1}
    assert run.state is RunState.succeeded


def test_a_server_that_is_down_for_a_while(
    make_workspace: MakeWorkspace, mail: MailProcess, start_worker: Callable[[Workspace], Any]
) -> None:
    workspace = make_workspace(waits=SLOW, timeout=1)
    workspace.save(workspace.report("down", [ANN, BOB]))
    mail.stop()
    with start_worker(workspace):
        tried = lambda: (runs := workspace.runs()) and runs[0].deliveries[0].attempts >= 2  # noqa: E731
        wait_until(tried, "it was tried twice in vain")
        mail.start()
        wait_until(lambda: workspace.runs()[0].state.final, "the run is final")
    assert states(workspace.runs()[0]) == {ANN: "sent", BOB: "sent"}
    assert counted(mail, "down") == {ANN: 1, BOB: 1}


def test_who_has_it_does_not_get_it_again(make_workspace: MakeWorkspace, mail: MailProcess, finish: Finish) -> None:
    workspace = make_workspace()
    workspace.save(workspace.report("one-of-two", [ANN, BOB], deliveries=[together(ANN, BOB)]))
    mail.misbehave(recipients={BOB: "550 no such user"})
    (run,) = finish(workspace)
    assert (run.state, states(run)) == (RunState.partly_failed, {ANN: "sent", BOB: "refused"})
    assert run.deliveries[1].answer == "no such user"
    mail.misbehave()
    with workspace.host() as host:
        host.ledger.retry(run.id)
    (run,) = finish(workspace)
    assert (run.state, states(run)) == (RunState.succeeded, {ANN: "sent", BOB: "sent"})
    assert counted(mail, "one-of-two") == {ANN: 1, BOB: 1}
    assert mail.message_ids("one-of-two", ANN) == mail.message_ids("one-of-two", BOB)


def together(*to: str) -> dict[str, Any]:
    return {"channel": "email", "to": list(to), "together": True}


@pytest.mark.parametrize("fault", ["hang", "drop"])
def test_a_server_that_took_the_mail_and_says_nothing(
    fault: str, make_workspace: MakeWorkspace, mail: MailProcess, finish: Finish
) -> None:
    workspace, subject = make_workspace(timeout=1), f"silent-{fault}"
    workspace.save(workspace.report(subject, [ANN]))
    mail.misbehave(**{fault: "content"})
    (run,) = finish(workspace)
    assert (run.state, states(run)) == (RunState.failed, {ANN: "ambiguous"})
    assert counted(mail, subject)[ANN] == 1
    mail.misbehave()
    with workspace.host() as host:
        host.ledger.retry(run.id, include_ambiguous=True)
    (run,) = finish(workspace)
    assert states(run) == {ANN: "sent"}
    assert counted(mail, subject)[ANN] == 2
    assert len(mail.message_ids(subject, ANN)) == 1


@pytest.mark.parametrize(("step", "accepted"), [("rcpt", 0), ("data", 0), ("content", 1)])
def test_killed_while_the_server_is_silent(
    step: str,
    accepted: int,
    make_workspace: MakeWorkspace,
    mail: MailProcess,
    workers: Workers,
    finish: Finish,
    tmp_path: Path,
) -> None:
    workspace, subject = make_workspace(), f"killed-silent-{step}"
    workspace.save(workspace.report(subject, [ANN]))
    mail.misbehave(hang=step)
    seen = mail.steps()[step]
    doomed = workers.start(workspace.config)
    wait_until(lambda: mail.steps()[step] > seen, "the conversation has come so far")
    doomed.kill()
    mail.misbehave()
    (run,) = finish(workspace)
    before = step == "rcpt"
    assert states(run) == {ANN: "sent" if before else "ambiguous"}
    assert counted(mail, subject)[ANN] == (1 if before else accepted)
