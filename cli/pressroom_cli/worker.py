"""`pressroom worker`: plans what is due and works on it, without an HTTP server."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from pressroom_cli import console

if TYPE_CHECKING:
    from pressroom.host import Host

app = typer.Typer()


@app.command(
    "worker",
    epilog=console.examples(
        "pressroom worker                        until Ctrl-C or SIGTERM",
        "pressroom worker --metrics-port 9464    with figures for Prometheus at /metrics",
    ),
)
def worker(
    context: typer.Context,
    metrics_port: Annotated[
        int | None, typer.Option("--metrics-port", min=0, max=65535, help="Serve figures for Prometheus on this port.")
    ] = None,
    metrics_host: Annotated[
        str, typer.Option("--metrics-host", metavar="ADDRESS", help="Address that they are served on.")
    ] = "127.0.0.1",
    grace: Annotated[
        float, typer.Option("--grace", min=0, metavar="SECONDS", help="How long what is running may take to finish.")
    ] = 30.0,
) -> None:
    """Send reports when they are due, without an HTTP server.

    Until SIGTERM or Ctrl-C: it then finishes what is running, and hands back what takes too long; a second
    signal ends it at once. Any number of workers may run on one store.
    """
    import logging

    from pressroom.press.worker import Worker

    host = console.open_host(context)
    host.store.check()
    host.start_log(debug=context.find_root().obj.debug)
    log = logging.getLogger("pressroom.worker")
    signals = Signals()
    _serve_metrics(host, metrics_host, metrics_port)
    running = Worker(host)
    running.start()
    log.info("started: process %s, store %s, scheduler %s", os.getpid(), host.store.location, host.scheduler.name)
    signals.wait()
    log.info("stopping: what is running may take %g seconds; a second signal ends it at once", grace)
    running.stop(grace)
    log.info("stopped")


class Signals:
    """SIGTERM and SIGINT: the first ends `wait`, a second one ends the process and its children."""

    def __init__(self) -> None:
        # a pipe, because a handler that sets an event may wait for a lock that its own thread holds
        self._reading, self._writing = os.pipe()
        self._seen = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)

    def wait(self) -> None:
        """Return after the first signal."""
        os.read(self._reading, 1)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        if self._seen:
            _end()
        self._seen = True
        os.write(self._writing, b"!")


def _end() -> NoReturn:
    """End without waiting for anything; what was being worked on is taken over when its lease has run out."""
    import multiprocessing

    for child in multiprocessing.active_children():
        child.kill()
    os._exit(1)


def _serve_metrics(host: Host, address: str, port: int | None) -> None:
    if port is None:
        return
    import logging

    from pressroom.press.metrics import serve

    bound = serve(host, address, port)
    logging.getLogger("pressroom.worker").info("figures for Prometheus: http://%s:%s/metrics", address, bound)
