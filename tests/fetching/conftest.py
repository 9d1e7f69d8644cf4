"""A web server, pictures for it, and a fetcher that may reach it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pressroom import Context, Setup
from pressroom_builtin.fetching.http import HttpFetcher, HttpFetcherConfig
from servers.web import Web, web_server


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as running:
        yield running


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path, timeout=60)


@pytest.fixture
def make_fetcher(tmp_path: Path) -> Callable[..., HttpFetcher]:
    """A fetcher that may reach loopback unless the test says otherwise."""

    def make(**config: object) -> HttpFetcher:
        said = HttpFetcherConfig.model_validate({"allowed_hosts": ["127.0.0.1"], **config})
        return HttpFetcher(said, Setup(instance="http", workspace=tmp_path, scratch=tmp_path))

    return make


def picture(kind: str = "PNG", size: tuple[int, int] = (20, 10)) -> bytes:
    """A picture's file."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


@pytest.fixture
def make_picture() -> Callable[..., bytes]:
    return picture
