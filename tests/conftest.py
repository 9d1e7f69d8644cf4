"""Fixtures for all rooms."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from servers.postgres_server import find_programs, running_cluster


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A private PostgreSQL server's superuser URL; skipped where its programs are missing, but not in CI."""
    programs = find_programs()
    if programs is None:
        reason = "PostgreSQL's programs are not installed (apt-get install postgresql)"
        if os.environ.get("PRESSROOM_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_cluster(programs) as url:
        yield url
