"""A document as Apprise carries it; imported where it is used, for it needs Apprise."""

from __future__ import annotations

from apprise.attachment.memory import AttachMemory

from pressroom_apprise.parcel import File


class Carried(AttachMemory):  # type: ignore[misc]  # Apprise's types are not read
    """From memory, never by an address that Apprise would fetch.

    One in four of the services that take files (Slack, Telegram, Discord among them) opens an attachment's path,
    which for one in memory is its name, and so nothing or any file of the current folder: here it is the run's
    own file.
    """

    def __init__(self, file: File) -> None:
        super().__init__(content=file.content, name=file.name, mimetype=file.media_type)
        self._path = str(file.path)

    @property
    def path(self) -> str:
        """Of the run's file."""
        return self._path
