"""Reports go out over RabbitMQ and Celery's workers, on PostgreSQL, to a real mail server: none lost, none doubled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pressroom import DeliveryState, RunState
from servers.smtp import Faults

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("celery")]


@contextmanager
def locked(database: str) -> Iterator[psycopg.Connection[object]]:
    """Nobody reads the sales meanwhile: what makes a report waits in its query."""
    with psycopg.connect(database) as connection:
        connection.execute("LOCK TABLE sales IN ACCESS EXCLUSIVE MODE")
        yield connection


def blocked(database: str) -> bool:
    """Whether somebody waits for a lock."""
    with psycopg.connect(database, autocommit=True) as connection:
        return connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


def states(run):
    return [delivery.state for delivery in run.deliveries]


def test_a_scheduled_report_goes_out_once(site) -> None:
    site.worker("make")
    site.worker("deliver", pool="threads", concurrency=4)
    run = site.plan()
    done = site.finished(run)
    assert done.state is RunState.succeeded
    assert states(done) == [DeliveryState.sent]
    assert [mail.recipients for mail in site.mail.received] == [("ops@example.org",)]


def test_a_worker_killed_while_it_makes(site) -> None:
    worker = site.worker("make", "deliver")
    run = site.plan()
    with locked(site.database):
        site.until(lambda: blocked(site.database))
        site.kill(worker)
    site.worker("make", "deliver")
    done = site.finished(run)
    assert states(done) == [DeliveryState.sent]
    assert len(site.mail.received) == 1


def test_a_worker_killed_before_the_hand_over(site) -> None:
    site.mail.faults = Faults(hang="rcpt")
    worker = site.worker("make", "deliver")
    run = site.plan()
    site.until(lambda: "rcpt" in site.mail.commands)
    site.kill(worker)
    site.mail.faults = Faults()
    site.worker("make", "deliver")
    done = site.finished(run)
    assert states(done) == [DeliveryState.sent]
    assert len(site.mail.received) == 1


def test_a_worker_killed_after_the_hand_over(site) -> None:
    site.mail.faults = Faults(hang="content")
    worker = site.worker("make", "deliver")
    run = site.plan()
    site.until(site.mail.has_content.is_set)
    site.kill(worker)
    site.mail.faults = Faults()
    site.worker("make", "deliver")
    done = site.finished(run)
    assert states(done) == [DeliveryState.ambiguous]
    assert len(site.mail.received) == 1
