"""What benchmarks ask of a machine, a folder and a store."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pressroom import Host


def folder_bytes(folder: Path) -> int:
    """What all files below a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def stored_bytes(host: Host) -> int:
    """What the store takes on its disk, indices included."""
    if host.store.location.startswith("postgresql"):
        return int(ask(host, "SELECT pg_database_size(current_database())"))
    return int(ask(host, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"))


def server_cpu(host: Host) -> float:
    """CPU seconds of a PostgreSQL server on this machine so far; 0 for SQLite, and for a server elsewhere."""
    if not host.store.location.startswith("postgresql"):
        return 0.0
    try:
        backend = Path(f"/proc/{int(ask(host, 'SELECT pg_backend_pid()'))}/stat")
        parent = backend.read_text().rpartition(")")[2].split()[1]
    except OSError:
        return 0.0
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if parent in (stat.parent.name, fields[1]):
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def ask(host: Host, statement: str) -> Any:
    """The one value that a statement gives."""
    with host.store.sessions.read() as session:
        return session.connection().exec_driver_sql(statement).scalar_one()


def quantile(values: Iterable[float], share: float) -> float:
    """The value that this share of them does not exceed, to the microsecond."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 6)


def machine() -> dict[str, str]:
    """What the figures hold for."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")),
        platform.machine(),
    )
    names = ("pressroom", "polars", "duckdb", "typst", "sqlalchemy", "psycopg", "aiosmtplib")
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}Z",
        "machine": f"{os.cpu_count()} cores of {model}",
        "load": f"{os.getloadavg()[1]:.1f}",
        "versions": ", ".join([f"Python {platform.python_version()}", *(f"{each} {version(each)}" for each in names)]),
    }


def fresh(server: str, number: int) -> str:
    """A new database on the server; gives the store's URL."""
    import psycopg

    name = f"steps_{os.getpid()}_{number}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server.rpartition('/')[0]}/{name}".replace("postgresql://", "postgresql+psycopg://")
