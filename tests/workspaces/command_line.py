"""Fixtures: a workspace over real files with a mail server, and a way to call the command line in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pressroom_cli.main import main
from servers.smtp import Faults, MailServer, serving
from workspaces.visits import make_workspace


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> Result:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err + captured.out
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with serving(Faults(recipients={"no@example.org": "550 no such user"})) as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path, mail_server: MailServer, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with everything applied; it is the current folder."""
    folder = tmp_path / "workspace"
    make_workspace(folder, mail_server.port)
    monkeypatch.chdir(folder)
    assert run("db", "upgrade").code == 0
    assert run("apply", "definitions.yaml").code == 0
    return folder
