"""The reporting API (Grafana Enterprise's): reports, sending, branding; over HTTP and as commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressroom import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer
    from litestar import Router

    from pressroom import Host
    from pressroom_cli.hookspecs import HostFactory


@hookimpl
def register_commands(host_factory: HostFactory) -> typer.Typer:
    """`pressroom reports` and `pressroom settings`."""
    from pressroom_builtin.grafana.commands import app

    return app


@hookimpl
def register_routes(host: Host) -> Sequence[Router]:
    """Everything under `/api/reports`."""
    from pressroom_builtin.grafana.routes import routes

    return routes(host)
