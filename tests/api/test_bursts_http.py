"""Reports whose recipients come from a query, over `/api/v1`: who may write one, and what is told of each recipient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from pressroom import Run
from servers.results_server import Running

VARIABLES = [{"name": "city", "values": ["beijing", "shanghai"]}]
BOARD: dict[str, Any] = {"uid": "bursting", "name": "Bursting", "variables": VARIABLES}
QUERY = "SELECT * FROM (VALUES ('ann@example.org', 'beijing'), ('bob@example.org', 'shanghai')) p(address, city)"
REPORT: dict[str, Any] = {
    "uid": "burst",
    "name": "Burst",
    "dashboards": [{"uid": "bursting"}],
    "formats": ["csv"],
    "deliveries": [
        {"channel": "email", "recipients": {"source": "visits", "query": QUERY, "variables": {"city": "city"}}}
    ],
}


def test_each_recipient_is_told_with_what_they_see(
    editor: httpx.Client, worked: Callable[[int], Run], server: Running
) -> None:
    assert editor.post("/api/v1/dashboards", json=BOARD).status_code == 201
    made = editor.post("/api/v1/reports", json=REPORT)
    assert made.status_code == 201, made.text
    run = editor.post("/api/v1/reports/burst/send").json()
    worked(run["id"])
    found = editor.get(f"/api/v1/runs/{run['id']}").json()
    assert [(each["recipient"], each["variables"], each["state"]) for each in found["deliveries"]] == [
        ("ann@example.org", {"city": ["beijing"]}, "sent"),
        ("bob@example.org", {"city": ["shanghai"]}, "sent"),
    ]


def test_who_may_not_write_queries_changes_only_the_rest(
    editor: httpx.Client, allowed: Callable[..., httpx.Client]
) -> None:
    reports = [("reports:read", ""), ("reports:create", ""), ("reports:write", ""), ("dashboards:read", "")]
    clerk = allowed(*reports)
    refused = clerk.post("/api/v1/reports", json=REPORT | {"uid": "mine"})
    assert (refused.status_code, "dashboards:write" in refused.text) == (403, True)
    assert clerk.post("/api/v1/previews", json={"report": REPORT | {"uid": "mine"}}).status_code == 403
    assert clerk.put("/api/v1/reports/burst", json=REPORT | {"name": "Renamed"}).status_code == 200
    other = {"source": "visits", "query": QUERY.replace("ann", "eve"), "variables": {"city": "city"}}
    changed = REPORT | {"deliveries": [{"channel": "email", "recipients": other}]}
    assert clerk.put("/api/v1/reports/burst", json=changed).status_code == 403
    assert editor.put("/api/v1/reports/burst", json=changed).status_code == 200
    assert allowed(*reports, ("dashboards:write", "")).put("/api/v1/reports/burst", json=REPORT).status_code == 200
