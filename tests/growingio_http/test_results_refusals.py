"""What cannot be asked: a documented error each, the server alive after it."""

from __future__ import annotations

import logging
import socket
from typing import Any

import pytest

from servers.results_server import Running
from workspaces.visits import DAY, MAY_2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"startTime": MAY_2}, "endTime"),
        ({"endTime": MAY_2}, "startTime"),
        ({"startTime": MAY_2, "endTime": MAY_2 - 1}, "before startTime"),
        ({"startTime": "soon", "endTime": MAY_2}, "startTime must be a whole number"),
        ({"startTime": "1e3", "endTime": MAY_2}, "startTime must be a whole number"),
        ({"startTime": "", "endTime": MAY_2}, "startTime must be a whole number"),
        ({"startTime": "٣", "endTime": MAY_2}, "startTime must be a whole number"),
        ({"startTime": -(10**17), "endTime": MAY_2}, "startTime is -1"),
        ({"startTime": -1, "endTime": MAY_2}, "startTime is -1; it must be 0 or more"),
        ({"startTime": -2, "endTime": -1}, "startTime is -2; it must be 0 or more"),
        ({"startTime": 0, "endTime": 10**17}, "endTime"),
        ({"startTime": 0, "endTime": 10**40}, "endTime must be a whole number"),
        ({"startTime": MAY_2, "endTime": MAY_2 + 10**6, "interval": 1}, "more than 100000 buckets"),
        ({"startTime": 0, "endTime": 10**6 * 3_600_000, "interval": 3_600_000}, "more than 100000 buckets"),
        ({"interval": 0}, "interval is 0"),
        ({"interval": -DAY}, "interval is -86400000"),
        ({"interval": 10**17}, "interval is 100000000000000000"),
        ({"interval": "day"}, "interval must be a whole number"),
        ({"limit": 0}, "limit is 0"),
        ({"limit": "all"}, "limit must be"),
        ({"cursor": "5-00000000"}, "cursor without limit"),
        ({"limit": 5, "cursor": "../../etc"}, "take it from the answer before"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(server: Running, query: dict[str, Any], said: str) -> None:
    answer = server.client.get(server.path("charts/line0001.json"), params=query)
    body = answer.json()
    assert answer.status_code == 400
    assert said in body["message"]
    assert body["errors"] == [{"code": "bad_request", "message": body["message"]}]


@pytest.mark.parametrize(
    "rest",
    [
        "charts/nothing1.json",
        "charts/line0001",
        "charts/line0001.exe",
        "charts/.json",
        "charts/%00.json",
        "charts/" + "x" * 5000 + ".json",
        "charts/../../x.json",
        "charts/%ED%A0%80.json",
        "dashboards/line0001.json",
        "dashboards/YoX28w7R.csv",
        "segmentations/nothing1/users.csv",
    ],
)
def test_what_is_not_there_is_told_in_the_envelope(server: Running, rest: str) -> None:
    answer = server.client.get(server.path(rest))
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_found"


@pytest.mark.parametrize(("chart", "why"), [("broken01", "nonsense"), ("timeless", "time")])
def test_a_broken_query_is_the_server_s_fault_and_shows_nothing_of_it(
    server: Running, caplog: pytest.LogCaptureFixture, chart: str, why: str
) -> None:
    with caplog.at_level(logging.ERROR, "pressroom.server"):
        answer = server.client.get(server.path(f"charts/{chart}.json"))
    assert answer.status_code == 500
    message = "the query failed; the server's log says why"
    assert answer.json() == {"message": message, "errors": [{"code": "query_failed", "message": message}]}
    [line] = caplog.messages
    assert line.startswith(f"GET {server.path(f'charts/{chart}.json')} failed with 500: ")
    assert why in line


@pytest.mark.parametrize(
    "path", ["/projects/nxog09md/charts/line0001.json", "/projects/x/rules.csv", "/v2/projects/x/charts/y.json"]
)
def test_other_methods_are_refused_in_the_envelope(server: Running, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = server.client.request(method, path)
        message = answer.json()["message"]
        assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/json")
        assert answer.json() == {"message": message, "errors": [{"code": "method_not_allowed", "message": message}]}
        assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "rest", ["", "/", "/x", "/charts", "/charts/a/b.json", "/rules.json", "/segmentations/x", "/%00"]
)
@pytest.mark.parametrize("before", ["/projects/nxog09md", "/v2/projects/nxog09md", "/v2", "/projects"])
def test_addresses_that_are_none_are_told_in_the_envelope(server: Running, before: str, rest: str) -> None:
    answer = server.client.get(before + rest)
    message = answer.json()["message"]
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
    assert answer.json() == {"message": message, "errors": [{"code": "not_found", "message": message}]}


def test_other_addresses_keep_the_server_s_form(server: Running) -> None:
    for path in ("/nothing", "/api/v1/nothing", "/admin/nothing"):
        answer = server.client.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_half_a_request_and_a_client_that_goes_away_harm_nobody(server: Running) -> None:
    port = int(server.url.rpartition(":")[2])
    for sent in (b"GET /projects/nxog09md/rules.csv HT", b"\x16\x03\x01garbage\r\n\r\n", b""):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(sent)
    for _ in range(5):
        with server.client.stream("GET", server.path("charts/series01.csv")):
            pass
    assert server.client.get(server.path("rules.csv")).status_code == 200
