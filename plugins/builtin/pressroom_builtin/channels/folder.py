"""The `folder` channel: reports as files, for archives, shared drives and whatever picks files up."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

import pydantic

from pressroom import (
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
)
from pressroom.locales import Locale
from pressroom.templating import NAMES, check_template, render_line, safe_filename
from pressroom_builtin.channels.files import document_path, named

_NAMES = {"report": NAMES["report"], "run": ("planned_at",), "range": NAMES["range"]}
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
        "{{ run.planned_at | stamp }}-{{ report.uid }}",
        description="Template of the folder's or file's name over `report`, `run.planned_at` and `range`. A short "
        "mark of the message follows it, so that two messages never share a name.",
    )

    @pydantic.field_validator("name")
    @classmethod
    def _template(cls, name: str) -> str:
        from pressroom import TemplateError

        try:
            check_template(name, _NAMES)
        except TemplateError as error:
            raise ValueError(str(error)) from error
        return name


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
        values = {
            "report": {"uid": message.report or "report", "name": message.title},
            "run": {"planned_at": message.planned_at},
            "range": _range(message),
        }
        name = render_line(self.config.name, values, locale=message.locale, zone=message.zone)
        mark = hashlib.sha256(message.key.encode(errors="replace")).hexdigest()[:8]
        suffix = ".eml" if self.config.content == "eml" else ""
        return self.setup.path(self.config.path) / f"{safe_filename(name)}-{mark}{suffix}"

    def _write(self, message: Message, part: Path, context: Context) -> None:
        if self.config.content == "eml":
            _store(part, _as_mail(message))
            return
        part.mkdir()
        written: list[dict[str, Any]] = []
        for name, document in named(message):
            context.check()
            _copy(document_path(message, document), part / name)
            written.append({"name": name, "media_type": document.media_type, "format": document.format})
        about = {**_about(message), "documents": written}
        name = (
            "message.json" if all(it["name"].casefold() != "message.json" for it in written) else "about-message.json"
        )
        _store(part / name, json.dumps(about, ensure_ascii=False, indent=2).encode(errors="replace"))
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


def _range(message: Message) -> dict[str, object]:
    """The range for templates; of a message without one they are told that it is missing."""
    if message.start is None or message.end is None:
        return {"start": message.start, "end": message.end}
    text = Locale.of(message.locale).time_range(message.start, message.end, message.zone)
    return {"start": message.start, "end": message.end, "text": text}


def _as_mail(message: Message) -> bytes:
    import sys

    from pressroom_builtin.channels.email_address import mailbox
    from pressroom_builtin.channels.email_message import Mail

    return Mail(message, mailbox("Pressroom <pressroom@localhost>"), sys.maxsize).content({}, international=False)


def _about(message: Message) -> dict[str, Any]:
    return {
        "key": message.key,
        "report": message.report,
        "title": message.title,
        "subject": message.subject,
        "text": message.text,
        "planned_at": message.planned_at.isoformat(),
        "range": [moment.isoformat() for moment in (message.start, message.end) if moment is not None],
        "summary": list(message.summary),
        "links": [{"text": link.text, "url": link.url} for link in message.links],
        "errors": list(message.errors),
    }


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
