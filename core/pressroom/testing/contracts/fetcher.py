"""What the host relies on in a fetcher of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from pressroom.context import Cancellation, Context
from pressroom.errors import Cancelled, FetchError
from pressroom.fetchers import Fetcher
from pressroom.testing.contracts.extension import THREADS, ExtensionContract, at_once, crosses_processes

BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}


class FetcherContract(ExtensionContract):
    """Subclass it as `class TestMine(FetcherContract)`, set `plugin`, and give both addresses."""

    plugin: ClassVar[type[Fetcher[Any]]]

    @pytest.fixture
    def address(self) -> str:
        """An address that gives a picture; override it."""
        raise NotImplementedError("override the fixture address with one that gives a picture")

    @pytest.fixture
    def not_a_picture(self) -> str:
        """An address that gives something else, such as a page; override it."""
        raise NotImplementedError("override the fixture not_a_picture with an address that gives something else")

    @pytest.fixture
    def context(self, tmp_path: Path) -> Context:
        """With a minute's time."""
        return Context(tmp_path, timeout=60)

    def test_a_picture_is_what_it_is_said_to_be(self, instance: Any, address: str, context: Context) -> None:
        """Its type is told from its content."""
        found = instance.picture(address, context)
        assert found.content.startswith(BEGINNINGS[found.media_type])

    def test_what_is_no_picture_is_an_error(self, instance: Any, not_a_picture: str, context: Context) -> None:
        """One that says what is wrong and where, and that trying again does not help."""
        with pytest.raises(FetchError) as caught:
            instance.picture(not_a_picture, context)
        assert not caught.value.transient
        assert not_a_picture in caught.value.message
        crosses_processes(caught.value)

    @pytest.mark.parametrize("address", ["", "nonsense", "file:///etc/passwd", "http://", "x" * 10_000, "http://\x00/"])
    def test_what_is_no_address_is_an_error(self, instance: Any, address: str, context: Context) -> None:
        """Settings may hold anything."""
        with pytest.raises(FetchError) as caught:
            instance.picture(address, context)
        assert len(caught.value.message) < 5_000

    def test_it_stops_where_the_work_must(self, instance: Any, address: str, tmp_path: Path) -> None:
        """A run that was cancelled asks nobody any more."""
        cancellation = Cancellation()
        cancellation.set()
        with pytest.raises(Cancelled):
            instance.picture(address, Context(tmp_path, cancellation=cancellation))

    def test_threads_do_not_disturb_each_other(self, instance: Any, address: str, context: Context) -> None:
        """Reports are made at the same time."""
        alone = instance.picture(address, context)
        assert at_once(*[lambda: instance.picture(address, context)] * THREADS) == [alone] * THREADS
