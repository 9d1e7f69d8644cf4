"""Many reports at one moment, with everything healthy or with the store going away: every mail once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from signal import Signals

import pytest

from pressroom import Run
from pressroom.models.runs import RunState
from servers.mail_process import MailProcess
from servers.postgres_server import Cluster
from servers.waiting import wait_until
from servers.worker_process import Workers
from workspaces.mailing import Workspace

MakeWorkspace = Callable[..., Workspace]
Tell = Callable[[str], None]
ANN = "ann@example.org"
THOUSAND, SOAK = 1000, 80


def memory_mb(root: int) -> list[int]:
    """Resident megabytes of the processes below one, the largest first."""
    found: dict[int, tuple[int, int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            found[int(stat.parent.name)] = int(fields[1]), int(fields[21]) * 4096 // 1_000_000
    own, size = {root}, 0
    while len(own) > size:
        size = len(own)
        own |= {each for each, (parent, _) in found.items() if parent in own}
    return sorted((found[each][1] for each in own if each in found), reverse=True)


def late(workspace: Workspace) -> list[float]:
    """Seconds from the first run's planning to each run's end, in order."""
    runs = workspace.runs()
    began = min(run.created_at for run in runs)
    return sorted((run.finished_at - began).total_seconds() for run in runs if run.finished_at)


def tally(name: str, runs: list[Run], mail: MailProcess) -> str:
    """Check every delivery against what the server took, and say what came of them."""
    lost = doubled = ambiguous = 0
    for run in runs:
        for delivery in run.deliveries:
            count = mail.accepted().get((run.report, delivery.recipient), 0)
            ambiguous += delivery.state == "ambiguous"
            lost += count == 0 and delivery.state != "ambiguous"
            doubled += count > 1
    assert (lost, doubled) == (0, 0)
    return f"{name}: {len(runs)} runs, lost {lost}, doubled {doubled}, ambiguous {ambiguous}"


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_a_thousand_reports_at_once(
    make_workspace: MakeWorkspace, mail: MailProcess, workers: Workers, tell: Tell
) -> None:
    workspace, largest = make_workspace(lease=15, deliveries=4, workers=2), [0]
    workspace.save(*(workspace.report(f"thousand-{number}", [ANN]) for number in range(THOUSAND)))
    worker = workers.start(workspace.config)

    def ended() -> bool:
        largest[:] = max(largest, memory_mb(worker.pid))
        return workspace.ended() == THOUSAND

    wait_until(ended, "all are final", 800, every=1)
    accepted, runs, seconds = mail.accepted(), workspace.runs(), late(workspace)
    counts = [accepted.get((f"thousand-{number}", ANN), 0) for number in range(THOUSAND)]
    tell(
        f"{THOUSAND} reports: lost {counts.count(0)}, doubled {sum(count > 1 for count in counts)}, "
        f"ambiguous {sum(each.state == 'ambiguous' for run in runs for each in run.deliveries)}; "
        f"{THOUSAND / seconds[-1]:.1f} reports/s, lateness p50 {seconds[THOUSAND // 2]:.1f} s, "
        f"p95 {seconds[int(THOUSAND * 0.95)]:.1f} s, MB by process {largest}"
    )
    assert Counter(run.state for run in runs) == {RunState.succeeded: THOUSAND}
    assert set(counts) == {1}


@pytest.mark.faults
@pytest.mark.postgres
@pytest.mark.timeout(400)
@pytest.mark.parametrize("how", [Signals.SIGINT, Signals.SIGQUIT], ids=["restart", "crash"])
def test_postgresql_goes_away_in_the_middle(
    how: Signals,
    make_workspace: MakeWorkspace,
    own_cluster: Cluster,
    mail: MailProcess,
    workers: Workers,
    tell: Tell,
) -> None:
    workspace = make_workspace(None, url=own_cluster.url, lease=5, deliveries=2)
    workspace.save(*(workspace.report(f"away-{how.name}-{number}", [ANN]) for number in range(SOAK)))
    running = [workers.start(workspace.config) for _ in range(2)]
    for share in (SOAK // 4, SOAK // 2):
        wait_until(lambda share=share: workspace.ended() >= share, "a part is done", 200, every=0.2)
        own_cluster.stop(how)
        own_cluster.start()
    wait_until(lambda: workspace.ended() == SOAK, "all are final", 200, every=0.2)
    assert all(worker.alive for worker in running)
    tell(tally(f"PostgreSQL, {how.name} twice", workspace.runs(), mail))
