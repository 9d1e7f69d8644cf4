"""Who has unsubscribed from a report, under `/api/v1`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from servers.results_server import Running

LIST = "/api/v1/reports/weekly/unsubscribed"


def test_an_address_is_put_there_and_taken_away(editor: httpx.Client) -> None:
    assert editor.get(LIST).json() == []
    for spelling in ("Anna <anna@example.org>", "ANNA@example.org"):
        assert editor.put(f"{LIST}/{quote(spelling, safe='')}").status_code == 204
    (found,) = editor.get(LIST).json()
    assert found["address"] == "Anna <anna@example.org>"
    assert found["since"].startswith("20")
    assert editor.delete(f"{LIST}/anna@EXAMPLE.org").status_code == 204
    again = editor.delete(f"{LIST}/anna@example.org")
    assert (again.status_code, "has not unsubscribed" in again.json()["detail"]) == (404, True)
    assert editor.get(LIST).json() == []


@pytest.mark.parametrize(("address", "status"), [("%20", 400), ("x" * 501, 400), ("%00%0d%0a@x", 204)])
def test_what_is_no_address(editor: httpx.Client, address: str, status: int) -> None:
    assert editor.put(f"{LIST}/{address}").status_code == status
    if status == 204:
        assert editor.delete(f"{LIST}/{address}").status_code == 204


def test_a_permission_for_another_report_is_not_enough(server: Running, allowed: Callable[..., Any]) -> None:
    number = server.host.store.project("nxog09md").reports.get("weekly").id
    scoped = allowed(("reports:read", f"reports:id:{number + 1}"), ("reports:write", f"reports:id:{number + 1}"))
    assert scoped.get(LIST).status_code == 403
    assert scoped.put(f"{LIST}/anna@example.org").status_code == 403
    own = allowed(("reports:read", f"reports:id:{number}"))
    assert own.get(LIST).status_code == 200


def test_a_report_that_is_not_there(editor: httpx.Client) -> None:
    assert editor.get("/api/v1/reports/nothing1/unsubscribed").status_code == 404
