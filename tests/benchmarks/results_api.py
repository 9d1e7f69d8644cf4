"""The computed-results API: cached answers, uncached ones, many rows, many users; Datasette beside it."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import httpx
import polars as pl
from litestar import Litestar, Response, get
from measure import HERE, child, peak

CHART_ROWS, USERS, SECONDS, CONNECTIONS = 1_000_000, 5_000_000, 4.0, 16
PROJECT = "default"
CACHED = "/projects/default/charts/cached01.json"
BARE = "/bare"
AGGREGATE = "SELECT name, sum(a) AS a, avg(b) AS b, count(*) AS n FROM rows GROUP BY 1 ORDER BY 2 DESC"
TOML = """
[growingio]
downloads_per_second = 0
budget_seconds = 300
[cache]
megabytes = 4000
open_seconds = {open}
[limits]
rows = 10000000
[sources.rows]
type = "files"
tables = {{ rows = "rows.parquet", users = "users.parquet" }}
"""
YAML = f"""
dashboards:
  - uid: bench001
    name: Bench
    charts:
      - {{uid: cached01, name: Cached, type: table, source: rows,
         query: "SELECT 'name ' || (n % 220) AS name, sum(a) AS a, sum(b) AS b FROM rows WHERE n < 100000 GROUP BY 1"}}
      - {{uid: fresh001, name: Fresh, type: table, source: rows, query: "{AGGREGATE}"}}
      - {{uid: large001, name: Large, type: table, source: rows, query: "SELECT ts AS time, a, b FROM rows",
         options: {{order: query}}}}
segments:
  - {{uid: users001, name: Users, source: rows, query: "SELECT id AS cs1, name AS cs2 FROM users"}}
