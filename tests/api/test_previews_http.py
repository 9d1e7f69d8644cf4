"""`/api/v1/previews` over a socket: documents for one reader, and nothing left behind."""

from __future__ import annotations

import io
import json
import select
import socket
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pressroom import Context, Run
from pressroom.press.press import Press
from pressroom_server.long_work import AT_ONCE, WAITING
from servers.results_server import PROJECT, Running
from servers.waiting import wait_until

PREVIEWS = "/api/v1/previews"
REPORT: dict[str, Any] = {"uid": "tried", "name": "Tried", "dashboards": [{"uid": "good0001"}]}


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files are; there are none after each test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    wait_until(lambda: not list(tmp_path.iterdir()), "the temporary files are gone")


def test_a_stored_report_in_its_own_format_and_in_another(editor: httpx.Client, server: Running) -> None:
    runs = server.host.ledger.list()
    own = editor.post(PREVIEWS, json={"report": "weekly"})
    assert own.status_code == 200, own.text
    assert own.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert ".csv" in own.headers["Content-Disposition"]
    assert own.text.splitlines()[0].lstrip("\ufeff") == "city;visits"
    commas = editor.post(PREVIEWS, json={"report": "weekly", "formats": [{"csv": {"delimiter": ","}}]})
    assert commas.text.splitlines()[0].lstrip("\ufeff") == "city,visits"
    pdf = editor.post(PREVIEWS, json={"report": "weekly", "formats": ["pdf"]}, headers={"Accept-Encoding": "gzip"})
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert server.host.ledger.list() == runs


def test_several_documents_are_a_zip(editor: httpx.Client) -> None:
    answer = editor.post(PREVIEWS, json={"report": REPORT, "formats": ["csv", "image"]})
    assert answer.headers["Content-Type"] == "application/zip"
    assert "documents.zip" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(name.rpartition(".")[2] for name in archive.namelist()) == ["csv", "png"]
        assert archive.testzip() is None


def test_a_draft_shows_what_it_would_send(editor: httpx.Client) -> None:
    broken = editor.post(PREVIEWS, json={"report": REPORT | {"dashboards": [{"uid": "YoX28w7R"}]}, "formats": ["csv"]})
    assert broken.status_code == 200
    warnings = json.loads(broken.headers["X-Warnings"])
    assert any("nonsense" in line or "Broken" in line for line in warnings)
    nothing = editor.post(PREVIEWS, json={"report": REPORT | {"dashboards": [{"uid": "empty001"}]}, "formats": ["csv"]})
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert json.loads(nothing.headers["X-Warnings"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"report": REPORT | {"dashboards": [{"uid": "gone0001"}]}}, "dashboards[0].uid"),
        ({"report": REPORT | {"layout": "round"}}, "layout"),
        ({"report": "weekly", "formats": [{"csv": {"delimiter": 1}}]}, "formats[0].csv.delimiter"),
        ({"report": "weekly", "formats": ["fax"]}, "formats[0]"),
    ],
)
def test_mistakes_are_told_with_their_fields(editor: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = editor.post(PREVIEWS, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), answer.text


@pytest.mark.parametrize("body", [{}, {"report": 1}, {"report": "weekly", "format": "pdf"}, {"report": None}, []])
def test_other_bodies_are_refused(editor: httpx.Client, body: Any) -> None:
    assert editor.post(PREVIEWS, json=body).status_code == 400
    assert editor.post(PREVIEWS, json={"report": "nothing1"}).status_code == 404


class Slow:
    """Previews that do not end by themselves, and say when they begin and end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        monkeypatch.setattr(Press, "preview", lambda *args, **kwargs: self.run(kwargs["context"]))

    def run(self, context: Context) -> Any:
        (context.folder / "half.pdf").write_bytes(b"half of it")
        self.begun.release()
        try:
            context.cancellation.wait(100)
            context.check()
        finally:
            self.ended.release()


def ask(server: Running, secret: str) -> socket.socket:
    """A connection that has asked for a preview, and may close at any time."""
    body = json.dumps({"report": "weekly"})
    head = [
        f"POST {PREVIEWS} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Token {secret}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    asked = socket.create_connection(("127.0.0.1", httpx.URL(server.url).port or 0), timeout=60)
    asked.sendall("\r\n".join([*head, "", body]).encode())
    return asked


def test_a_preview_ends_with_its_client_and_holds_up_nobody(
    server: Running, editor: httpx.Client, monkeypatch: pytest.MonkeyPatch, scratch: Path
) -> None:
    slow, secret = Slow(monkeypatch), server.token("editor")
    asked = [ask(server, secret) for _ in range(AT_ONCE + WAITING + 1)]
    for _ in range(AT_ONCE):
        assert slow.begun.acquire(timeout=60)
    # some are under way, more wait for their turn, and one is told to come back
    told, _, _ = select.select(asked, [], [], 60)
    answer = told[0].recv(10_000).lower()
    assert (len(told), answer.startswith(b"http/1.1 429 "), b"retry-after: " in answer) == (1, True, True)
    assert editor.get("/api/v1/reports").status_code == 200
    assert editor.post("/api/v1/preview", json={"chart": {}}).status_code == 400
    assert len(list(scratch.iterdir())) == AT_ONCE
    for connection in asked:
        connection.close()
    for _ in range(AT_ONCE):
        assert slow.ended.acquire(timeout=60)
    monkeypatch.undo()
    wait_until(lambda: editor.post(PREVIEWS, json={"report": "weekly"}).status_code == 200, "a turn is free")


def test_a_run_goes_on_where_its_client_went_away(editor: httpx.Client, server: Running) -> None:
    request = editor.build_request("POST", "/api/v1/reports/weekly/send", headers={"Idempotency-Key": "gone"})
    with server.signed_in(server.token("editor")) as client:
        client.send(request, stream=True).close()
    run = editor.post("/api/v1/reports/weekly/send", headers={"Idempotency-Key": "gone"}).json()["id"]
    done: Run = server.host.press.work(run)
    assert done.state == "succeeded"
    assert editor.get(f"/api/v1/runs/{run}", params={"project": PROJECT}).json()["counts"] == {"sent": 3}
