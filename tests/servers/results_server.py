"""The results API on a real socket, over the small workspace of visits."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

import pressroom_server.hookspecs
from pressroom import Host, Principal
from pressroom.definitions import HostCatalogue, apply, check, load_text
from pressroom.plugins import Plugins
from pressroom.settings import load_workspace
from pressroom_server.app import create_app
from workspaces.visits import DEFINITIONS, make_workspace

PROJECT = "nxog09md"
ADMIN = Principal.local_admin()
MORE = """\
dashboards:
  - uid: more0001
    name: More
    time_range: {from: "2016-05-02", to: "2016-05-06"}
    charts:
      - uid: gold0001
        name: About a segment
        type: number
        source: visits
        segment: s1aB2c3D
        query: SELECT sum(visits) AS visits FROM visits WHERE $__timeFilter(time)
      - uid: ratio001
        name: A ratio's total
        type: number
        source: visits
        query: SELECT sum(visits) AS visits, sum(seconds) AS seconds FROM visits WHERE $__timeFilter(time)
        metrics: [{name: duration, expr: seconds / visits, whole_days_only: true}]
      - uid: large001
        name: Many rows
        type: table
        source: visits
        options: {order: query}
        query: SELECT 'row ' || range AS name, range / 7 AS n FROM range(600000)
      - uid: points01
        name: Points in time, without $__timeGroup
        type: line
        source: visits
        query: SELECT time, visits FROM visits
      - uid: timeless
        name: A line without a time
        type: line
        source: visits
        query: SELECT city, sum(visits) AS visits FROM visits GROUP BY 1
"""


@dataclass
class Running:
    """A server in a thread of this process.

    Attributes:
        host: its workspace.
        url: where it listens.
        client: signed in as a viewer of the project.
    """

    host: Host
    url: str
    client: httpx.Client

    def token(self, role: str = "viewer", project: str = PROJECT, **options: Any) -> str:
        """The secret of a new token."""
        return self.host.access.create_token(ADMIN, f"{role} of {project}", role=role, project=project, **options)[1]

    def ended_token(self, role: str = "viewer") -> str:
        """The secret of a token whose time is over."""
        ended = self.token(role, expires=datetime.now(UTC) + timedelta(hours=1))
        database = sqlite3.connect(self.host.workspace.folder / "pressroom.db")
        with database:
            database.execute("UPDATE tokens SET expires_at = '2020-01-01 00:00:00.000000' WHERE expires_at IS NOT NULL")
        database.close()
        return ended

    def revoked_token(self, role: str = "viewer") -> str:
        """The secret of a token that was revoked."""
        access = self.host.access
        made, secret = access.create_token(ADMIN, f"revoked {role}", role=role, project=PROJECT)
        access.revoke_token(ADMIN, str(made.id))
        return secret

    def signed_in(self, secret: str, **headers: str) -> httpx.Client:
        """A client with that token."""
        given = {"Authorization": f"Token {secret}", **headers}
        # there is no TLS, and to read the machine's certificates takes 20 ms each time
        return httpx.Client(base_url=self.url, headers=given, timeout=60, verify=False)

    def path(self, rest: str) -> str:
        """A path of the project."""
        return f"/projects/{PROJECT}/{rest}"


def make_host(folder: Path, settings: str = "", port: int = 1) -> Host:
    """The workspace with more settings, its store filled."""
    file = make_workspace(folder, port)
    file.write_text(f"{settings}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    host = Host(load_workspace(file), Plugins([pressroom_server.hookspecs]))
    host.store.upgrade()
    definitions = DEFINITIONS.replace("dashboards:\n", MORE, 1)
    apply(check(load_text(definitions), HostCatalogue(host)), host.store, by="pressroom")
    return host


@contextmanager
def running(host: Host) -> Iterator[Running]:
    """A server of that workspace, while the block runs."""
    server = uvicorn.Server(uvicorn.Config(create_app(host), port=0, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    found = Running(host, url, httpx.Client())
    found.client.close()
    found.client = found.signed_in(found.token())
    try:
        yield found
    finally:
        found.client.close()
        server.should_exit = True
        thread.join()
        host.close()