"""


def prepare(folder: Path) -> None:
    """Data and workspace."""
    from pressroom import Host
    from pressroom.definitions import HostCatalogue, apply, check, load_text

    index = pl.int_range(0, CHART_ROWS, eager=True)
    noise = (index.hash(7) % 1_000_000).cast(pl.Int64)
    stamps = (index * 1000).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    columns = {
        "ts": stamps,
        "name": "name " + (index % 50).cast(pl.String),
        "a": noise / 7,
        "b": noise / 1000,
        "n": noise,
    }
    frame = pl.DataFrame(columns)
    frame.write_parquet(folder / "rows.parquet")
    users = pl.int_range(0, USERS, eager=True)
    pl.DataFrame({"id": users, "name": "user " + users.cast(pl.String)}).write_parquet(folder / "users.parquet")
    for name, opened in (("off.toml", 3600), ("fresh.toml", 0)):
        (folder / name).write_text(TOML.format(open=opened), encoding="utf-8")
    with Host.open(folder / "off.toml") as host:
        host.store.upgrade()
        apply(check(load_text(YAML), HostCatalogue(host)), host.store, by="bench")
    with sqlite3.connect(folder / "rows.db") as database:
        database.execute("CREATE TABLE rows (ts INTEGER, a REAL, b REAL)")
        rows = frame.select(pl.col("ts").dt.epoch("ms"), "a", "b").iter_rows()
        database.executemany("INSERT INTO rows VALUES (?, ?, ?)", rows)
    database.close()


def serve(folder: Path, config: str, memory: str) -> None:
    """A server of one process; with a route beside it that returns the same bytes, in an application of its own.

    Args:
        memory: seconds for which a process gives an answer again without a look into store and cache; empty for
            what it does by itself.
    """
    import uvicorn

    import pressroom_server.hookspecs
    from pressroom import Host, Principal
    from pressroom.plugins import Plugins
    from pressroom.settings import load_workspace
    from pressroom_builtin.growingio import serving as results
    from pressroom_server.app import create_app

    if memory:
        results.READY_SECONDS = float(memory)
    host = Host(load_workspace(folder / config), Plugins([pressroom_server.hookspecs]))
    token = host.access.create_token(Principal.local_admin(), "bench", role="viewer", project=PROJECT)[1]
    body = b"".join(_cached(host))

    @get(BARE, sync_to_thread=False)
    def bare() -> Response[bytes]:
        return Response(body, media_type="application/json")

    ours, plain = create_app(host), Litestar([bare], openapi_config=None, logging_config=None)

    async def both(scope: Any, receive: Any, send: Any) -> None:
        await (plain if scope.get("path") == BARE else ours)(scope, receive, send)

    listening = socket.create_server(("127.0.0.1", 0))
    print(json.dumps({"port": listening.getsockname()[1], "token": token, "bytes": len(body)}), flush=True)
    uvicorn.Server(uvicorn.Config(both, log_config=None, lifespan="off")).run([listening])


def _cached(host: Any) -> Iterator[bytes]:
    from pressroom import Principal
    from pressroom_builtin.growingio.buckets import Asked
    from pressroom_builtin.growingio.service import Results

    with Results(host).chart(Principal.local_admin(), PROJECT, "cached01", Asked()) as answer:
        yield from answer.pieces("json")


@contextmanager
def serving(
    folder: Path, config: str, memory: str = ""
) -> Iterator[tuple[str, dict[str, str], int, subprocess.Popen[str]]]:
    """A server in a process of its own: address, headers, bytes of the cached answer."""
    command = [sys.executable, str(HERE / "results_api.py"), "serve", str(folder), config, memory]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = json.loads(server.stdout.readline())
        yield f"http://127.0.0.1:{said['port']}", {"Authorization": f"Token {said['token']}"}, said["bytes"], server
        server.kill()


def rate(url: str, path: str, headers: dict[str, str]) -> float:
    """Requests a second over some kept connections, by raw sockets so that the client costs little."""
    host, port = url.removeprefix("http://").split(":")
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    until, done = time.perf_counter() + SECONDS, [0] * CONNECTIONS

    def ask(number: int) -> None:
        with socket.create_connection((host, int(port))) as connection:
            while time.perf_counter() < until:
                connection.sendall(request)
                data = connection.recv(65536)
                head, _, rest = data.partition(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200"), head
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                missing = length - len(rest)
                while missing > 0:
                    missing -= len(connection.recv(65536))
                done[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS


def rows(folder: Path) -> dict[str, float]:
    """A million rows from frame to JSON."""
    from pressroom_builtin.growingio import encode, wire

    frame = pl.read_parquet(folder / "rows.parquet").select(pl.col("ts").dt.epoch("ms"), "a", "b")
    chart = wire.ChartData(id="x", name="x", start_time=0, end_time=0, interval=1, meta=[])
    best, before = float("inf"), peak()
    for _ in range(5):
        started = time.perf_counter()
        size = sum(len(piece) for piece in encode.json_pieces(chart, frame.iter_slices(50_000)))
        best = min(best, time.perf_counter() - started)
    return {"rows": CHART_ROWS / best, "bytes": size, "grown": peak() - before}


def timed(work: Callable[[], Any], times: int = 3) -> float:
    """The fastest of some runs."""
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


@cache
def client() -> httpx.Client:
    """A client with kept connections: to make one takes as long as a query."""
    return httpx.Client(timeout=300)


def fetch(url: str, headers: dict[str, str]) -> int:
    """Read an answer to its end, and forget it."""
    total = 0
    with client().stream("GET", url, headers={"Accept-Encoding": "identity", **headers}) as answer:
        assert answer.status_code == 200, answer.read()
        for piece in answer.iter_raw():
            total += len(piece)
    return total


def memory(process: subprocess.Popen[str]) -> float:
    """The most resident megabytes of a process."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


