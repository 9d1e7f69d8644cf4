"""The reporting API on a real socket, with a real mail server behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pressroom_server.hookspecs
from pressroom import Host, Principal
from pressroom.definitions import HostCatalogue, apply, check, load_text
from pressroom.plugins import Plugins
from pressroom.settings import load_workspace
from servers.reporting_client import Contract
from servers.results_server import running
from servers.smtp import Faults, MailServer, serving
from workspaces.visits import DEFINITIONS, make_workspace

PROJECT = "nxog09md"
OTHER = "other001"
EMPTY = "empty001"
ADMIN = Principal.local_admin()
MORE = """\
dashboards:
  - uid: vars0001
    name: Variables
    time_range: {from: "2016-05-02", to: "2016-05-06"}
    variables:
      - {name: city, label: City, values: [北京, 上海], default: [北京, 上海], multi: true, include_all: true}
      - {name: browser, label: Browser, values: [Chrome, Firefox, Safari], default: [Chrome]}
    charts:
      - uid: tablevar
        name: Chosen
        type: table
        source: visits
        query: >-
          SELECT city, browser, sum(visits) AS visits FROM visits
          WHERE $__timeFilter(time) AND city IN ($city) AND browser IN ($browser) GROUP BY 1, 2
"""
THEIRS = """\
project: {uid: other001, name: Other}
dashboards: [{uid: theirs01, name: Theirs}]
reports:
  - uid: secret
    name: Secret
    dashboards: [{uid: theirs01}]
    deliveries: [{channel: email, to: [them@example.org]}]
"""
NOTHING = "project: {uid: empty001, name: Empty}"
BODY: dict[str, Any] = {
    "name": "Visits",
    "recipients": "a@example.org",
    "dashboards": [{"dashboard": {"uid": "good0001"}}],
}
"""The least that makes a report."""


@dataclass
class Reports:
    """A server.

    Attributes:
        client: signed in as an admin of the project.
        organisation: number of the project.
    """

    host: Host
    url: str
    client: Contract
    mail: MailServer
    organisation: int

    def token(self, role: str = "admin", project: str = PROJECT, **options: Any) -> str:
        """The secret of a new token."""
        return self.host.access.create_token(ADMIN, f"{role} of {project}", role=role, project=project, **options)[1]

    def signed_in(self, secret: str, **headers: str) -> Contract:
        """A client with that token."""
        return Contract(base_url=self.url, headers={"Authorization": f"Bearer {secret}", **headers}, timeout=60)

    def create(self, **fields: Any) -> int:
        """The id of a new report."""
        answer = self.client.post("/api/reports", json={**BODY, **fields})
        assert answer.status_code == 200, answer.text
        number: int = answer.json()["id"]
        return number

    def created(self, **fields: Any) -> dict[str, Any]:
        """A new report as it is answered."""
        return self.get(self.create(**fields))

    def get(self, number: int) -> dict[str, Any]:
        """A report as it is answered."""
        found: dict[str, Any] = self.client.get(f"/api/reports/{number}").json()
        return found

    def refused(self, **fields: Any) -> str:
        """Why a report with these fields is not taken."""
        answer = self.client.post("/api/reports", json={**BODY, **fields})
        assert answer.status_code == 400, answer.text
        message: str = answer.json()["message"]
        return message


@contextmanager
def serving_reports(folder: Path, settings: str = "", faults: Faults | None = None) -> Iterator[Reports]:
    """A server while the block runs.

    Args:
        folder: of the workspace; made here.
        settings: more of `pressroom.toml`.
        faults: of the mail server.
    """
    with serving(faults) as mail:
        file = make_workspace(folder, mail.port)
        file.write_text(f"{settings}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
        host = Host(load_workspace(file), Plugins([pressroom_server.hookspecs]))
        host.store.upgrade()
        for text in (DEFINITIONS.replace("dashboards:\n", MORE, 1), THEIRS, NOTHING):
            apply(check(load_text(text), HostCatalogue(host)), host.store, by="pressroom")
        with running(host) as server:
            made = Reports(host, server.url, Contract(), mail, host.repositories.project(PROJECT).id)
            made.client.close()
            made.client = made.signed_in(made.token())
            with made.client:
                yield made
