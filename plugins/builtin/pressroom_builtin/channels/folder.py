"""The `folder` channel: reports as files, for archives, shared drives and whatever picks files up."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

import pydantic

from pressroom import (
    MESSAGE_NAME,
    Channel,
    Context,
    DeliveryError,
    Handover,
    Message,
    Outcome,
    PluginConfig,
    PluginOptions,
    Receipt,
    Recipient,
    attachments,
    checked_message_name,
    message_facts,
    message_name,
)

_MAY_PASS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.EBUSY, errno.ETIMEDOUT)


class FolderConfig(PluginConfig):
    """Where files go and what they are called."""

    path: str = pydantic.Field(min_length=1, description="Folder, from the workspace; made where it is missing.")
    content: Literal["documents", "eml"] = pydantic.Field(
        "documents",
        description="`documents`: a folder for each message, with its files and a `message.json` about them; "
        "`eml`: one file for each message, the mail that it would be.",
    )
    name: str = pydantic.Field(
        MESSAGE_NAME,
        description="Template of the folder's or file's name over `report`, `run.planned_at` and `range`. A short "
        "mark of the message follows it, so that two messages never share a name.",
    )

    @pydantic.field_validator("name")
    @classmethod
    def _template(cls, name: str) -> str:
        return checked_message_name(name)


class FolderChannel(Channel[FolderConfig, PluginOptions]):
    """Writes each message under a name of its own, whole or not at all; a second try replaces the first."""

    name: ClassVar[str] = "folder"
    summary: ClassVar[str] = "Files in a folder: the documents, or mails as .eml"
    Config: ClassVar[type[PluginConfig]] = FolderConfig
    idempotent: ClassVar[bool] = True
    addressed: ClassVar[bool] = False

    def deliver(
        self,
        message: Message,
        recipients: Sequence[Recipient],
        options: PluginOptions,
        handover: Handover,
        context: Context,
    ) -> Sequence[Receipt]:
        """Write the message; see `Channel.deliver`.

        Raises:
            DeliveryError: the folder cannot be written, or a document is gone.
        """
        target = self._target(message)
        part = target.with_name(f".{target.name}.part")
        with self._explained():
            target.parent.mkdir(parents=True, exist_ok=True)
            _remove(part)
            try:
                self._write(message, part, context)
                context.check()
                handover()
                _replace(part, target)
            finally:
                _remove(part)
        return [
            Receipt(
                recipient=recipient, outcome=Outcome.sent, reference=str(target), answer=f"written to {target.name}"
            )
            for recipient in recipients
        ]

    def check(self) -> str:
        """Write a file into the folder and take it away again."""
        folder = self.setup.path(self.config.path)
        probe = folder / f".pressroom-check-{os.getpid()}"
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"check")
            probe.unlink()
            return f"{folder} can be written, {shutil.disk_usage(folder).free / 1e9:.1f} GB free"

    def _target(self, message: Message) -> Path:
        suffix = ".eml" if self.config.content == "eml" else ""
        return self.setup.path(self.config.path) / f"{message_name(self.config.name, message)}{suffix}"

    def _write(self, message: Message, part: Path, context: Context) -> None:
        if self.config.content == "eml":
            _store(part, _as_mail(message))
            return
        part.mkdir()
        written: list[dict[str, Any]] = []
        for each in attachments(message):
            context.check()
            _copy(each.path, part / each.name)
            written.append({"name": each.name, "media_type": each.document.media_type, "format": each.document.format})
        about = {**message_facts(message), "documents": written}
        taken = any(it["name"].casefold() == "message.json" for it in written)
        facts = part / ("about-message.json" if taken else "message.json")
        _store(facts, json.dumps(about, ensure_ascii=False, indent=2).encode(errors="replace"))
        _sync(part)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DeliveryError(
                f"channel {self.setup.instance}: {self.setup.path(self.config.path)} cannot be written: "
                f"{error.strerror or error}",
                transient=error.errno in _MAY_PASS,
            ) from error


def _as_mail(message: Message) -> bytes:
    import sys

    from pressroom_builtin.channels.email_address import mailbox
    from pressroom_builtin.channels.email_message import Mail

    return Mail(message, mailbox("Pressroom <pressroom@localhost>"), sys.maxsize).content({}, international=False)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    _sync(target)


def _store(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    _sync(path)


def _sync(path: Path) -> None:
    """Bring a file or folder to the disk itself."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(part: Path, target: Path) -> None:
    """Put `part` in the place of `target`; what was there before is of the same message."""
    if target.is_dir():
        # a folder that is not empty cannot be replaced in one step
        old = target.with_name(f".{target.name}.old")
        _remove(old)
        target.rename(old)
        part.rename(target)
        _remove(old)
    else:
        part.replace(target)
    _sync(target.parent)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
