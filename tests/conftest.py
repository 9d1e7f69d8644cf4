"""Fixtures for all rooms."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A private PostgreSQL server's superuser URL; skipped where its programs are missing, but not in CI."""
    spec = importlib.util.spec_from_file_location(
        "postgres_server", Path(__file__).parent / "servers/postgres_server.py"
    )
    assert spec is not None
    assert spec.loader is not None
    server = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    programs = server.find_programs()
    if programs is None:
        reason = "PostgreSQL's programs are not installed (apt-get install postgresql)"
        if os.environ.get("PRESSROOM_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with server.running_cluster(programs) as url:
        yield url
