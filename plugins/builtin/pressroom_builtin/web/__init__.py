"""Pages for a browser, without scripts: dashboards, signing in to see it, what links in mails open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressroom import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litestar import Router

    from pressroom import Host


@hookimpl
def register_routes(host: Host) -> Sequence[Router]:
    """`/`, `/d`, `/sign-in`, `/sign-out`, `/files`, `/unsubscribe`, `/resubscribe`."""
    from pressroom_builtin.web.routes import routes

    return routes(host)
