"""The `email` channel: reports as mail over SMTP."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import pydantic

from pressroom import (
    Cancelled,
    Channel,
    Context,
    Handover,
    Message,
    Outcome,
    PluginConfig,
    PluginOptions,
    Receipt,
    Recipient,
    TimedOut,
)
from pressroom_builtin.channels.email_address import Mailbox, mailbox

if TYPE_CHECKING:
    from pressroom import Setup
    from pressroom_builtin.channels.email_connection import Conversation, Reply
    from pressroom_builtin.channels.email_message import Mail
    from pressroom_builtin.channels.email_pool import Connections

Security = Literal["none", "starttls", "tls"]
_PORTS: dict[Security, int] = {"none": 25, "starttls": 587, "tls": 465}


class EmailConfig(PluginConfig):
    """A mail server and how this workspace may use it."""

    host: str = pydantic.Field("127.0.0.1", min_length=1, description="Name or address of the mail server.")
    port: int | None = pydantic.Field(
        None, ge=1, le=65535, description="Default: 25, 587 or 465, by `security` none, starttls or tls."
    )
    sender: str = pydantic.Field(description="Who mails come from: `Pressroom <reports@example.org>`.")
    username: str = pydantic.Field("", description="For AUTH; empty for none.")
    password: pydantic.SecretStr = pydantic.Field(
        pydantic.SecretStr(""), description='For AUTH, better as `{env = "X"}` or `{file = "x"}`.'
    )
    security: Literal["auto", Security] = pydantic.Field(
        "auto",
        description="`starttls` and `tls` are demanded: a server without them gets no mail. `auto` is `none` for a "
        "server on this machine, `tls` on port 465, and `starttls` for any other; it never goes on in clear.",
    )
    ca_file: str = pydantic.Field(
        "", description="PEM file of the authorities to trust instead of the system's, such as a company's own."
    )
    timeout: float = pydantic.Field(30, gt=0, le=600, description="Seconds for connecting and for each answer.")
    data_timeout: float = pydantic.Field(
        600, gt=0, le=3600, description="Seconds for the answer to a whole mail, its transmission included."
    )
    local_hostname: str = pydantic.Field("", description="What this machine calls itself in EHLO; default: its name.")
    allowed_recipients: tuple[Annotated[str, pydantic.Field(pattern="@")], ...] = pydantic.Field(
        (), description="Globs of addresses that may get mail, such as `*@example.org`. Default: anyone."
    )
    max_attachment_bytes: pydantic.ByteSize = pydantic.Field(
        pydantic.ByteSize(10_000_000),
        description="What pictures and attachments of a mail may take, as base64; a number or `25MB`. "
        "What does not fit is left out; the mail says so, with a link to it.",
    )
    connections: int = pydantic.Field(2, ge=1, le=50, description="Connections to the server at the same time.")
    keepalive: float = pydantic.Field(
        60, ge=0, le=3600, description="Seconds that an unused connection stays open; 0 for a new one for every mail."
    )

    @pydantic.field_validator("sender")
    @classmethod
    def _address(cls, sender: str) -> str:
        if mailbox(sender).international:
            raise ValueError("must be ASCII before the @: not every mail server takes other senders")
        return sender

    def secured(self) -> Security:
        """What `security` means for this host and port."""
        if self.security != "auto":
            return self.security
        if self.port == 465:
            return "tls"
        return "none" if _is_loopback(self.host) else "starttls"

    def reached_at(self) -> int:
        """The port."""
        return self.port or _PORTS[self.secured()]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


class EmailChannel(Channel[EmailConfig, PluginOptions]):
    """Mail with text and HTML bodies, inline pictures and attachments.

    Each recipient's own answer is known: the conversation is done command by command.
    """

    name: ClassVar[str] = "email"
    summary: ClassVar[str] = "Mail over SMTP: plain, STARTTLS or TLS, with kept connections"
    Config: ClassVar[type[PluginConfig]] = EmailConfig
    requires: ClassVar[tuple[str, ...]] = ("aiosmtplib", "email_validator", "css_inline", "PIL")

    def __init__(self, config: EmailConfig, setup: Setup) -> None:
        super().__init__(config, setup)
        self._kept: Connections | None = None
        self._lock = threading.Lock()

    def admit(self, recipient: Recipient) -> str:
        """Why this address may get no mail; empty where it may."""
        try:
            checked = mailbox(recipient.address)
        except ValueError as error:
            return str(error)
        allowed = self.config.allowed_recipients
        if allowed and not checked.matches(allowed):
            return (
                f"{checked.address} may get no mail: allowed_recipients of [channels.{self.setup.instance}] "
                f"has only {', '.join(allowed)}"
            )
        return ""

    def deliver(
        self,
        message: Message,
        recipients: Sequence[Recipient],
        options: PluginOptions,
        handover: Handover,
        context: Context,
    ) -> Sequence[Receipt]:
        """Send one mail to all recipients; see `Channel.deliver`.

        Raises:
            DeliveryError: the server cannot be reached, or will not have us.
        """
        from pressroom_builtin.channels.email_message import Mail

        receipts: dict[Recipient, Receipt] = {}
        for recipient in recipients:
            if reason := self.admit(recipient):
                receipts[recipient] = Receipt(recipient=recipient, outcome=Outcome.refused, answer=reason)
        allowed = {recipient: mailbox(recipient.address) for recipient in recipients if recipient not in receipts}
        if allowed:
            mail = Mail(message, mailbox(self.config.sender), int(self.config.max_attachment_bytes))
            with self._connections().borrow(context) as conversation:
                receipts |= _with_note(_converse(conversation, mail, allowed, handover, context), mail.left_out)
        return [receipts[recipient] for recipient in recipients]

    def check(self) -> str:
        """Talk to the server up to the point where a mail would begin."""
        context = Context(self.setup.scratch, timeout=3 * self.config.timeout)
        with self._connections().borrow(context) as conversation:
            context.run_async(conversation.noop())
            return conversation.description

    def close(self) -> None:
        """Say QUIT on every kept connection."""
        if self._kept is not None:
            self._kept.close(Context(self.setup.scratch, timeout=5))

    def _connections(self) -> Connections:
        from pressroom_builtin.channels.email_pool import Connections

        with self._lock:
            if self._kept is None:
                self._kept = Connections(self.config, self.setup)
            return self._kept


def _converse(
    conversation: Conversation,
    mail: Mail,
    boxes: dict[Recipient, Mailbox],
    handover: Handover,
    context: Context,
) -> dict[Recipient, Receipt]:
    """One mail from MAIL to the answer after DATA; a receipt for each recipient."""
    from pressroom_builtin.channels.email_connection import LostError, Reply

    receipts: dict[Recipient, Receipt] = {}

    def settle(recipients: Iterable[Recipient], outcome: Outcome, reply: Reply) -> None:
        for recipient in recipients:
            receipts[recipient] = Receipt(
                recipient=recipient, outcome=outcome, code=reply.code, answer=reply.text, reference=mail.reference
            )

    utf8 = conversation.offers("smtputf8")
    no_utf8 = Reply(0, "the mail server takes no addresses with letters beyond ASCII before the @ (SMTPUTF8)")
    settle([it for it, box in boxes.items() if box.international and not utf8], Outcome.refused, no_utf8)
    reachable = {recipient: box for recipient, box in boxes.items() if recipient not in receipts}
    if not reachable:
        return receipts
    international = any(box.international for box in reachable.values())
    content = mail.content(reachable, international=international)
    try:
        envelope = list(dict.fromkeys(box.address for box in reachable.values()))
        replies = context.run_async(conversation.begin(mail.sender.address, envelope, len(content), international))
    except LostError as error:
        settle(reachable, Outcome.deferred, Reply(0, str(error)))
        return receipts
    for recipient, box in reachable.items():
        reply = replies[box.address]
        if not reply.accepted:
            settle([recipient], _refusal(reply), reply)
    accepted = [recipient for recipient in reachable if recipient not in receipts]
    if accepted:
        context.check()
        handover()
        settle(accepted, *_send(conversation, content, context))
    return receipts


def _with_note(receipts: dict[Recipient, Receipt], left_out: Sequence[str]) -> dict[Recipient, Receipt]:
    """The receipts; those of who got the mail say what it lacks."""
    import msgspec

    if not left_out:
        return receipts
    note = f"too large to attach: {', '.join(left_out)}"
    return {
        recipient: msgspec.structs.replace(receipt, answer=f"{receipt.answer}; {note}")
        if receipt.outcome is Outcome.sent
        else receipt
        for recipient, receipt in receipts.items()
    }


def _send(conversation: Conversation, content: bytes, context: Context) -> tuple[Outcome, Reply]:
    """DATA, and what its answer, or the lack of one, means."""
    from pressroom_builtin.channels.email_connection import LostError, Reply

    if context.cancelled():
        return Outcome.deferred, Reply(0, "stopped before the mail was sent")
    try:
        reply = context.run_async(conversation.send(content))
    except LostError as error:
        return (Outcome.ambiguous if error.after_content else Outcome.deferred), Reply(0, str(error))
    except (Cancelled, TimedOut) as error:
        return Outcome.ambiguous, Reply(0, f"stopped while the mail was on its way: {error}")
    return (Outcome.sent if reply.accepted else _refusal(reply)), reply


def _refusal(reply: Reply) -> Outcome:
    return Outcome.refused if reply.code >= 500 else Outcome.deferred
