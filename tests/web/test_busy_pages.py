"""Many readers of pages at once: each waits for a turn, and nobody else waits for them."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import NoReturn

import httpx
import pytest

from pressroom import Context, NotFound
from pressroom.press.press import Press
from pressroom_builtin.web.routes import AT_ONCE, WAITING
from servers.results_server import PROJECT, Running

PAGE = f"/d/{PROJECT}/page0001"


class Slow:
    """Pages that do not end before they are told to, or stopped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        monkeypatch.setattr(Press, "preview", lambda *args, **kwargs: self.run(kwargs["context"]))

    def run(self, context: Context) -> NoReturn:
        self.begun.release()
        with context.cancellation.calling(self.go_on.set):
            assert self.go_on.wait(100)
        # cheaper than to draw so many
        raise NotFound("no such page")


def test_readers_take_turns_and_hold_up_nobody_else(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch)
    many = AT_ONCE + WAITING + 1
    with ThreadPoolExecutor(many) as pool:
        readers = [pool.submit(server.client.get, PAGE, timeout=100) for _ in range(many)]
        told, others = wait(readers, return_when=FIRST_COMPLETED)
        reports = server.client.get("/api/v1/reports")
        slow.go_on.set()
        assert [(each.result().status_code, "Retry-After" in each.result().headers) for each in told] == [(429, True)]
        assert reports.status_code == 200
        assert {reader.result().status_code for reader in others} == {404}


def test_a_reader_that_leaves_stops_the_queries(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch)
    with socket.create_connection(("127.0.0.1", httpx.URL(server.url).port or 0), timeout=60) as reader:
        token = server.client.headers["Authorization"]
        reader.sendall(f"GET {PAGE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n".encode())
        assert slow.begun.acquire(timeout=100)
    assert slow.go_on.wait(100)
