"""Ctrl-C while a mail server is silent: the command ends, the ledger says what is known, nothing is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

import pytest

from pressroom_cli.main import main
from servers.smtp import Faults, serving
from workspaces.visits import make_workspace


@pytest.mark.parametrize(("step", "expected"), [("rcpt", "deferred"), ("content", "ambiguous")])
def test_ctrl_c_ends_a_send_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: Literal["rcpt", "content"], expected: str
) -> None:
    with serving(Faults(hang=step)) as server:
        make_workspace(tmp_path / "w", server.port)
        monkeypatch.chdir(tmp_path / "w")
        assert main(["db", "upgrade"]) == 0
        assert main(["apply", "definitions.yaml"]) == 0
        command = [Path(sys.executable).with_name("pressroom"), "reports", "send", "weekly", "--project", "nxog09md"]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listen, env=dict(os.environ)
        )
        deadline = time.monotonic() + 60
        while step not in server.commands:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        received = len(server.received)
    assert process.returncode == 1, err
    assert "Ctrl-C again leaves at once" in err
    assert "Traceback" not in out + err
    first, second = (line for line in out.splitlines() if "email" in line)
    assert expected in first
    assert "planned" in second
    assert received == (1 if step == "content" else 0)


def listen() -> None:
    """A shell's background jobs ignore Ctrl-C, and a child takes that over."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
