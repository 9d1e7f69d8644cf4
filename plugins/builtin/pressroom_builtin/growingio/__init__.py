"""The computed-results API (GrowingIO's): dashboards, chart data, segments, rules; over HTTP and as commands."""

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
    """`pressroom dashboards`, `charts`, `segments` and `rules`."""
    from pressroom_builtin.growingio.commands import app

    return app


@hookimpl
def register_routes(host: Host) -> Sequence[Router]:
    """Signing in, and the documented paths."""
    from pressroom_builtin.growingio.routes import routes

    return routes(host)
