"""The workspace of visits, with a web server for logos that it may reach, and pictures of one colour."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom import Host, Principal
from pressroom.definitions import HostCatalogue, apply, check, load_text
from pressroom_builtin.grafana.service import Reporting
from servers.smtp import Faults, MailServer, serving
from servers.web import Web, web_server
from workspaces.visits import DEFINITIONS, make_workspace

PROJECT = "nxog09md"
ME = Principal.local_admin()
RED, BLUE = (210, 30, 40), (20, 60, 220)


@dataclass
class Site:
    """A host with its servers.

    Attributes:
        api: the reporting API's service.
    """

    host: Host
    api: Reporting
    mail: MailServer
    web: Web

    def save(self, body: dict[str, Any], **logos: bytes) -> None:
        """Save report settings, and see that the answer is the documented one."""
        assert self.api.save_settings(ME, PROJECT, body, logos).message == "Report settings saved"

    def settings(self) -> dict[str, Any]:
        """The report settings as clients get them."""
        import msgspec

        found: dict[str, Any] = msgspec.to_builtins(self.api.settings(ME, PROJECT))
        return found


@contextmanager
def branded_site(folder: Path, fetch: str = 'allowed_hosts = ["127.0.0.1"]\nseconds = 5') -> Iterator[Site]:
    """A workspace in a new folder while the block runs.

    Args:
        fetch: keys of `[fetch]`.
    """
    with serving(Faults()) as mail, web_server() as web:
        file = make_workspace(folder, mail.port)
        file.write_text(f"{file.read_text(encoding='utf-8')}\n[fetch]\n{fetch}\n", encoding="utf-8")
        with Host.open(file) as host:
            host.store.upgrade()
            apply(check(load_text(DEFINITIONS), HostCatalogue(host)), host.store, by="pressroom")
            yield Site(host, Reporting(host), mail, web)


def picture(color: tuple[int, int, int] = RED, size: tuple[int, int] = (120, 40), kind: str = "PNG") -> bytes:
    """A picture's file."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


def has_color(content: bytes, color: tuple[int, int, int]) -> bool:
    """Whether a picture has a patch of a colour, give or take what drawing does to it."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as opened:
        pixels = opened.convert("RGB").getcolors(opened.width * opened.height) or []
    near = sum(
        number
        for number, (red, green, blue) in pixels
        if max(abs(red - color[0]), abs(green - color[1]), abs(blue - color[2])) <= 12
    )
    return near >= 200
