"""The demo, once and once more."""

from __future__ import annotations

import shlex
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest


def test_the_demo_mails_real_reports_and_works_a_second_time(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"
    first = run("demo", "--dir", folder)
    assert first.code == 0
    said = first.out.partition("what to try next")[2]
    mails = sorted((folder / "outbox").glob("*.eml"))
    documents = sorted((folder / "reports").iterdir())
    assert mails
    assert {path.suffix for path in documents} >= {".pdf", ".csv", ".png"}
    for path in (*mails, *documents):
        assert path.name in first.out
    message = message_from_bytes(mails[0].read_bytes(), policy=policy.default)
    assert any(part.get_content_type() == "application/pdf" for part in message.walk())
    definition = folder / "demo.yaml"
    definition.write_text(definition.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    second = run("demo", "--dir", folder, "--json").json
    assert len(second["mails"]) == len(mails)
    assert {run["state"] for run in second["runs"]} == {"succeeded"}
    assert definition.read_text(encoding="utf-8").endswith("# mine\n")
    assert len(run("--config", folder / "pressroom.toml", "runs", "list", "--json").json) == 2 * len(second["runs"])
    told = [shlex.split(line)[1:] for line in said.splitlines() if line.startswith("  pressroom ")]
    quick = [command for command in told if command[0] in ("charts", "runs", "apply")]
    assert len(quick) == 3
    monkeypatch.chdir(folder)
    assert [run(*command).code for command in quick] == [0, 0, 0]
