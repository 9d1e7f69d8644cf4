"""Unsubscriptions on the command line, and what doctor says of links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pressroom import Host
from pressroom_cli.link_checks import check_links
from workspaces.visits import make_workspace

WHERE = ("--project", "nxog09md")


def test_unsubscriptions_are_listed_made_and_undone(workspace: Path, run: Any) -> None:
    assert "nobody" in run("reports", "unsubscribed", "weekly", *WHERE).err
    assert run("reports", "unsubscribe", "weekly", "JANE@example.org", *WHERE).code == 0
    (listed,) = run("reports", "unsubscribed", "weekly", *WHERE, "--json").json
    assert (listed["report"], listed["address"]) == ("weekly", "JANE@example.org")
    assert listed["since"].startswith("20")
    sent = run("reports", "send", "weekly", *WHERE)
    assert sent.code == 0, sent.err
    assert "jane@example.org  skipped  unsubscribed on " in sent.out
    (last,) = run("runs", "list", *WHERE, "--limit", 1, "--json").json
    jane = next(each for each in last["deliveries"] if each["recipient"] == "jane@example.org")
    assert jane["state"] == "skipped"
    assert jane["answer"].endswith("pressroom reports resubscribe weekly jane@example.org --project nxog09md")
    assert "skipped" in run("runs", "show", last["id"]).out
    assert run("reports", "resubscribe", "weekly", "jane@example.org", *WHERE).code == 0
    again = run("reports", "resubscribe", "weekly", "jane@example.org", *WHERE)
    assert (again.code, "has not unsubscribed" in again.err) == (1, True)
    for nothing in ("", " ", "x" * 501):
        assert run("reports", "unsubscribe", "weekly", nothing, *WHERE).code == 2
    assert run("reports", "unsubscribe", "weekly", "od\udcffd@example.org", *WHERE).code == 0
    actions = [each["action"] for each in run("audit", "list", "--json").json]
    assert {"reports:unsubscribe", "reports:resubscribe"} <= set(actions)


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("", ["no public_url", "no links"]),
        ('public_url = "http://localhost:8000"', ["only this machine", "must begin with https"]),
        (
            'public_url = "https://reports.example.org"\npublic_links = true',
            ["List-Unsubscribe-Post", "DKIM", "for 30d (public_links)"],
        ),
    ],
)
def test_what_links_need_is_named(tmp_path: Path, server: str, said: list[str]) -> None:
    file = make_workspace(tmp_path / "w")
    file.write_text(f"[server]\n{server}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    with Host.open(file) as host:
        found = check_links(host)
    for words in said:
        assert words in found


def test_doctor_finds_public_links_without_an_address(workspace: Path, run: Any) -> None:
    file = workspace / "pressroom.toml"
    file.write_text(f"[server]\npublic_links = true\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    findings = run("doctor", "--json").json["findings"]
    links = next(each for each in findings if each["what"] == "links")
    assert not links["ok"]
    assert "public_links needs public_url" in links["message"]
