"""`/api/v1`: what neither documented API has: dashboards, reports with any channel, runs, previews; as commands too."""

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
def register_routes(host: Host) -> Sequence[Router]:
    """Everything under `/api/v1`."""
    from pressroom_builtin.api.routes import routes

    return routes(host)


@hookimpl
def register_commands(host_factory: HostFactory) -> typer.Typer:
    """`pressroom drafts` and `pressroom deliveries`."""
    from pressroom_builtin.api.commands import app

    return app
