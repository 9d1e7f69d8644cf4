"""`pressroom serve`: the HTTP server, with the clock and the scheduler in it."""

from __future__ import annotations

from typing import Annotated

import typer

from pressroom_cli import console

app = typer.Typer()


@app.command(
    "serve",
    epilog=console.examples(
        "pressroom serve",
        "pressroom serve --host 0.0.0.0 --port 80 --workers 4",
        "pressroom serve --no-worker              reports are made by `pressroom worker` elsewhere",
    ),
)
def serve(
    context: typer.Context,
    *,
    address: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Address to listen on; else that of pressroom.toml.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port; 0 for any free one; else pressroom.toml's.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=64, help="Processes that answer; else pressroom.toml's.")
    ] = None,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Plan and make reports here, too, or answer requests only.")
    ] = True,
    grace: Annotated[
        float, typer.Option("--grace", min=0, metavar="SECONDS", help="How long what is running may take to finish.")
    ] = 30.0,
) -> None:
    """Answer HTTP requests, and send reports when they are due.

    Until SIGTERM or Ctrl-C: it then takes no more requests, finishes those that it has, and finishes or hands
    back reports. A second signal ends it at once.
    """
    from pressroom.host import Host
    from pressroom.plugins import Plugins
    from pressroom.settings import load_workspace
    from pressroom_cli import hookspecs
    from pressroom_server import hookspecs as server_hookspecs
    from pressroom_server.serve import Serving, serve as run

    session = context.find_root().obj
    with Host(load_workspace(session.config), Plugins([hookspecs, server_hookspecs])) as host:
        settings = host.settings.server
        run(
            host,
            Serving(
                host=settings.host if address is None else address,
                port=settings.port if port is None else port,
                workers=workers or settings.workers,
                press=worker,
                grace=grace,
                debug=session.debug,
            ),
        )
