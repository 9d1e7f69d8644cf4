"""What a plugin may add to the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from pressroom.hookspecs import hookspec

if TYPE_CHECKING:
    import typer

    from pressroom.host import Host

HostFactory: TypeAlias = "Callable[[], Host]"
"""Gives the workspace's host, opened at the first call; the command line closes it."""


@hookspec
def register_commands(host_factory: HostFactory) -> typer.Typer:
    """Commands to add, as a Typer whose groups and commands appear at the top level.

    Called for every `pressroom --help`, so import nothing heavy outside of the commands themselves.
    `pressroom_cli.console.open_host(context)` gives a command the same host.

    Args:
        host_factory: gives the host; call it inside a command only, for there may be no workspace.
    """
    raise NotImplementedError
