"""What `pressroom doctor` says of the links in mails, and of what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pressroom.host import Host

LOCAL = ("127.0.0.1", "::1", "localhost")
DKIM = (
    "mails to one recipient carry List-Unsubscribe, which mail providers heed only where the relay signs with DKIM "
    "and the signature covers List-Unsubscribe and List-Unsubscribe-Post"
)


def check_links(host: Host) -> str:
    """What links in mails begin with, and what that is good for.

    Raises:
        SettingsError: public links without an address that they could begin with; a key that cannot be used.
    """
    from pressroom.errors import SettingsError

    server, base = host.settings.server, host.settings.server.link_url
    if not base and server.public_links:
        raise SettingsError("public_links needs public_url, with which links begin; name both in [server]")
    if not base:
        return (
            "pressroom.toml says no public_url in [server]: mails have no links to dashboards, to documents that are "
            "too large to attach, or to unsubscribe"
        )
    host.access.keys.key("signed links")
    said = [f"begin with {base}"]
    if urlsplit(base).hostname in LOCAL:
        said.append("only this machine reaches that")
    if base.startswith("https://"):
        said.append(DKIM)
    else:
        said.append("mails have no way to unsubscribe, for that public_url must begin with https")
    if server.public_links:
        said.append(f"whoever has a link to a dashboard sees it for {server.link_age} (public_links)")
    return "; ".join(said)
