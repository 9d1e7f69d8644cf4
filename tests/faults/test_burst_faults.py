"""Kill -9 in the middle of a burst: nobody is missed, nobody gets a mail twice, and nobody gets another's."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pressroom import Dashboard, Run
from pressroom.models.runs import DeliveryState
from servers.mail_process import MailProcess
from servers.waiting import wait_until
from servers.worker_process import Workers
from workspaces.mailing import DASHBOARD, Workspace, finish_here, make_here

MakeWorkspace = Callable[..., Workspace]
SMALL = [(f"r{number}@example.org", f"city-{number % 3}") for number in range(6)]
"""Recipients and what they get to see."""
MAKING = (
    "press.addressed=kill",
    "store.committing:3=kill",
    "press.composed:2=kill",
    "press.kept:2=kill",
    "press.made=kill",
)
SENDING = (
    "deliver.claimed:3=kill",
    "deliver.handing_over:3=kill",
    "deliver.handed_over:3=kill",
    "deliver.answered:3=kill",
    "deliver.recorded:3=kill",
    "press.delivered=kill",
)
TAKEN = {"deliver.handed_over:3=kill": 0, "deliver.answered:3=kill": 1}
"""Where a mail is in nobody's hands: how often the server took it by then."""
KILLS = 8
"""A run is given up once ten processes have died over its mails."""
QUICK = ("press.kept:2=kill", "deliver.handed_over:3=kill")


def save(workspace: Workspace, uid: str, people: Sequence[tuple[str, str]]) -> None:
    """Store a report that bursts; its subjects say what each gets to see."""
    rows = ", ".join(f"('{address}', '{city}')" for address, city in people)
    recipients = {
        "source": "shop",
        "query": f"SELECT * FROM (VALUES {rows}) people(address, city)",
        "variables": {"city": "city"},
    }
    more: dict[str, Any] = {
        "deliveries": [{"channel": "email", "recipients": recipients}],
        "subject": "{{ report.name }} {{ variables.city | join }}",
    }
    with workspace.host() as host:
        board = Dashboard.model_validate(DASHBOARD | {"variables": [{"name": "city", "multi": True}]})
        host.store.project("default").dashboards.save(board, "test")
    workspace.save(workspace.report(uid, (), **more))


def mails(mail: MailProcess, uid: str) -> dict[tuple[str, str], int]:
    """How often the server took a mail, by recipient and what they get to see."""
    counted = mail.accepted().items()
    return {(to, subject.split()[1]): count for (subject, to), count in counted if subject.startswith(f"{uid} ")}


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.faults, pytest.mark.postgres])]
)
@pytest.mark.parametrize(
    "point",
    [pytest.param(point, marks=() if point in QUICK else pytest.mark.faults) for point in (*MAKING, *SENDING)],
)
def test_a_worker_is_killed_in_the_middle_of_a_burst(
    point: str, store: str, make_workspace: MakeWorkspace, mail: MailProcess, workers: Workers, tmp_path: Path
) -> None:
    # a worker whose child is killed says so at once; one that is killed itself is waited for
    workspace, uid = (
        make_workspace(store, lease=5 if point in MAKING else 0.5),
        f"burst-{store[:3]}-{re.sub(r'[.:=]', '-', point)}",
    )
    save(workspace, uid, SMALL)
    if point in SENDING:
        make_here(workspace)
    doomed = workers.start(workspace.config, point, tmp_path / "fired")
    wait_until((tmp_path / "fired").exists, f"{point} is reached")
    if not (doomed.alive and point in MAKING):
        doomed.wait()
    run = finish_here(workspace)
    workers.kill_all()
    unclear = [each for each in run.deliveries if each.state is DeliveryState.ambiguous]
    assert len(unclear) == (point in TAKEN)
    expected = dict.fromkeys(SMALL, 1)
    for each in unclear:
        expected[each.recipient, each.variables["city"][0]] = TAKEN[point]
    assert mails(mail, uid) == {key: count for key, count in expected.items() if count}
    assert {each.state for each in run.deliveries} - {DeliveryState.ambiguous} == {DeliveryState.sent}


@pytest.mark.faults
def test_workers_are_killed_again_and_again_in_a_large_burst(
    make_workspace: MakeWorkspace, mail: MailProcess, workers: Workers, tell: Callable[[str], None]
) -> None:
    people = [(f"p{number}@example.org", f"city-{number % 10}") for number in range(200)]
    workspace, chance = make_workspace(lease=1), random.Random(7)
    save(workspace, "large-burst", people)
    killed = 0

    def runs() -> list[Run]:
        return workspace.runs()

    while not (runs() and runs()[0].state.final) and killed < KILLS:
        doomed = workers.start(workspace.config)
        before = len(mails(mail, "large-burst"))
        goal = before + chance.randrange(5, 30)
        wait_until(
            lambda goal=goal: len(mails(mail, "large-burst")) >= goal or (runs() and runs()[0].state.final),  # type: ignore[misc]  # bound to this turn's
            "some mails are sent",
        )
        doomed.kill()
        killed += 1
    run = finish_here(workspace)
    unclear = {each.recipient for each in run.deliveries if each.state is DeliveryState.ambiguous}
    counted = mails(mail, "large-burst")
    assert set(counted.values()) == {1}
    assert counted.keys() <= set(people)
    assert {to for to, _ in set(people) - counted.keys()} <= unclear
    assert len(run.deliveries) == len(people)
    tell(f"a burst of 200 mails, workers killed {killed} times: {len(counted)} arrived once, {len(unclear)} ambiguous")
