"""`pressroom worker` as a process: it sends what is due, says so, and stops in good order."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pressroom import Host
from pressroom.models.runs import RunState
from pressroom.moments import utc_now
from servers.waiting import wait_until

P = "nxog09md"
Start = Callable[..., "Process"]


class Process:
    """A worker and what it has logged so far."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.log = folder / f"worker-{os.urandom(4).hex()}.log"
        self._file = self.log.open("wb")
        code = "import sys; from pressroom_cli.main import main; sys.exit(main())"
        command = [sys.executable, "-c", code, "worker", *options]
        self.process = subprocess.Popen(command, cwd=folder, stderr=self._file, stdout=self._file)

    def said(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.log.read_text("utf-8"))

    def wait_for(self, pattern: str) -> re.Match[str]:
        wait_until(lambda: self.said(pattern) or self.process.poll() is not None, f"the worker says {pattern}")
        found = self.said(pattern)
        assert found, self.log.read_text("utf-8")
        return found

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._file.close()


@pytest.fixture
def start(workspace: Path) -> Iterator[Start]:
    started: list[Process] = []

    def call(*options: str) -> Process:
        started.append(Process(workspace, *options))
        return started[-1]

    yield call
    for process in started:
        process.close()


def test_it_works_until_it_is_told_to_stop(start: Start, host: Host, mail_server: Any, workspace: Path) -> None:
    (workspace / "pressroom.toml").write_text((workspace / "pressroom.toml").read_text() + '\n[log]\nformat = "json"\n')
    worker = start("--metrics-port", "0", "--grace", "20")
    port = json.loads(worker.wait_for(r"\{.*figures for Prometheus.*\}")[0])["message"].split(":")[3].split("/")[0]
    worker.wait_for("started")
    stored = host.store.project(P).reports.get("weekly")
    moment = utc_now() - timedelta(seconds=1)
    run = host.press.plan(P, stored.value, report_id=stored.id, kind="scheduled", key="k", planned_at=moment)
    wait_until(lambda: host.ledger.get(run.id).state.final, "the run is final")
    assert host.ledger.get(run.id).state == RunState.succeeded
    assert sorted(mail.recipients for mail in mail_server.received) == [("jane@example.org",), ("ops@example.org",)]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert 'pressroom_runs_finished_total{kind="scheduled",state="succeeded"} 1.0' in answer.read().decode()
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(60) == 0
    lines = worker.log.read_text("utf-8").splitlines()
    assert json.loads(lines[-1])["message"] == "stopped"
    assert all(json.loads(line)["logger"].startswith("pressroom") for line in lines)


def test_a_second_signal_ends_it_at_once(start: Start, host: Host, workspace: Path) -> None:
    sources = (workspace / "pressroom.toml").read_text()
    pipe = workspace / "data" / "visits.csv"
    pipe.unlink()
    os.mkfifo(pipe)
    (workspace / "pressroom.toml").write_text(sources)
    worker = start("--grace", "1000")
    worker.wait_for("started")
    stored = host.store.project(P).reports.get("weekly")
    run = host.press.plan(P, stored.value, report_id=stored.id, kind="manual", key="k", planned_at=utc_now())
    wait_until(lambda: host.ledger.get(run.id).state == RunState.composing, "the run hangs")
    worker.process.send_signal(signal.SIGINT)
    worker.wait_for("stopping")
    assert worker.process.poll() is None
    worker.process.send_signal(signal.SIGINT)
    assert worker.process.wait(60) == 1


def test_it_refuses_a_store_of_another_schema(start: Start, workspace: Path) -> None:
    for name in ("pressroom.db", "pressroom.db-wal", "pressroom.db-shm"):
        (workspace / name).unlink(missing_ok=True)
    worker = start()
    assert worker.process.wait(60) == 1
    assert worker.said("pressroom db upgrade")
    assert not worker.said("Traceback")


def test_a_port_that_is_taken_is_told(start: Start, mail_server: Any) -> None:
    worker = start("--metrics-port", str(mail_server.port))
    assert worker.process.wait(60) == 1
    assert worker.said(rf"Error: cannot serve metrics on 127\.0\.0\.1:{mail_server.port}")
