"""Servers of the results API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from servers.results_server import Running, make_host, running


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Running]]:
    """Starts a server: `run(settings)`."""
    with ExitStack() as stack:

        def start(settings: str = "") -> Running:
            return stack.enter_context(running(make_host(tmp_path_factory.mktemp("http") / "w", settings)))

        yield start


@pytest.fixture(scope="module")
def server(run: Callable[[str], Running]) -> Running:
    """Without a limit of downloads."""
    return run("[growingio]\ndownloads_per_second = 0")
