"""Logos by address: kept, asked again after an age, and used on while their server is away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from pressroom import Cancelled, Context, FetchError, Picture
from pressroom.press import logos as module
from pressroom.press.logos import AGAIN_SECONDS, Logos

URL = "https://example.org/logo.png"
FRESH = 3600.0


class World:
    """A clock, a server, and what it was asked."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.answer: bytes | Exception = b"first"
        self.asked: list[str] = []

    def fetch(self, url: str, context: Context) -> Picture:
        self.asked.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Picture(self.answer, "image/png")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def kept(world: World, tmp_path: Path) -> Callable[[], Logos]:
    """Another process's view of the same folder, each time."""
    return lambda: Logos(tmp_path / "logos", world.fetch, FRESH, lambda: world.now)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path, timeout=60)


def test_an_address_is_asked_once_while_its_picture_is_fresh(
    world: World, kept: Callable[[], Logos], context: Context
) -> None:
    for _ in range(3):
        assert kept().get(URL, context) == (Picture(b"first", "image/png"), "")
    world.now += FRESH - 1
    kept().get(URL, context)
    assert len(world.asked) == 1
    world.now, world.answer = world.now + 2, b"second"
    assert kept().get(URL, context)[0].content == b"second"
    assert kept().get("https://example.org/other.png", context)[0].content == b"second"
    assert world.asked == [URL, URL, "https://example.org/other.png"]


@pytest.mark.parametrize("transient", [True, False])
def test_an_older_picture_is_used_where_the_address_gives_nothing(
    world: World, kept: Callable[[], Logos], context: Context, transient: bool
) -> None:
    kept().get(URL, context)
    world.now, world.answer = world.now + FRESH, FetchError("the server is down", transient=transient)
    picture, warning = kept().get(URL, context)
    assert picture.content == b"first"
    assert "the server is down" in warning
    assert kept().get(URL, context) == (picture, warning)
    assert len(world.asked) == 2
    world.now, world.answer = world.now + AGAIN_SECONDS, b"second"
    assert kept().get(URL, context) == (Picture(b"second", "image/png"), "")


def test_what_gave_nothing_is_not_asked_by_every_report(
    world: World, kept: Callable[[], Logos], context: Context
) -> None:
    world.answer = FetchError("the server is down", transient=True)
    for _ in range(5):
        with pytest.raises(FetchError, match="down") as caught:
            kept().get(URL, context)
        assert caught.value.transient
    assert len(world.asked) == 1
    world.now, world.answer = world.now + AGAIN_SECONDS, b"back"
    assert kept().get(URL, context)[0].content == b"back"


def test_who_saves_settings_asks_anew_but_not_what_is_fresh(
    world: World, kept: Callable[[], Logos], context: Context
) -> None:
    world.answer = FetchError("no picture")
    with pytest.raises(FetchError):
        kept().ask(URL, context)
    world.answer = b"mended"
    kept().ask(URL, context)
    kept().ask(URL, context)
    assert len(world.asked) == 2
    assert kept().get(URL, context)[0].content == b"mended"
    world.now, world.answer = world.now + FRESH, FetchError("gone")
    with pytest.raises(FetchError, match="gone"):
        kept().ask(URL, context)


def test_being_cancelled_is_no_failure_of_the_address(
    world: World, kept: Callable[[], Logos], context: Context
) -> None:
    world.answer = Cancelled()
    with pytest.raises(Cancelled):
        kept().get(URL, context)
    world.answer = b"first"
    assert kept().get(URL, context)[0].content == b"first"


def test_a_fetcher_that_breaks_costs_only_the_picture(
    world: World, kept: Callable[[], Logos], context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    kept().get(URL, context)
    world.now, world.answer = world.now + FRESH, RuntimeError("a mistake in a plugin")
    assert kept().get(URL, context)[0].content == b"first"
    with pytest.raises(FetchError, match="a mistake in a plugin"):
        kept().get(f"{URL}?2", context)
    assert "a mistake in a plugin" in caplog.text


def test_the_folder_may_be_emptied_or_damaged(
    world: World, kept: Callable[[], Logos], context: Context, tmp_path: Path
) -> None:
    kept().get(URL, context)
    (file,) = (tmp_path / "logos").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert kept().get(URL, context)[0].content == b"first"
    file.unlink()
    assert kept().get(URL, context)[0].content == b"first"
    assert len(world.asked) == 3


def test_a_folder_that_cannot_be_written_costs_only_the_keeping(
    world: World, kept: Callable[[], Logos], context: Context, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "logos").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        assert kept().get(URL, context)[0].content == b"first"
    assert "cannot be kept" in caplog.text


def test_those_that_were_not_used_longest_go_first(
    world: World, kept: Callable[[], Logos], context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setattr(module, "LIMIT", 3500)
    world.answer = b"x" * 1000
    for number in range(3):
        kept().get(f"{URL}?{number}", context)
        newest = max((tmp_path / "logos").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (number, number))
    # used again, so it is younger than the other two
    kept().get(f"{URL}?0", context)
    kept().get(f"{URL}?3", context)
    asked = len(world.asked)
    kept().get(f"{URL}?0", context)
    kept().get(f"{URL}?2", context)
    assert len(world.asked) == asked
    kept().get(f"{URL}?1", context)
    assert len(world.asked) == asked + 1
