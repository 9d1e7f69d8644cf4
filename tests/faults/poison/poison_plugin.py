"""A plugin whose formats hang, or take their process along."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from typing import Any

from pressroom import Context, Document, Edition, PluginConfig, PluginOptions, Renderer, hookimpl


class Hanging(Renderer[PluginConfig, PluginOptions]):
    """Never returns, whatever it is told."""

    name = "hanging"

    def render(self, edition: Edition, options: PluginOptions, context: Context) -> Sequence[Document]:
        while True:
            threading.Event().wait(60)


class Killing(Renderer[PluginConfig, PluginOptions]):
    """Dies as from a fault in a library."""

    name = "killing"

    def render(self, edition: Edition, options: PluginOptions, context: Context) -> Sequence[Document]:
        os.kill(os.getpid(), signal.SIGKILL)
        return []


@hookimpl
def register_renderers() -> Sequence[type[Renderer[Any, Any]]]:
    return [Hanging, Killing]
