"""Fetchers: how pictures are had that people name by address, such as logos.

An address comes from whoever may change report settings, and is asked from inside the network that Pressroom
runs in: what may be reached, how much is read and how long that takes is the fetcher's to bound.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from pressroom.context import Context
from pressroom.extension import C, Extension, PluginOptions


@dataclass(frozen=True)
class Picture:
    """A picture that was decoded, so that it is one.

    Attributes:
        content: the file, as it was found.
        media_type: of what it holds, whatever it was said to be: `image/png`, `image/jpeg`, `image/gif`, `image/webp`.
    """

    content: bytes
    media_type: str


class Fetcher(Extension[C, PluginOptions]):
    """Gets pictures by address. Used from several threads; the host keeps what it got."""

    @abstractmethod
    def picture(self, url: str, context: Context) -> Picture:
        """The picture at an address.

        Raises:
            FetchError: there is none to be had. `transient` where the same address may do later, as of a server
                that is down; not so where the address may not be asked, or holds no picture.
            Cancelled, TimedOut: as `context` says.
        """
