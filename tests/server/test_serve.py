"""`pressroom serve` as a process, over real sockets."""

from __future__ import annotations

import json
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pressroom.access import Principal
from pressroom.host import Host
from pressroom.plugins import Plugins
from servers.http_server import Running, serving

ADMIN = Principal.local_admin()


def ask(running: Running, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(running.url + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@contextmanager
def connected(running: Running) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as connection:
        yield connection


def until_closed(connection: socket.socket) -> bytes:
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return answer


def logged(running: Running, line: str) -> str:
    """The log, once it has the line: those of requests are gathered before they are written."""
    deadline = time.monotonic() + 60
    while line not in (log := running.log.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline, f"the log never had {line!r}:\n{log}"
        time.sleep(0.05)
    return log


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.01)


def test_a_stop_finishes_what_runs_and_takes_no_more(site: Path) -> None:
    with serving(site) as running, ThreadPoolExecutor() as threads:
        assert ask(running, "/health")[0] == 200
        asked = threads.submit(ask, running, "/held")
        wait_for(site / "held")
        running.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", running.port), timeout=5).close()
                time.sleep(0.02)
            except OSError:
                break
        else:
            pytest.fail("it still takes connections")
        assert not asked.done()
        (site / "go").touch()
        assert asked.result(60) == (200, "done")
        assert running.process.wait(60) == 0
    log = running.log.read_text(encoding="utf-8")
    assert "stopped" in log
    assert "Traceback" not in log


def test_a_second_signal_ends_it_at_once(site: Path) -> None:
    with serving(site, "--no-worker") as running, ThreadPoolExecutor() as threads:
        asked = threads.submit(ask, running, "/held")
        wait_for(site / "held")
        running.process.send_signal(signal.SIGINT)
        while running.process.poll() is None:
            time.sleep(0.2)
            running.process.send_signal(signal.SIGINT)
        with pytest.raises((OSError, urllib.error.URLError)):
            asked.result(60)


def test_who_comes_in_does_not_wait_for_long_answers(site: Path) -> None:
    with serving(site, "--no-worker") as running, ExitStack() as stack:
        with Host.open(site, Plugins(entry_points=[])) as host:
            secret = host.access.create_token(ADMIN, "reader", role="viewer")[1]
        for _ in range(40):
            waiting = stack.enter_context(connected(running))
            waiting.sendall(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_for(site / "held")
        try:
            assert ask(running, "/me", Authorization=f"Bearer {secret}")[0] == 200
            assert ask(running, "/me", Authorization=f"Bearer {secret}x")[0] == 401
            assert ask(running, "/health")[0] == 200
        finally:
            (site / "go").touch()


def test_several_processes_answer_and_stop(site: Path) -> None:
    with serving(site, "--workers", "2", "--no-worker") as running:
        assert {ask(running, "/health")[0] for _ in range(20)} == {200}
        assert running.stop() == 0
    assert running.log.read_text(encoding="utf-8").count("GET /health 200") == 20


def test_what_cannot_be_served_is_said_in_one_line(site: Path, server: Running) -> None:
    taken = f"Error: cannot listen on 127.0.0.1 port {server.port}: "
    with pytest.raises(AssertionError, match=taken), serving(site, "--port", str(server.port)):
        pass
    (site / "pressroom.db").unlink()
    with pytest.raises(AssertionError, match=r"Error: there is no store .*pressroom db upgrade"), serving(site):
        pass


def test_half_a_request_is_answered_and_closed(server: Running) -> None:
    for half in (
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-A",
        b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1",
    ):
        with connected(server) as connection:
            connection.sendall(half)
            assert until_closed(connection).startswith(b"HTTP/1.1 408 ")
    with connected(server) as connection:
        assert until_closed(connection) == b""
    # whoever goes away in the midst is no fault of the server
    assert "disconnected" not in logged(server, "POST /size 499")


def test_a_body_may_come_in_slowly(server: Running) -> None:
    """Longer in all than the limit between two parts of it."""
    with connected(server) as connection:
        connection.sendall(b"POST /size HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6\r\n\r\n")
        for _ in range(6):
            connection.sendall(b"x")
            time.sleep(0.25)
        assert until_closed(connection).endswith(b'{"size":6}')


def test_large_heads_are_refused(server: Running) -> None:
    for head in (
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 30_000 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 400_000,
        b"GET /" + b"x" * 30_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\n" + b"".join(b"X-%d: xxxxxxxxxx\r\n" % number for number in range(5000)) + b"\r\n",
    ):
        with connected(server) as connection:
            try:
                connection.sendall(head)
                assert until_closed(connection).startswith(b"HTTP/1.1 431 ")
            except ConnectionError:
                pass  # it closed before it had read all of it
    assert ask(server, "/health")[0] == 200


def test_large_bodies_are_refused_however_they_come(server: Running) -> None:
    chunks = b"".join(b"1000\r\n" + b"x" * 4096 + b"\r\n" for _ in range(30)) + b"0\r\n\r\n"
    for rest in (b"Content-Length: 100001\r\n\r\n" + b"x" * 100_001, b"Transfer-Encoding: chunked\r\n\r\n" + chunks):
        with connected(server) as connection:
            connection.sendall(b"POST /size HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + rest)
            assert until_closed(connection).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("line", [b"GARBAGE", b"GET /\xff HTTP/1.1", b"GET /%00%ff%2e%2e HTTP/1.1", b"GET * HTTP/1.1"])
def test_odd_requests_get_a_4xx(server: Running, line: bytes) -> None:
    with connected(server) as connection:
        connection.sendall(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert until_closed(connection).startswith(b"HTTP/1.1 4")


def test_a_reader_that_stands_still_is_dropped(server: Running) -> None:
    """The request ends, although more was to be read than any buffer on the way holds."""
    with connected(server) as connection:
        connection.sendall(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(1)
        logged(server, "GET /flood")


def test_two_hundred_at_once(server: Running) -> None:
    with ThreadPoolExecutor(200) as threads:
        statuses = list(threads.map(lambda _: ask(server, "/health/live")[0], range(200)))
    assert statuses == [200] * 200


def test_secrets_are_in_no_log_and_callers_are_who_a_trusted_proxy_says(server: Running) -> None:
    with Host.open(server.folder, Plugins(entry_points=[])) as host:
        _, secret = host.access.create_token(ADMIN, "reader", role="viewer")
        host.access.create_user(ADMIN, "ann", "long enough")
        assert ask(server, "/me", Authorization=f"Bearer {secret}")[0] == 200
        assert ask(server, f"/me?token={secret}", Authorization="Basic YW5uOmxvbmcgZW5vdWdo")[0] == 200
        assert ask(server, "/me", Authorization=f"Bearer {secret}x", **{"X-Forwarded-For": "192.0.2.7"})[0] == 401
        assert host.repositories.audit.list()[0].detail["address"] == "192.0.2.7"
    log = logged(server, "192.0.2.7 GET /me 401")
    for hidden in (secret, "long enough", "YW5uOmxvbmcgZW5vdWdo"):
        assert hidden not in log


def test_a_traceback_is_for_the_log_only(server: Running) -> None:
    status, text = ask(server, "/boom")
    assert status == 500
    assert json.loads(text).keys() == {"title", "status", "request_id"}
    log = server.log.read_text(encoding="utf-8")
    assert f"request={json.loads(text)['request_id']}" in log
    assert "RuntimeError: the inside of the server" in log
