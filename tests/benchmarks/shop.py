"""The workspace whose runs are measured: a shop's orders, a dashboard with three charts, any number of reports."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from pressroom import Dashboard, Host, Report
from pressroom.settings import load_workspace
from pressroom.store import Store

ORDERS, DAYS = 100_000, 365
START = datetime(2026, 1, 1, tzinfo=UTC)
CITIES = ("上海", "北京", "广州", "New York", "Chicago", "Warszawa", "São Paulo", "Oslo")
SETTINGS = """\
[store]
url = "{store}"
[sources.shop]
type = "files"
tables = {{ orders = "orders.parquet" }}
[channels.email]
type = "email"
host = "127.0.0.1"
port = {relay}
sender = "Pressroom <reports@example.org>"
[scheduler]
type = "local"
workers = {workers}
"""
CHARTS = (
    {
        "uid": "revenue",
        "name": "Revenue by city",
        "type": "line",
        "query": "SELECT $__timeGroup(day) AS time, city, sum(price) AS revenue FROM orders "
        "WHERE $__timeFilter(day) GROUP BY 1, 2",
        "grid": {"x": 0, "y": 0, "w": 24, "h": 8},
    },
    {
        "uid": "cities",
        "name": "Orders by city",
        "type": "vertical-bar",
        "query": "SELECT city, count(*) AS orders FROM orders WHERE $__timeFilter(day) GROUP BY 1",
        "grid": {"x": 0, "y": 8, "w": 12, "h": 8},
    },
    {
        "uid": "best",
        "name": "Largest orders",
        "type": "table",
        "query": "SELECT number, city, price FROM orders WHERE $__timeFilter(day) ORDER BY price DESC LIMIT 30",
        "grid": {"x": 12, "y": 8, "w": 12, "h": 8},
    },
)


def make(folder: Path, store: str, relay: int, workers: int) -> Path:
    """Data and settings in an empty folder; gives the toml file.

    Args:
        store: its URL.
        relay: port of the mail relay on loopback.
        workers: child processes of the `local` scheduler.
    """
    random.seed(1)
    frame = pl.DataFrame(
        {
            "number": [f"A-{row}" for row in range(ORDERS)],
            "day": [START + timedelta(minutes=row * DAYS * 1440 // ORDERS) for row in range(ORDERS)],
            "city": [random.choice(CITIES) for _ in range(ORDERS)],
            "price": [round(random.lognormvariate(4, 1), 2) for _ in range(ORDERS)],
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(folder / "orders.parquet")
    file = folder / "pressroom.toml"
    file.write_text(SETTINGS.format(store=store, relay=relay, workers=workers), encoding="utf-8")
    return file


def due(file: Path, reports: int, moment: datetime) -> None:
    """Store this many daily reports whose next moment is `moment`, as PDF and CSV to one address each."""
    before = moment - timedelta(hours=1)
    with Host(load_workspace(file)) as host:
        store = Store(host.settings.store.url.get_secret_value(), host.workspace.folder, lambda: before)
        store.upgrade()
        with store.transaction() as transaction:
            project = transaction.project("default")
            project.dashboards.save(_dashboard(), "bench")
            for number in range(reports):
                project.reports.save(_report(number, moment), "bench")
        store.close()


def _dashboard() -> Dashboard:
    return Dashboard.model_validate(
        {
            "uid": "shop",
            "name": "Shop",
            "time_range": {"from": "2026-03-01", "to": "2026-06-01"},
            "charts": [{**chart, "source": "shop"} for chart in CHARTS],
        }
    )


def _report(number: int, moment: datetime) -> Report:
    return Report.model_validate(
        {
            "uid": f"shop-{number}",
            "name": f"Shop {number}",
            "dashboards": [{"uid": "shop"}],
            "formats": ["pdf", "csv"],
            "deliveries": [{"channel": "email", "to": [f"reader-{number}@example.org"]}],
            "schedule": {"frequency": "daily", "start": (moment - timedelta(days=10)).isoformat()},
        }
    )
