"""Another server as a source keeps what the host relies on in every source."""

from __future__ import annotations

from typing import Any

import pytest

from pressroom import Principal
from pressroom.testing import SourceContract
from pressroom.timerange import Window, from_ms
from pressroom_builtin.sources.growingio import GrowingioSource
from servers.results_server import PROJECT, Running
from workspaces.visits import DAY, MAY_2


class TestGrowingio(SourceContract):
    plugin = GrowingioSource
    question = "table001"
    wrong = "nothing0"
    window = Window.cut(from_ms(MAY_2), from_ms(MAY_2 + 4 * DAY), "Asia/Shanghai", "1d")

    @pytest.fixture
    def config(self, server: Running) -> dict[str, Any]:
        client, secret = server.host.access.create_client(Principal.local_admin(), "reader", PROJECT)
        return {
            "url": server.url,
            "project": PROJECT,
            "client_id": client.client_id,
            "secret": secret,
            "ai": client.ai,
        }
