"""The catalogue of a real workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.definitions import HostCatalogue, apply, check, export, load_text, plan
from pressroom.errors import DefinitionError
from pressroom.host import Host

TOML = """
[sources.flights]
type = "files"
tables = { flights = "flights.csv" }
projects = ["p"]
[channels.email]
type = "email"
host = "127.0.0.1"
sender = "reports@example.org"
allowed_recipients = ["*@example.org"]
[channels.archive]
type = "folder"
path = "outbox"
projects = ["*"]
"""
TEXT = """project: {uid: p}
dashboards: [{uid: d, name: D, charts: [{uid: c, type: line, source: flights, query: SELECT 1}]}]
reports: [{uid: r, name: R, dashboards: [{uid: d}], formats: [pdf, csv], deliveries: [{channel: archive}]}]
"""


def test_definitions_are_checked_against_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text(TOML)
    with Host.open(tmp_path) as host:
        host.store.upgrade()
        apply(check(load_text(TEXT), HostCatalogue(host)), host.store, "ann")
        again = plan(check(load_text(export(host.store, "p")), HostCatalogue(host)), host.store)
        assert [change.action for change in again.changes] == ["unchanged", "unchanged"]
        wrong = TEXT.replace("uid: p", "uid: default").replace("archive", "email, to: [eve@example.com]")
        with pytest.raises(DefinitionError) as caught:
            check(load_text(wrong.replace("uid: d}]", "uid: e}]")), HostCatalogue(host))
    fields = [problem.field for problem in caught.value.problems]
    assert fields == [
        "dashboards[0].charts[0].source",
        "reports[0].dashboards[0].uid",
        "reports[0].deliveries[0].to[0]",
    ]
