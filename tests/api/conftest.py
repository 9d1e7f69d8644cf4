"""A server of the visits' workspace, with a mail server and an editor beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import httpx
import pytest

from pressroom import Run
from servers.results_server import Running, make_host, running
from servers.smtp import MailServer, serving
from workspaces.command_line import mail_server, run, workspace

__all__ = ["mail_server", "run", "workspace"]


@pytest.fixture(scope="session")
def mail() -> Iterator[MailServer]:
    with serving() as found:
        yield found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Running]:
    with running(make_host(tmp_path_factory.mktemp("api") / "w", port=mail.port)) as found:
        yield found


@pytest.fixture(scope="session")
def allowed(server: Running) -> Iterator[Callable[..., httpx.Client]]:
    """Clients with single permissions: `allowed(("reports:read", "reports:id:7"))`."""
    with ExitStack() as stack:

        @cache
        def sign_in(*permissions: tuple[str, str]) -> httpx.Client:
            return stack.enter_context(server.signed_in(server.token("", permissions=permissions)))

        yield sign_in


@pytest.fixture(scope="session")
def editor(server: Running) -> Iterator[httpx.Client]:
    with server.signed_in(server.token("editor")) as client:
        yield client


@pytest.fixture(scope="session")
def strangers(server: Running) -> Iterator[list[httpx.Client]]:
    """Nobody, and who has a token that never was, one that has ended, one that was revoked."""
    tokens = ["", "prs_" + "x" * 43, server.ended_token("editor"), server.revoked_token("editor")]
    with ExitStack() as stack:
        clients = [stack.enter_context(server.signed_in(token)) for token in tokens]
        del clients[0].headers["Authorization"]
        yield clients


@pytest.fixture(scope="session")
def worked(server: Running) -> Callable[[int], Run]:
    """Works on a run as a worker does: `worked(run_id)`."""
    return server.host.press.work