def main() -> list[tuple[str, str]]:
    """Rows of the printed table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        child("results_api.py", "prepare", name)
        table = [*_cached_figures(folder), *_fresh_figures(folder)]
        found = child("results_api.py", "rows", name)
        table.append(("1 M rows from frame to JSON, M rows/s (at least 4)", f"{found['rows'] / 1e6:.1f}"))
        table.append(("  memory beyond the frame, MB", f"{found['grown']:.0f}"))
        table += [*_large_figures(folder), *_datasette_figures(folder)]
    return table


def _cached_figures(folder: Path) -> list[tuple[str, str]]:
    with serving(folder, "off.toml") as (url, headers, size, _):
        fetch(url + CACHED, headers)
        bare, ours = [], []
        for _ in range(3):
            bare.append(rate(url, BARE, headers))
            ours.append(rate(url, CACHED, headers))
    with serving(folder, "off.toml", memory="0") as (url, headers, _, _):
        fetch(url + CACHED, headers)
        looked = [rate(url, CACHED, headers) for _ in range(3)]
    return [
        (f"bare Litestar route, {size / 1000:.0f} kB, requests/s", f"{max(bare):.0f}"),
        ("  a cached chart of the same bytes", f"{max(ours):.0f}"),
        ("  part of its speed (at least 70 %)", f"{100 * max(ours) / max(bare):.0f} %"),
        ("  the same with a look into store and cache each time", f"{max(looked):.0f}"),
        ("  part of its speed", f"{100 * max(looked) / max(bare):.0f} %"),
        ("  what the limit costs a download, µs", f"{_turn_cost(folder):.0f}"),
    ]


def _turn_cost(folder: Path) -> float:
    from pressroom_builtin.growingio.limiter import Limiter

    limiter, turns = Limiter(folder / "limits.db", 2), 5000
    started = time.perf_counter()
    for number in range(turns):
        limiter.take(f"client {number % 100}")
    return (time.perf_counter() - started) / turns * 1e6


def _fresh_figures(folder: Path) -> list[tuple[str, str]]:
    query = AGGREGATE.replace("FROM rows", f"FROM '{folder / 'rows.parquet'}'")
    alone, asked, ours = [], [], []
    with serving(folder, "fresh.toml") as (url, headers, _, _), duckdb.connect(config={"threads": 2}) as opened:
        chart = f"{url}/projects/default/charts/fresh001.json"
        # by turns, for what else the machine does meets all three alike
        for number in range(15):
            # a range of its own each time, so that nothing kept fits
            ours.append(timed(lambda: fetch(f"{chart}?startTime={number}&endTime={10**9}", headers), 1))  # noqa: B023
            # the server opens its next database meanwhile
            time.sleep(0.2)
            alone.append(timed(lambda: duckdb.connect(config={"threads": 2}).execute(query).fetchall(), 1))
            asked.append(timed(lambda: opened.execute(query).fetchall(), 1))
    one, two, three = (min(each[2:]) for each in (alone, asked, ours))
    return [
        ("1 M rows of Parquet by DuckDB alone, opened and asked, ms", f"{one * 1000:.0f}"),
        ("  asked in a database that is open already, ms", f"{two * 1000:.0f}"),
        ("  an uncached chart over it", f"{three * 1000:.0f}"),
        ("  times as long as opened and asked (at most 1.5)", f"{three / one:.2f}"),
        ("  times as long as asked only (at most 1.5)", f"{three / two:.2f}"),
    ]


def _large_figures(folder: Path) -> list[tuple[str, str]]:
    with serving(folder, "off.toml") as (url, headers, _, server):
        large = f"{url}/projects/default/charts/large001.json"
        fetch(large, headers)
        seconds = timed(lambda: fetch(large, headers))
        chart = memory(server)
    with serving(folder, "off.toml") as (url, headers, _, server):
        users = f"{url}/projects/default/segmentations/users001/users.csv"
        first = timed(lambda: fetch(users, headers), 1)
        again = timed(lambda: fetch(users, headers), 1)
        most = memory(server)
    return [
        ("1 M rows as JSON over HTTP, s", f"{seconds:.2f}"),
        ("  peak MB of the server", f"{chart:.0f}"),
        (f"users.csv of {USERS / 1e6:g} M users, s: first, again", f"{first:.1f}, {again:.1f}"),
        ("  peak MB of the server (under 300)", f"{most:.0f}"),
    ]


def _datasette_figures(folder: Path) -> list[tuple[str, str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = ["--setting", "max_returned_rows", str(CHART_ROWS), "--setting", "sql_time_limit_ms", "100000"]
    command = [str(Path(sys.executable).with_name("datasette")), str(folder / "rows.db"), "-p", str(port), *settings]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as server:
        try:
            url = f"http://127.0.0.1:{port}/rows"
            _wait(url)
            form = f"rows.json?_shape=arrays&_size={CHART_ROWS}&_nofacet=1&_nocount=1"
            seconds = timed(lambda: fetch(f"{url}/{form}", {}), 1)
            stream = timed(lambda: fetch(f"{url}/rows.csv?_stream=on&_size=max", {}), 1)
            most = memory(server)  # type: ignore[arg-type]
        finally:
            server.kill()
    return [
        ("1 M rows by Datasette as JSON, s", f"{seconds:.2f}"),
        ("  as CSV", f"{stream:.2f}"),
        ("  peak MB", f"{most:.0f}"),
    ]


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{url}.json", timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("Datasette does not start")


if __name__ == "__main__":
    if sys.argv[1:2] == ["prepare"]:
        prepare(Path(sys.argv[2]))
        print("{}")
    elif sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    elif sys.argv[1:2] == ["rows"]:
        print(json.dumps(rows(Path(sys.argv[2]))))
    else:
        for what, figure in main():
            print(f"{what:50} {figure}", flush=True)
