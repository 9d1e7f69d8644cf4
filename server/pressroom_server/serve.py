"""Running the application: one process or several, until a signal, and nothing that runs is cut off."""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from pressroom.errors import SettingsError
from pressroom.host import Host
from pressroom.plugins import Plugins
from pressroom.settings import CONFIG_VARIABLE, ServerSettings, load_workspace
from pressroom_server import hookspecs
from pressroom_server.protocol import LimitedConfig

if TYPE_CHECKING:
    from litestar import Litestar

log = logging.getLogger("pressroom.server")
FACTORY = "pressroom_server.serve:application"
DEBUG_VARIABLE = "PRESSROOM_SERVER_DEBUG"


@dataclass(frozen=True)
class Serving:
    """How to serve.

    Attributes:
        host, port: where to listen; port 0 for any free one.
        workers: processes that answer.
        press: whether reports are planned and made here, too.
        grace: seconds that requests and reports which are running may take when it is told to stop.
    """

    host: str
    port: int
    workers: int = 1
    press: bool = True
    grace: float = 30.0
    debug: bool = False


def serve(host: Host, serving: Serving) -> None:
    """Serve until SIGTERM or SIGINT; a second one ends it at once.

    Raises:
        SettingsError: it cannot listen there.
        StoreError: the store is missing or old.
    """
    host.store.check()
    listening = listen(serving.host, serving.port)
    start_logs(host, serving.debug)
    shown = f"[{serving.host}]" if ":" in serving.host else serving.host
    log.info("listening on http://%s:%s, process %s", shown, listening.getsockname()[1], os.getpid())
    with listening, _own_signals(), _pressing(host, serving):
        if serving.workers == 1:
            from pressroom_server.app import create_app

            uvicorn.Server(_config(create_app(host), host.settings.server, serving)).run([listening])
        else:
            os.environ[CONFIG_VARIABLE] = str(host.workspace.file)
            os.environ[DEBUG_VARIABLE] = "1" if serving.debug else ""
            Multiprocess(_config(FACTORY, host.settings.server, serving), [listening]).run()
        log.info("stopping: reports that are being made may take %g seconds", serving.grace)
    log.info("stopped")


def application() -> Litestar:
    """The application of a worker process, with a host of its own that is closed with it."""
    from pressroom_server.app import create_app

    host = Host(load_workspace(), Plugins([hookspecs]))
    start_logs(host, bool(os.environ.get(DEBUG_VARIABLE)))

    @asynccontextmanager
    async def closing(_app: Litestar) -> AsyncGenerator[None, None]:
        with host:
            yield

    return create_app(host, lifespan=[closing])


def start_logs(host: Host, debug: bool) -> None:
    """The log of this process, with what uvicorn has to warn of."""
    host.start_log(debug)
    for name in ("uvicorn", "litestar"):
        other = logging.getLogger(name)
        other.handlers = logging.getLogger("pressroom").handlers
        other.setLevel(logging.WARNING)
        other.propagate = False


def listen(address: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        SettingsError: the address is not this machine's, or the port is taken.
    """
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, where = found[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(where)
        made.listen(2048)
        made.set_inheritable(True)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"cannot listen on {address} port {port}: {reason}") from error
    return made


def _config(app: Any, settings: ServerSettings, serving: Serving) -> uvicorn.Config:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return LimitedConfig(
        app,
        settings,
        factory=isinstance(app, str),
        workers=serving.workers,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        limit_concurrency=max(64, files // 2),
        timeout_graceful_shutdown=int(serving.grace),
    )


@contextmanager
def _pressing(host: Host, serving: Serving) -> Iterator[None]:
    """The clock and the scheduler beside the server."""
    if not serving.press:
        yield
        return
    from pressroom.press.worker import Worker

    worker = Worker(host)
    worker.start()
    try:
        yield
    finally:
        worker.stop(serving.grace)


@contextmanager
def _own_signals() -> Iterator[None]:
    """uvicorn takes the first signal and raises it again when it has stopped: that one must not end the process."""
    seen = False

    def received(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        if seen:
            import multiprocessing

            for child in multiprocessing.active_children():
                child.kill()
            os._exit(1)
        seen = True

    before = {number: signal.signal(number, received) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
