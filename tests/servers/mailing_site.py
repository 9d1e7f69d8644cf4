"""A server behind https, by its own account, whose reports go out to a real mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

import pressroom_server.hookspecs
from pressroom import Host, Report, Run
from pressroom.definitions import HostCatalogue, apply, check, load_text
from pressroom.plugins import Plugins
from pressroom.settings import load_workspace
from servers.results_server import PROJECT, running
from servers.smtp import MailServer, serving
from workspaces.visits import DEFINITIONS, make_workspace

BASE = "https://reports.example.org"
SERVER = f"""\
[server]
public_url = "{BASE}"
public_links = true
link_age = "8w"
"""
REPORT = {
    "uid": "weekly",
    "name": "Weekly <b>&</b> more",
    "dashboards": [{"uid": "good0001", "variables": {}}],
    "formats": ["csv"],
    "dashboard_links": True,
}


@dataclass
class Site:
    """A running server and what it mails.

    Attributes:
        stranger: somebody who is not signed in, with a browser.
    """

    host: Host
    url: str
    mail: MailServer
    stranger: httpx.Client

    def save(self, **changes: Any) -> Report:
        report = Report.model_validate({**REPORT, **changes})
        return self.host.store.project(PROJECT).reports.save(report, "test").value

    def send(self, report: Report, kind: Any = "manual", key: str = "1") -> Run:
        stored = self.host.store.project(PROJECT).reports.get(report.uid)
        run = self.host.press.plan(PROJECT, report, report_id=stored.id, kind=kind, key=f"{report.uid} {kind} {key}")
        return self.host.press.work(run.id)

    def last(self) -> EmailMessage:
        return self.mail.received[-1].message

    def read(self) -> str:
        part = self.last().get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    def links(self, path: str) -> list[str]:
        """Links of the last mail to a path, as paths."""
        return re.findall(rf"{BASE}({path}\S*)", self.read())


@contextmanager
def mailing_site(folder: Path, server: str = SERVER) -> Iterator[Site]:
    with serving() as mail:
        file = make_workspace(folder, mail.port)
        text = file.read_text(encoding="utf-8").replace('sender = "', 'max_attachment_bytes = 10\nsender = "', 1)
        file.write_text(f"{server}\n{text}", encoding="utf-8")
        host = Host(load_workspace(file), Plugins([pressroom_server.hookspecs]))
        host.store.upgrade()
        apply(check(load_text(DEFINITIONS), HostCatalogue(host)), host.store, by="pressroom")
        with running(host) as found:
            browser = httpx.Client(base_url=found.url, headers={"Accept": "text/html"}, timeout=60)
            with browser:
                yield Site(host, found.url, mail, browser)
