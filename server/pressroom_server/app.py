"""The application of a workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from pressroom.access import Principal
from pressroom.errors import PressroomError
from pressroom.host import Host
from pressroom.plugins import said
from pressroom_server.auth import door, note_refusal, provide_principal
from pressroom_server.errors import problem
from pressroom_server.health import health_routes
from pressroom_server.outer import Outer
from pressroom_server.schema import mark_public, schema_config
from pressroom_server.unrouted import Forms, unanswered

PLAIN = "uncompressed"
"""Key of a handler's `opt`: its answers are sent as they are, such as files that are compressed by themselves."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]
"""What is entered when the application starts, and left when it ends."""


def create_app(host: Host, lifespan: Sequence[Lifespan] = ()) -> Litestar:
    """The application: health, metrics, the schema, and the routes of plugins.

    Args:
        host: the workspace; opened and closed by the caller. Its plugins must know the server's hooks:
            `Plugins([pressroom_server.hookspecs])`.
        lifespan: what is to be entered and left with it.
    """
    app = _application(host, _routes(host), lifespan)
    app.state.forms = Forms(app.routes)
    mark_public(app.routes)
    outer = Outer(app.asgi_handler)
    app.asgi_handler = outer
    app.on_shutdown.append(outer.flush)
    return app


def _application(host: Host, routes: Sequence[ControllerRouterHandler], lifespan: Sequence[Lifespan] = ()) -> Litestar:
    return Litestar(
        routes,
        state=State({"host": host}),
        middleware=[door],
        dependencies={
            "principal": Provide(provide_principal, sync_to_thread=False),
            "host": Provide(lambda: host, sync_to_thread=False),
        },
        after_exception=[note_refusal],
        exception_handlers={PressroomError: problem, HTTPException: unanswered, Exception: problem},
        signature_types=[Host, Principal],
        openapi_config=schema_config(),
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=1000, gzip_compress_level=4, exclude_opt_key=PLAIN
        ),
        request_max_body_size=host.settings.server.max_body_bytes,
        logging_config=None,
        lifespan=list(lifespan),
        debug=False,
    )


def _routes(host: Host) -> list[ControllerRouterHandler]:
    """Our own and every plugin's; those of one that cannot be put into an application are left out and logged."""
    routes = health_routes(host)
    for origin, answer in host.plugins.call_each("register_routes", host=host):
        try:
            tried = [*routes, *(answer or ())]
            _application(host, tried)
        except Exception as error:
            host.plugins.leave_out(origin, f"register_routes gives what cannot be used: {said(error)}", error)
        else:
            routes = tried
    return routes
