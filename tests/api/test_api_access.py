"""Who may do what under `/api/v1`: every operation of the schema, for everybody who lacks something."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any, NamedTuple

import httpx
import pytest

from pressroom import Run
from pressroom.access import ROLES
from servers.results_server import PROJECT, Running

TAGS = {"studio", "reports", "runs"}
BOARD_READ, BOARD_WRITE = {"dashboards:read"}, {"dashboards:write"}
READ, REPORT_WRITE, SEND = {"reports:read"}, {"reports:write"}, {"reports:send"}
RUNS, CHANGE = {"runs:read", "reports:read"}, {"runs:write"}
QUERY = "SELECT city, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1"
CHART = {"name": "Cities", "type": "horizontal-bar", "source": "visits", "query": QUERY}
REPORT = {"name": "New", "dashboards": [{"uid": "good0001"}], "formats": ["csv"]}
LEFT = "unsubscribed/anna@example.org"


class Entry(NamedTuple):
    """An example of an operation.

    Attributes:
        path: what follows `/api/v1/`; `{run}` is a run that has ended.
        status: of the answer to who may.
        needs: permissions that it takes, of each set one.
    """

    path: str
    status: int
    needs: tuple[Set[str], ...]
    body: Any = None


ENTRIES = {
    ("get", "sources"): Entry("sources", 200, (BOARD_WRITE,)),
    ("post", "dashboards"): Entry("dashboards", 201, (BOARD_WRITE,), {"name": "New"}),
    ("get", "dashboards/{uid}"): Entry("dashboards/good0001", 200, (BOARD_READ,)),
    ("put", "dashboards/{uid}"): Entry("dashboards/empty001", 200, (BOARD_WRITE,), {"name": "Empty"}),
    ("delete", "dashboards/{uid}"): Entry("dashboards/nothing1", 404, (BOARD_WRITE,)),
    ("post", "dashboards/{uid}/charts"): Entry("dashboards/empty001/charts", 201, (BOARD_WRITE,), CHART),
    ("get", "charts/{uid}"): Entry("charts/bar00001", 200, (BOARD_READ,)),
    ("put", "charts/{uid}"): Entry("charts/gold0001", 200, (BOARD_WRITE,), CHART),
    ("delete", "charts/{uid}"): Entry("charts/nothing1", 404, (BOARD_WRITE,)),
    ("post", "preview"): Entry("preview", 200, (BOARD_WRITE,), {"chart": CHART}),
    ("get", "reports"): Entry("reports", 200, (READ,)),
    ("post", "reports"): Entry("reports", 201, ({"reports:create"}, BOARD_READ), REPORT),
    ("get", "reports/{uid}"): Entry("reports/weekly", 200, (READ, BOARD_READ)),
    ("put", "reports/{uid}"): Entry("reports/changed", 200, (REPORT_WRITE, BOARD_READ), REPORT),
    ("delete", "reports/{uid}"): Entry("reports/nothing1", 404, ({"reports:delete"},)),
    ("get", "reports/{uid}/next"): Entry("reports/weekly/next", 200, (READ, BOARD_READ)),
    ("get", "reports/{uid}/unsubscribed"): Entry("reports/weekly/unsubscribed", 200, (READ,)),
    ("put", "reports/{uid}/unsubscribed/{address}"): Entry(f"reports/changed/{LEFT}", 204, (REPORT_WRITE,)),
    ("delete", "reports/{uid}/unsubscribed/{address}"): Entry(f"reports/nothing1/{LEFT}", 404, (REPORT_WRITE,)),
    ("post", "reports/{uid}/send"): Entry("reports/weekly/send", 202, (SEND, BOARD_READ)),
    ("post", "schedules/next"): Entry("schedules/next", 200, (READ,), {"schedule": {"frequency": "daily"}}),
    ("post", "previews"): Entry("previews", 200, (READ, BOARD_READ), {"report": "weekly"}),
    ("get", "runs"): Entry("runs", 200, (RUNS,)),
    ("get", "runs/{number}"): Entry("runs/{run}", 200, (RUNS, BOARD_READ)),
    ("get", "runs/{number}/documents/{index}"): Entry("runs/{run}/documents/1", 200, (RUNS, BOARD_READ)),
    ("post", "runs/{number}/retry"): Entry("runs/{run}/retry", 409, (CHANGE,)),
    ("post", "runs/{number}/cancel"): Entry("runs/{run}/cancel", 409, (CHANGE,)),
    ("get", "deliveries"): Entry("deliveries", 200, (RUNS,)),
}


@pytest.fixture(scope="module")
def ended(server: Running, editor: httpx.Client, worked: Callable[[int], Run]) -> Run:
    """A run of the report `weekly`; and a report `changed`."""
    editor.post("/api/v1/reports", json=REPORT | {"uid": "changed"}).raise_for_status()
    return worked(editor.post("/api/v1/reports/weekly/send").json()["id"])


def test_every_operation_has_an_entry_here(server: Running) -> None:
    paths = server.client.get("/schema/openapi.json").json()["paths"]
    found = {(method, path) for path, item in paths.items() for method in item if TAGS & set(item[method]["tags"])}
    assert found == {(method, f"/api/v1/{path}") for method, path in ENTRIES}


@pytest.mark.parametrize("operation", ENTRIES, ids=" ".join)
def test_only_who_may_gets_an_answer(
    server: Running,
    ended: Run,
    strangers: list[httpx.Client],
    allowed: Callable[..., httpx.Client],
    operation: tuple[str, str],
) -> None:
    method, entry = operation[0], ENTRIES[operation]
    sent: dict[str, Any] = {"method": method, "url": f"/api/v1/{entry.path.format(run=ended.id)}"}
    if entry.body is not None:
        sent["json"] = entry.body
    every = set().union(*entry.needs)
    refused = []
    for stranger in strangers:
        refused.append(stranger.request(**sent))
        assert refused[-1].status_code == 401
    with server.signed_in(server.token("editor", project="default")) as stranger:
        refused += [stranger.request(**sent, params={"project": PROJECT})]
        assert refused[-1].status_code == 404
    for lacking in entry.needs:
        refused.append(allowed(*((each, "") for each in sorted(ROLES["editor"] - lacking))).request(**sent))
        assert refused[-1].status_code == 403, lacking
        assert refused[-1].json()["detail"].rpartition(" ")[2] in lacking
    for answer in refused:
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert answer.json()["status"] == answer.status_code
    minimal = allowed(*((each, "") for each in sorted(every)))
    assert minimal.request(**sent).status_code == entry.status
    viewed = server.client.request(**sent)
    assert (viewed.status_code != 403) == all(lacking & ROLES["viewer"] for lacking in entry.needs)
