"""The fetcher that comes with Pressroom keeps what is asked of every one."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from pressroom import Fetcher
from pressroom.testing import FetcherContract
from pressroom_builtin.fetching.http import HttpFetcher
from servers.web import Web


class TestHttp(FetcherContract):
    plugin: ClassVar[type[Fetcher[Any]]] = HttpFetcher

    @pytest.fixture
    def config(self) -> dict[str, Any]:
        return {"allowed_hosts": ["127.0.0.1"]}

    @pytest.fixture
    def address(self, web: Web, make_picture: Any) -> str:
        web.give("/logo", make_picture("WEBP"))
        return web.url("/logo")

    @pytest.fixture
    def not_a_picture(self, web: Web) -> str:
        web.give("/page", b"<p>Sign in", content_type="image/png")
        return web.url("/page")
