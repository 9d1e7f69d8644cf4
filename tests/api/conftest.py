"""A server of the visits' workspace, with a mail server and an editor beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from pressroom import Run
from servers.results_server import Running, make_host, running
from servers.smtp import MailServer, serving
from workspaces.command_line import mail_server, run, workspace

__all__ = ["mail_server", "run", "workspace"]


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Running]:
    with running(make_host(tmp_path_factory.mktemp("api") / "w", port=mail.port)) as found:
        yield found


@pytest.fixture(scope="module")
def allowed(server: Running) -> Iterator[Callable[..., httpx.Client]]:
    """Clients with single permissions: `allowed(("reports:read", "reports:id:7"))`."""
    with ExitStack() as stack:

        def sign_in(*permissions: tuple[str, str], **options: Any) -> httpx.Client:
            return stack.enter_context(server.signed_in(server.token("", permissions=permissions, **options)))

        yield sign_in


@pytest.fixture(scope="module")
def editor(server: Running) -> Iterator[httpx.Client]:
    with server.signed_in(server.token("editor")) as client:
        yield client


@pytest.fixture(scope="module")
def strangers(server: Running) -> list[dict[str, str]]:
    """The headers of nobody, of a token that never was, of one that has ended, and of one that was revoked."""
    tokens = ["prs_" + "x" * 43, server.ended_token("editor"), server.revoked_token("editor")]
    return [{}, *({"Authorization": f"Token {token}"} for token in tokens)]


@pytest.fixture(scope="module")
def worked(server: Running) -> Callable[[int], Run]:
    """Works on a run as a worker does: `worked(run_id)`."""
    return server.host.press.work
