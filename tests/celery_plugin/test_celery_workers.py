"""Reports go out over a broker and Celery's workers, on PostgreSQL, to a mail server: none lost, none doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from pressroom import DeliveryState, Run, RunState
from pressroom.moments import utc_now
from pressroom.press.worker import Worker
from pressroom.store import Store
from servers.smtp import Faults
from servers.waiting import wait_until
from workspaces.celery_site import Site, open_site, report_to

pytestmark = pytest.mark.postgres


@contextmanager
def nobody_reads_sales(site: Site) -> Iterator[None]:
    """What makes a report waits in its query meanwhile."""
    with psycopg.connect(site.database) as connection:
        connection.execute("LOCK TABLE sales IN ACCESS EXCLUSIVE MODE")
        yield


def waits_for_sales(site: Site) -> bool:
    with psycopg.connect(site.database, autocommit=True) as connection:
        return connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


def broker_connections(process: int, broker: str) -> int:
    """Open ones of a process, as Linux knows them."""
    port = f":{urlsplit(broker).port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[2].endswith(port) and row[3] == "01"}
    return len(sockets & {str(each.readlink()) for each in Path(f"/proc/{process}/fd").iterdir()})


def states(run: Run) -> list[DeliveryState]:
    return [delivery.state for delivery in run.deliveries]


def mails(site: Site) -> Counter[str]:
    """How many mails each address has got."""
    return Counter(address for mail in site.mail.received for address in mail.recipients)


def test_a_scheduled_report_goes_out_once(site: Site) -> None:
    site.worker("make")
    site.worker("deliver", pool="threads", concurrency=4)
    planned = utc_now() - timedelta(minutes=1)
    saved = Store(site.host.settings.store.url.get_secret_value(), site.folder, lambda: planned - timedelta(hours=1))
    schedule = {"frequency": "once", "start": planned.isoformat()}
    saved.project("default").reports.save(report_to("ops@example.org", schedule=schedule), "test")
    saved.close()
    clock = Worker(site.host)
    clock.start()
    try:
        site.until(lambda: [run.state.final for run in site.host.ledger.list()] == [True], ticking=False)
    finally:
        clock.stop()
    (run,) = site.host.ledger.list()
    assert (run.state, run.kind, states(run)) == (RunState.succeeded, "scheduled", [DeliveryState.sent])
    assert mails(site) == {"ops@example.org": 1}


def test_a_worker_killed_in_every_step(site: Site) -> None:
    """In the middle of making, before a hand-over and after one."""
    worker = site.worker("make", "deliver", pool="threads", concurrency=4)
    site.mail.faults = Faults(hang="content")
    handed = site.plan("handed", to="handed@example.org")
    site.until(site.mail.has_content.is_set)
    site.mail.faults = Faults(hang="rcpt")
    seen = site.mail.commands.count("rcpt")
    asked = site.plan("asked", to="asked@example.org")
    site.until(lambda: site.mail.commands.count("rcpt") > seen)
    with nobody_reads_sales(site):
        making = site.plan("making", to="making@example.org")
        site.until(lambda: waits_for_sales(site))
        site.kill(worker)
    site.mail.faults = Faults()
    site.worker("make", "deliver", pool="threads", concurrency=4)
    assert states(site.finished(making)) == [DeliveryState.sent]
    assert states(site.finished(asked)) == [DeliveryState.sent]
    assert states(site.finished(handed)) == [DeliveryState.ambiguous]
    assert mails(site) == {f"{name}@example.org": 1 for name in ("making", "asked", "handed")}


def test_a_wiped_queue_is_filled_again(tmp_path: Path, broker: str, database: str) -> None:
    with open_site(tmp_path, broker, database, again=1) as site:
        run = site.plan()
        site.clock.tick()
        assert site.wipe("make") == 1
        site.worker("make", "deliver", pool="threads")
        assert states(site.finished(run)) == [DeliveryState.sent]
        assert mails(site) == {"ops@example.org": 1}


@pytest.mark.parametrize("action", [pytest.param("kill", marks=pytest.mark.faults), "hang"])
def test_a_child_that_dies_or_hangs(action: str, tmp_path: Path, broker: str, database: str) -> None:
    """It is killed at the time limit; its run is tried again at once, long before its lease has run out."""
    once = tmp_path / "fired"
    trap = {"PRESSROOM_FAILPOINT": f"press.composed={action}", "PRESSROOM_FAILPOINT_ONCE": str(once)}
    # a child that is still starting at the limit has claimed nothing: its job is only offered again
    with open_site(tmp_path, broker, database, lease=600, limit=8, again=10) as site:
        site.worker("make", "deliver", **trap)
        run = site.finished(site.plan())
        assert once.exists()
        assert states(run) == [DeliveryState.sent]
        assert mails(site) == {"ops@example.org": 1}


@pytest.mark.faults
def test_a_death_long_after_another(tmp_path: Path, broker: str, database: str) -> None:
    """The ledger is told of the second one too: the worker keeps no connection that the broker closes meanwhile."""
    with open_site(tmp_path, broker, database, lease=600) as site:
        # each child dies of its second report, and the one that follows it tries that again
        worker = site.worker("make", "deliver", PRESSROOM_FAILPOINT="press.composed:2=kill")
        site.finished(site.plan("before"))
        at_rest = broker_connections(worker.pid, broker)
        for number in (1, 2):
            assert states(site.finished(site.plan(f"death-{number}"))) == [DeliveryState.sent]
            assert site.logs[0].read_text().count("exited with 'signal 9") == number
            site.until(lambda: broker_connections(worker.pid, broker) <= at_rest)


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_a_soak_with_workers_that_are_killed(site: Site) -> None:
    """300 reports, two clocks, and three times a worker is killed in the middle of them."""
    many: list[Run] = [site.plan(f"soak-{number}", to=f"r{number}@example.org") for number in range(300)]
    other = site.another_clock()
    site.worker("make", "deliver", pool="threads", concurrency=4)
    for share in (60, 120, 180):
        worker = site.worker("make", "deliver", pool="threads", concurrency=4)
        site.until(lambda share=share: other.tick() and len(site.mail.received) >= share, seconds=300)
        site.kill(worker)
    site.until(lambda: other.tick() and unfinished(site) == 0, seconds=300)
    found: dict[str, Any] = {run.deliveries[0].recipient: states(site.host.ledger.get(run.id)) for run in many}
    got = mails(site)
    assert set(got.values()) == {1}
    sent = {address for address, each in found.items() if each == [DeliveryState.sent]}
    ambiguous = {address for address, each in found.items() if each == [DeliveryState.ambiguous]}
    assert sent | ambiguous == set(found)
    assert sent <= set(got)


def unfinished(site: Site) -> int:
    """Runs that are not final."""
    return sum(not run.state.final for run in site.host.ledger.list())


def test_nothing_is_lost_while_the_broker_is_away(tmp_path: Path, database: str) -> None:
    with open_site(tmp_path, "amqp://127.0.0.1:1//", database) as site:
        site.plan()
        began = utc_now()
        wait_until(lambda: site.clock.tick().offered == 0, "the clock has ticked")
        assert utc_now() - began < timedelta(seconds=30)
        assert len(site.host.ledger.due()) == 1
