"""The reporting API: a list of a thousand reports, many clients at once on both stores, a dashboard as PDF."""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import shop
from measure import HERE

sys.path.insert(0, str(HERE.parent))
from probes import fresh

from servers.postgres_server import find_programs, running_cluster

REPORTS, CLIENTS, EACH, RENDERS = 1000, 50, 10, 8
BOARD = "twelve"
DASHBOARDS = [{"dashboard": {"uid": BOARD}}]
BODY: dict[str, Any] = {
    "name": "Report",
    "recipients": "a@example.org,b@example.org",
    "replyTo": "desk@example.org",
    "message": "Please find the week's report attached. " * 4,
    "schedule": {"startDate": "2026-10-02T10:00:00+02:00", "frequency": "daily", "timeZone": "Europe/Warsaw"},
    "options": {"orientation": "landscape", "layout": "grid"},
    "enableDashboardUrl": True,
    "dashboards": [
        {**DASHBOARDS[0], "timeRange": {"from": "now-7d", "to": "now"}, "reportVariables": {"city": ["Oslo"]}}
    ],
    "formats": ["pdf", "csv"],
}
LISTING = "SELECT id, uid, definition, created_at, updated_at FROM reports ORDER BY id"


def prepare(folder: Path, store: str) -> Any:
    """A workspace with a dashboard of twelve panels; gives its host."""
    import pressroom_server.hookspecs
    from pressroom import Dashboard, Host
    from pressroom.plugins import Plugins
    from pressroom.settings import load_workspace

    host = Host(load_workspace(shop.make(folder, store, 1, 1)), Plugins([pressroom_server.hookspecs]))
    host.store.upgrade()
    charts = [
        {**chart, "uid": f"{chart['uid']}{copy}", "source": "shop", "grid": {"x": x, "y": 8 * copy, "w": 8, "h": 8}}
        for copy in range(4)
        for x, chart in zip((0, 8, 16), shop.CHARTS, strict=True)
    ]
    board = {"uid": BOARD, "name": "Twelve", "time_range": {"from": "2026-03-01", "to": "2026-06-01"}, "charts": charts}
    host.repositories.project("default").dashboards.save(Dashboard.model_validate(board), "bench")
    return host


def serve(file: Path) -> None:
    """A server of one process, without a worker."""
    import uvicorn

    import pressroom_server.hookspecs
    from pressroom import Host
    from pressroom.plugins import Plugins
    from pressroom.settings import load_workspace
    from pressroom_server.app import create_app

    host = Host(load_workspace(file), Plugins([pressroom_server.hookspecs]))
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(create_app(host), log_config=None, lifespan="off")).run([listening])


class Client:
    """One kept connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None) -> bytes:
        """The answer's body; whatever is no 200 ends the measurement."""
        sent = json.dumps(body) if body is not None else None
        self._connection.request(method, f"/api/reports{path}", sent, self._headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path} gave {answer.status}: {data[:300]!r}")
        return data


