"""Writes a message's documents as objects, and last a `message.json` that lists them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from pressroom import (
    Attachment,
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
    Setup,
    attachments,
    message_facts,
    message_name,
)
from pressroom.templating import one_line
from pressroom_object_store.config import ObjectStoreConfig

if TYPE_CHECKING:
    from obstore.store import ObjectStore

FACTS = "message.json"


class ObjectStoreChannel(Channel[ObjectStoreConfig, PluginOptions]):
    """Each message under a name of its own; a second try writes the same objects again."""

    name: ClassVar[str] = "object-store"
    summary: ClassVar[str] = "Objects in S3, Google Cloud Storage, Azure or a folder"
    Config: ClassVar[type[PluginConfig]] = ObjectStoreConfig
    requires: ClassVar[tuple[str, ...]] = ("obstore",)
    install: ClassVar[str] = "pip install pressroom-object-store"
    idempotent: ClassVar[bool] = True
    addressed: ClassVar[bool] = False

    def __init__(self, config: ObjectStoreConfig, setup: Setup) -> None:
        super().__init__(config, setup)
        self._lock = threading.Lock()
        self._opened: ObjectStore | None = None

    def deliver(
        self,
        message: Message,
        recipients: Sequence[Recipient],
        options: PluginOptions,
        handover: Handover,
        context: Context,
    ) -> Sequence[Receipt]:
        """Write the objects; see `Channel.deliver`.

        Raises:
            DeliveryError: the place cannot be reached or written, or a document is gone.
        """
        place = message_name(self.config.name, message)
        files = list(attachments(message))
        with self._explained():
            store = self._store()
            context.check()
            handover()
            for index, each in enumerate(files):
                context.progress(f"writing {each.name}", index / (len(files) + 1))
                context.run_async(self._put(store, f"{place}/{_name(each)}", each.path, each.document.media_type))
            facts = json.dumps(_facts(message, files), ensure_ascii=False, indent=2).encode(errors="replace")
            context.run_async(self._put(store, f"{place}/{FACTS}", facts, "application/json"))
        reference = f"{self.config.url.rstrip('/')}/{place}"
        answer = f"{len(files)} documents written to {place}"
        return [
            Receipt(recipient=recipient, outcome=Outcome.sent, reference=reference, answer=answer)
            for recipient in recipients
        ]

    def check(self) -> str:
        """List what is there, and write nothing."""
        import obstore

        with self._explained():
            store = self._store()
            first: Any = next(iter(obstore.list(store, chunk_size=1)), [])
        return f"{self.config.url} can be read" + ("" if len(first) else "; it is empty")

    async def _put(self, store: ObjectStore, path: str, content: Any, media_type: str) -> None:
        import obstore

        # folders keep no media types
        attributes = {} if self.config.scheme == "file" else {"Content-Type": media_type}
        await obstore.put_async(store, path, content, attributes=attributes or None)

    def _store(self) -> ObjectStore:
        from obstore.store import from_url

        with self._lock:
            if self._opened is None:
                if self.config.scheme == "file":
                    self._opened = from_url(self.config.url, mkdir=True)
                else:
                    self._opened = self._remote()
            return self._opened

    def _remote(self) -> ObjectStore:
        from obstore.store import from_url

        options: Any = {key: value.get_secret_value() for key, value in self.config.options.items()}
        plain = str(options.get("endpoint", options.get("aws_endpoint", ""))).startswith("http://")
        limit = f"{self.config.timeout:g}s"
        return from_url(
            self.config.url,
            config=options,
            # a password over http is the workspace's to decide: it wrote the address
            client_options={"timeout": limit, "connect_timeout": limit, "allow_http": plain},
            # the ledger tries again
            retry_config={"max_retries": 0},
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        from obstore import exceptions

        try:
            yield
        except (exceptions.BaseError, OSError, NotImplementedError, ValueError) as error:
            # what follows the first line is for those who debug the library, and a server's XML for nobody
            said = one_line(str(error).strip().partition("\n")[0].partition(": <")[0], 300)
            final = FileNotFoundError | PermissionError
            raise DeliveryError(
                f"channel {self.setup.instance}: {self.config.url}: {said}; look at `url` and `options`",
                transient=isinstance(error, exceptions.GenericError | OSError) and not isinstance(error, final),
            ) from None


def _name(each: Attachment) -> str:
    """A document's name beside the `message.json`."""
    return f"document-{each.name}" if each.name.casefold() == FACTS else each.name


def _facts(message: Message, files: Sequence[Attachment]) -> dict[str, Any]:
    documents = [
        {"name": _name(each), "media_type": each.document.media_type, "format": each.document.format} for each in files
    ]
    return {**message_facts(message), "documents": documents}
