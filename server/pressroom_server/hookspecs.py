"""What a plugin may add to the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pressroom.hookspecs import hookspec

if TYPE_CHECKING:
    from litestar.types import ControllerRouterHandler

    from pressroom.host import Host


@hookspec
def register_routes(host: Host) -> Sequence[ControllerRouterHandler]:
    """Litestar routers, controllers or handlers to add; called once when the server starts.

    A handler is for signed-in callers unless its `opt` says `public=True`; one that asks for
    `principal: CurrentPrincipal` gets who it is. A router may bring its own way to sign in and its own form of
    errors, see `pressroom_server.auth` and `pressroom_server.errors`. Import Litestar inside this function
    or in a module that only it imports.

    Args:
        host: the workspace.
    """
    raise NotImplementedError