@contextmanager
def serving(host: Any) -> Iterator[Callable[[], Client]]:
    """A server in a process of its own; gives what makes clients."""
    from pressroom import Principal

    token = host.access.create_token(Principal.local_admin(), "bench", role="admin", project="default")[1]
    command = [sys.executable, str(HERE / "reporting_api.py"), "serve", str(host.workspace.file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        yield lambda: Client(port, token)
        server.kill()


def best(work: Callable[[], Any], times: int) -> float:
    """Milliseconds of the fastest."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found) * 1000


def p95(connect: Callable[[], Client], ask: Callable[[Client, int], Any]) -> float:
    """Milliseconds within which 95 % of the requests of many clients at once are answered."""
    found: list[float] = []
    ready = threading.Barrier(CLIENTS)

    def work(number: int) -> None:
        client = connect()
        ready.wait()
        for index in range(EACH):
            started = time.perf_counter()
            ask(client, number * EACH + index)
            found.append(time.perf_counter() - started)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == CLIENTS * EACH, "a request failed"
    return statistics.quantiles(found, n=20)[-1] * 1000


def listed(host: Any, connect: Callable[[], Client]) -> list[tuple[str, str]]:
    """A list of a thousand reports, beside the least that a list costs: its rows read, its answer encoded."""
    import msgspec
    import sqlalchemy as sa

    from pressroom import Principal
    from pressroom_builtin.grafana.service import Reporting

    answer = Reporting(host).reports(Principal.local_admin(), "default")
    assert len(answer) >= REPORTS
    engine = sa.create_engine(sa.make_url(_url(host)))
    with engine.connect() as connection:
        query = best(lambda: _rows(connection), 20)
    engine.dispose()
    encoding = best(lambda: msgspec.json.encode(answer), 20)
    client = connect()
    ours = best(lambda: client.ask("GET", ""), 20)
    return [
        (f"  list of {len(answer)} over HTTP, ms", f"{ours:.1f}"),
        ("    its rows with definitions, its encoding", f"{query:.1f} + {encoding:.1f}"),
        ("    times as long (at most 2)", f"{ours / (query + encoding):.2f}"),
    ]


def _rows(connection: Any) -> list[Any]:
    """What the list is made of; PostgreSQL's driver has parsed the definitions already."""
    found = connection.exec_driver_sql(LISTING).fetchall()
    return [json.loads(row[2]) if isinstance(row[2], str) else row[2] for row in found]


def _url(host: Any) -> str:
    url: str = host.settings.store.url.get_secret_value()
    file = host.workspace.folder / url.removeprefix("sqlite:///")
    return f"sqlite:///{file}" if url.startswith("sqlite") else url


def crowded(connect: Callable[[], Client]) -> list[tuple[str, str]]:
    """Many clients that create, then get."""
    numbers: list[int] = []
    connect().ask("POST", "", BODY)

    def create(client: Client, number: int) -> None:
        numbers.append(json.loads(client.ask("POST", "", {**BODY, "name": f"Report {number}"}))["id"])

    creating = p95(connect, create)
    getting = p95(connect, lambda client, number: client.ask("GET", f"/{numbers[number]}"))
    assert len(set(numbers)) == CLIENTS * EACH
    return [
        (f"  create, p95 of {CLIENTS} clients at once, ms", f"{creating:.0f}"),
        (f"  get, p95 of {CLIENTS} clients at once, ms", f"{getting:.0f}"),
    ]


def rendered(host: Any, connect: Callable[[], Client]) -> list[tuple[str, str]]:
    """A dashboard of twelve panels as PDF: in this process, and over HTTP, in turns."""
    from pressroom import Principal
    from pressroom_builtin.grafana.service import Reporting

    api, me, client = Reporting(host), Principal.local_admin(), connect()
    text = json.dumps(DASHBOARDS)
    path = f"/render/pdfs?{urlencode({'dashboards': text})}"
    alone, ours = [], []
    for _ in range(RENDERS):
        alone.append(best(lambda: api.pdf(me, "default", text), 1))
        ours.append(best(lambda: client.ask("GET", path), 1))
    least, most = min(alone[2:]), min(ours[2:])
    return [
        ("12 panels asked for and rendered to PDF here, ms", f"{least:.0f}"),
        ("  over HTTP", f"{most:.0f}"),
        ("  HTTP adds (under 10 %)", f"{100 * (most / least - 1):.0f} %"),
    ]


def main() -> list[tuple[str, str]]:
    """Rows of the printed table."""
    table: list[tuple[str, str]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pressroom-reporting-")))
        stores = {"SQLite": "sqlite:///pressroom.db"}
        if programs := find_programs():
            stores["PostgreSQL"] = fresh(stack.enter_context(running_cluster(programs, durable=True)), 0)
        for name, store in stores.items():
            with prepare(folder / name, store) as host, serving(host) as connect:
                table.append((f"reporting API on {name}", ""))
                table += crowded(connect)
                filler = connect()
                for number in range(REPORTS - CLIENTS * EACH):
                    filler.ask("POST", "", {**BODY, "name": f"More {number}"})
                table += listed(host, connect)
                if name == "SQLite":
                    table += rendered(host, connect)
    return table


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]))
    else:
        for what, figure in main():
            print(f"{what:50} {figure}", flush=True)
