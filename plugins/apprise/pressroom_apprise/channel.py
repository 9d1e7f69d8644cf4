"""Sends a message to one service after the other; each recipient is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

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
from pressroom.templating import one_line
from pressroom_apprise.config import AppriseConfig
from pressroom_apprise.parcel import Parcel, pack

if TYPE_CHECKING:
    from apprise import AppriseAttachment
    from apprise.plugins import NotifyBase
    from apprise.result import NotifyResult

_STATUS = re.compile(r"\berror=(\d{3})\b")
"""How Apprise writes a service's answer into its log."""
AGAIN = (408, 425, 429)
SHOWN = 200
"""Characters of an answer that the ledger keeps."""


class AppriseChannel(Channel[AppriseConfig, PluginOptions]):
    """Chat services, named in `targets`."""

    name: ClassVar[str] = "apprise"
    summary: ClassVar[str] = "Slack, Teams, Telegram, Matrix and a hundred other services, by Apprise"
    Config: ClassVar[type[PluginConfig]] = AppriseConfig
    requires: ClassVar[tuple[str, ...]] = ("apprise",)
    install: ClassVar[str] = "pip install pressroom-apprise"

    def admit(self, recipient: Recipient) -> str:
        """Why nothing may be sent there; empty where it may."""
        address = recipient.address
        if address in self.config.targets:
            return ""
        scheme, found, rest = address.partition("://")
        here = f"[channels.{self.setup.instance}]"
        if not found:
            known = ", ".join(sorted(self.config.targets)) or "none"
            return f"{one_line(address)} is not a target of {here}; known are: {known}"
        if scheme not in self.config.schemes:
            return f"{one_line(address)} may not be used: schemes of {here} has no {one_line(scheme)}"
        if "?" in rest:
            return f"{one_line(address)} may have no options behind a `?`; make it a target of {here}"
        return ""

    def deliver(
        self,
        message: Message,
        recipients: Sequence[Recipient],
        options: PluginOptions,
        handover: Handover,
        context: Context,
    ) -> Sequence[Receipt]:
        """Send to each; see `Channel.deliver`.

        Raises:
            DeliveryError: a document is gone, or Apprise does not take it.
        """
        parcel = pack(message, int(self.config.max_attachment_bytes))
        receipts: dict[Recipient, Receipt] = {}
        services: dict[Recipient, NotifyBase] = {}
        for recipient in recipients:
            if reason := self.admit(recipient):
                receipts[recipient] = Receipt(recipient=recipient, outcome=Outcome.refused, answer=reason)
            elif (service := self._service(recipient.address)) is None:
                answer = f"Apprise does not understand the address of {one_line(recipient.address)}"
                receipts[recipient] = Receipt(recipient=recipient, outcome=Outcome.refused, answer=answer)
            else:
                services[recipient] = service
        # what Apprise does not take of a document is known before anything is sent
        files = _carried(parcel)
        context.check()
        if services:
            handover()
        for recipient, service in services.items():
            receipts[recipient] = self._send(parcel, files, recipient, service)
        return [receipts[recipient] for recipient in recipients]

    def check(self) -> str:
        """Whether every target's address is understood; nothing is sent."""
        for target in self.config.targets:
            if self._service(target) is None:
                raise DeliveryError(
                    f"channel {self.setup.instance}: Apprise does not understand the address of targets.{target}"
                )
        return f"{len(self.config.targets)} addresses are understood"

    def _service(self, address: str) -> NotifyBase | None:
        """The service of an address; None where there is none like it."""
        from apprise import Apprise, AppriseAsset, PersistentStoreMode

        target = self.config.targets.get(address)
        # nothing is kept on the disk, no keys are made, nobody is followed elsewhere
        asset = AppriseAsset(
            storage_mode=PersistentStoreMode.MEMORY, pem_autogen=False, pgp_autogen=False, http_redirects=False
        )
        asset.app_id = "Pressroom"
        service: NotifyBase | None = Apprise.instantiate(target.get_secret_value() if target else address, asset=asset)
        return service

    def _send(self, parcel: Parcel, files: AppriseAttachment, recipient: Recipient, service: NotifyBase) -> Receipt:
        import logging

        from apprise import Apprise, NotifyFormat

        along = files if files and service.attachment_support else None
        apprise = Apprise()
        apprise.add(service)
        result = apprise.notify(
            title=parcel.title,
            body=parcel.body(carried=along is not None),
            body_format=NotifyFormat.TEXT,
            attach=along,
            interpret_escapes=False,
            timeout=self.config.timeout,
            log_level=logging.INFO,
        )
        (one,) = result.results
        outcome, code, answer = _meaning(one)
        return Receipt(recipient=recipient, outcome=outcome, code=code, answer=answer)


def _carried(parcel: Parcel) -> AppriseAttachment:
    """A parcel's files as Apprise takes them.

    Raises:
        DeliveryError: it does not take one of them.
    """
    from apprise import AppriseAttachment
    from apprise.exception import AppriseException

    from pressroom_apprise.carried import Carried

    files = AppriseAttachment()
    for each in parcel.files:
        try:
            files.add(Carried(each))
        except AppriseException as error:
            raise DeliveryError(f"Apprise does not take {each.name}: {one_line(str(error), SHOWN)}") from error
    return files


def _meaning(result: NotifyResult) -> tuple[Outcome, int, str]:
    """What Apprise says came of it.

    It tells its answers by its log only. A service that takes files apart from the text may have the text
    already when a file fails: then it must not be sent again.
    """
    from apprise.result import AppriseResultStatus

    said: list[Any] = [str(entry.message) for entry in result.logs()]
    words = one_line("; ".join(said), SHOWN)
    if result.status == AppriseResultStatus.SUCCESS:
        return Outcome.sent, 0, f"sent by {result.name}"
    if result.status == AppriseResultStatus.TIMEOUT or any(line.startswith("Sent ") for line in said):
        return Outcome.ambiguous, 0, words or "no answer in time"
    codes = [int(found) for line in said for found in _STATUS.findall(line)]
    code = codes[-1] if codes else 0
    final = 400 <= code < 500 and code not in AGAIN
    return (Outcome.refused if final else Outcome.deferred), code, words
