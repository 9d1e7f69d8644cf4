"""The pytest plugin: fixtures that every test has once Pressroom is installed.

It is loaded with every run of pytest in such an environment, so it imports nothing but pytest: a fixture
brings what it needs when a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pressroom.testing.clock import FrozenClock
    from pressroom.testing.desk import Desk
    from pressroom.testing.sink import Sink
    from pressroom.testing.workspace import Workspace

pytest.register_assert_rewrite("pressroom.testing.contracts")


@pytest.fixture
def pressroom_workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with real data, a dashboard and a report over it; see `pressroom.testing.Workspace`."""
    from pressroom.testing.workspace import Workspace

    with Workspace(tmp_path / "workspace") as workspace:
        yield workspace


@pytest.fixture(scope="session")
def pressroom_composed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the edition that `pressroom_desk` hands out copies of."""
    from pressroom.testing.workspace import composed

    return composed(tmp_path_factory.mktemp("pressroom"))


@pytest.fixture
def pressroom_desk(pressroom_composed: Path, tmp_path: Path) -> Desk:
    """Editions for renderers: composed of real data, empty, failed, hostile; see `pressroom.testing.Desk`."""
    from pressroom.testing.desk import Desk

    return Desk(tmp_path / "desk", pressroom_composed)


@pytest.fixture
def pressroom_sink(tmp_path: Path) -> Iterator[Sink]:
    """A mail server on loopback that keeps what it gets; `port`, and `files` with the mails."""
    from pressroom.testing.sink import Sink

    with Sink(tmp_path / "mails") as sink:
        yield sink


@pytest.fixture
def pressroom_clock(monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    """Pressroom's time stands still until the test moves it; see `pressroom.testing.FrozenClock`."""
    from pressroom.testing.clock import FrozenClock

    return FrozenClock.installed(monkeypatch.setattr)
