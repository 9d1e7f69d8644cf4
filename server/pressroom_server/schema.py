"""`/schema`: OpenAPI 3.1 of everything."""

from __future__ import annotations

from litestar import Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from pressroom import __version__
from pressroom_server.auth import PUBLIC


def schema_config() -> OpenAPIConfig:
    """Where the schema is served, and what it says of the whole."""
    return OpenAPIConfig(
        title="Pressroom",
        version=__version__,
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="An API token."),
                "password": SecurityScheme(type="http", scheme="basic", description="A user's name and password."),
            }
        ),
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(), YamlRenderPlugin()],
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, opt=PUBLIC),
    )
