"""What the page on bursting tells people to write works as it says, the plugin's source too."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

from pressroom import Host, Report
from pressroom.definitions import HostCatalogue, apply, check, load_text
from pressroom.plugins import Plugins
from pressroom.settings import load_workspace
from servers.smtp import Faults, serving

PAGE = (Path(__file__).parents[2] / "docs" / "bursting.md").read_text(encoding="utf-8")
FENCES = [(name, text) for name, text in re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]


def blocks(language: str) -> list[str]:
    return [text for name, text in FENCES if name == language]


@pytest.fixture
def mail() -> Iterator[Any]:
    with serving(Faults()) as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path, mail: Any, here: Any) -> Iterator[Host]:
    """The workspace of the page, with its plugin."""
    (tmp_path / "orders.csv").write_text(blocks("text")[0])
    (tmp_path / "managers.csv").write_text(blocks("text")[1])
    (tmp_path / "staff.txt").write_text("a@example.org sales\nb@example.org stock\nc@example.org sales\n")
    staff = '[sources.staff]\ntype = "teams"\npath = "staff.txt"\n'
    (tmp_path / "pressroom.toml").write_text(blocks("toml")[0].replace("1025", str(mail.port)) + staff)
    module = type(sys)("pressroom_teams")
    exec(compile(blocks("python")[0], "bursting.md", "exec"), module.__dict__)
    plugins = Plugins(entry_points=[*entry_points(group="pressroom"), here("teams", module)])
    with Host(load_workspace(tmp_path), plugins) as opened:
        opened.store.upgrade()
        apply(check(load_text(blocks("yaml")[0]), HostCatalogue(opened)), opened.store, by="test")
        yield opened


def report(host: Host) -> Report:
    return host.store.project("default").reports.get("managers").value


def test_the_example_says_what_is_printed(shop: Host, mail: Any) -> None:
    from pressroom_cli import outcomes

    run = shop.press.plan("default", report(shop), report_id=None, kind="manual", key="1")
    done = shop.press.work(run.id)
    lines = [line.split("  ") for line in blocks("console")[0].splitlines()[1:]]
    said = [[each.channel, each.recipient, outcomes._sees(each), str(each.state)] for each in done.deliveries]
    assert said == [line[:4] for line in lines]
    assert done.deliveries[3].answer == lines[3][4]
    assert sorted((each.message["Subject"], *each.recipients) for each in mail.received) == [
        ("Orders of EU", "ann@example.org"),
        ("Orders of EU", "cleo@example.org"),
        ("Orders of US", "bob@example.org"),
    ]


def test_a_plugins_source_gives_recipients(shop: Host, mail: Any) -> None:
    recipients = yaml.safe_load(blocks("yaml")[2])["recipients"]
    delivery = {"channel": "email", "recipients": recipients}
    definition = report(shop).model_dump(mode="json") | {"deliveries": [delivery], "condition": "", "uid": "other"}
    checked = shop.check_report("default", definition).report
    run = shop.press.work(shop.press.plan("default", checked, report_id=None, kind="manual", key="1").id)
    assert [(each.recipient, str(each.state)) for each in run.deliveries] == [
        ("a@example.org", "sent"),
        ("c@example.org", "sent"),
    ]
