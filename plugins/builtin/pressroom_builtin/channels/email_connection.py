"""The conversation with a mail server, command by command; all of it runs on the process's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import aiosmtplib

from pressroom import DeliveryError
from pressroom.templating import one_line


class Reply(NamedTuple):
    """A server's answer: its code (0 where none came) and its words."""

    code: int
    text: str

    @property
    def accepted(self) -> bool:
        """True for 2xx."""
        return 200 <= self.code < 300

    @classmethod
    def of(cls, error: aiosmtplib.SMTPResponseException) -> Reply:
        """The answer that an exception carries."""
        return cls(max(error.code, 0), one_line(error.message))


class LostError(Exception):
    """The connection broke or a time limit passed.

    Args:
        reason: for people.
        after_content: True where the server had the mail, or some of it, and owes us an answer.
    """

    def __init__(self, reason: str, *, after_content: bool = False) -> None:
        super().__init__(reason)
        self.after_content = after_content


class Conversation:
    """One connection to a mail server, ready for MAIL.

    Attributes:
        description: where it leads and how the server greeted.
        loop: the event loop that it belongs to.
    """

    def __init__(self, client: aiosmtplib.SMTP, description: str, data_timeout: float) -> None:
        self._client = client
        self._data_timeout = data_timeout
        self.description = description
        self.loop = asyncio.get_running_loop()

    @property
    def alive(self) -> bool:
        """False once either side has closed the connection."""
        return self._client.is_connected

    def offers(self, extension: str) -> bool:
        """True where the server has this SMTP extension."""
        return self._client.supports_extension(extension)

    async def ready(self) -> bool:
        """Prove that a kept connection still works, and forget what was begun on it."""
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self.drop()
            return False
        return True

    async def noop(self) -> None:
        """Ask for nothing.

        Raises:
            DeliveryError: no good answer came.
        """
        try:
            await self._client.noop()
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            raise DeliveryError(f"{self.description} does not answer: {said(error)}", transient=True) from error

    async def begin(
        self, sender: str, recipients: Sequence[str], size: int, international: bool
    ) -> Mapping[str, Reply]:
        """MAIL, then RCPT for each recipient; each one's answer, or the one to MAIL for all where that is refused.

        Raises:
            LostError: the connection broke, or an answer did not come in time.
        """
        options = [f"SIZE={size}"] if self.offers("size") else []
        if international:
            options.append("SMTPUTF8")
        try:
            await self._client.mail(sender, options=options, encoding="utf-8")
            return {recipient: await self._recipient(recipient) for recipient in recipients}
        except aiosmtplib.SMTPSenderRefused as error:
            return dict.fromkeys(recipients, Reply.of(error))
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            raise LostError(said(error)) from error
        except BaseException:
            # cancelled: an answer is still to come, and would be taken for the one to the next command
            self.drop()
            raise

    async def _recipient(self, recipient: str) -> Reply:
        try:
            response = await self._client.rcpt(recipient, encoding="utf-8")
            return Reply(response.code, one_line(response.message))
        except aiosmtplib.SMTPRecipientRefused as error:
            return Reply.of(error)

    async def send(self, content: bytes) -> Reply:
        """DATA and the mail; the server's answer to either.

        Raises:
            LostError: no answer came; `after_content` says whether the mail may have arrived.
        """
        watch = _Watch(self._client)
        try:
            response = await self._client.data(content, timeout=self._data_timeout)
            return Reply(response.code, one_line(response.message))
        except aiosmtplib.SMTPDataError as error:
            reply = Reply.of(error)
            if reply.code >= 400 or (reply.accepted and watch.content_begun):
                return reply
            self.drop()
            raise LostError(
                f"unexpected answer {reply.code} {reply.text}", after_content=watch.content_begun
            ) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            raise LostError(said(error), after_content=watch.content_begun) from error
        except BaseException:
            self.drop()
            raise
        finally:
            watch.end()

    def drop(self) -> None:
        """Close without a word; for a connection whose state is not known."""
        self._client.close()

    async def quit(self) -> None:
        """Say goodbye and close."""
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._client.quit(timeout=2)
        self.drop()


class _Watch:
    """Notices whether anything of the mail itself was written, which aiosmtplib's `data` does not tell.

    Where it cannot see that only the command DATA went out, it says that content may have gone, too:
    a mail that may have arrived must not be sent again.
    """

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._protocol = client.protocol
        self._written: list[bool] = []
        if self._protocol is not None:
            write = self._protocol.write

            def noting(data: bytes) -> None:
                self._written.append(data == b"DATA\r\n")
                write(data)

            setattr(self._protocol, "write", noting)  # noqa: B010 - a method of this one object

    @property
    def content_begun(self) -> bool:
        """True unless nothing but DATA itself was written."""
        return self._protocol is not None and self._written != [True]

    def end(self) -> None:
        """Stop watching."""
        if self._protocol is not None:
            vars(self._protocol).pop("write", None)


def said(error: BaseException) -> str:
    """An exception's words, or its name where it has none."""
    return one_line(str(error)) or type(error).__name__
