"""One server for all tests of the room: each looks at what it made itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.reporting_server import Reports, serving_reports
from servers.smtp import Faults

BAD = "no@example.org"
SETTINGS = '[server]\npublic_url = "https://reports.example.org"'
LATER = "later@example.org"


@pytest.fixture(scope="package")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reports]:
    faults = Faults(recipients={BAD: "550 no such user", LATER: "451 come back later"})
    with serving_reports(tmp_path_factory.mktemp("reports") / "w", SETTINGS, faults) as server:
        yield server
