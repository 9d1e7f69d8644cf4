"""Opening a connection to a mail server: greeting, EHLO, TLS, AUTH, and what each failure means."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import aiosmtplib

from pressroom import DeliveryError, Setup
from pressroom.templating import one_line
from pressroom_builtin.channels.email_connection import Conversation, Reply, said

if TYPE_CHECKING:
    from pressroom_builtin.channels.email import EmailConfig


async def connect(config: EmailConfig, setup: Setup) -> Conversation:
    """Open a connection that is ready for MAIL.

    Raises:
        DeliveryError: the step that failed, why, and what to do.
    """
    security, port = config.secured(), config.reached_at()
    where = f"channel {setup.instance}: mail server {config.host}:{port}"
    client = aiosmtplib.SMTP(
        hostname=config.host,
        port=port,
        timeout=config.timeout,
        use_tls=security == "tls",
        start_tls=False,
        tls_context=None if security == "none" else _tls_context(config, setup, where),
        local_hostname=config.local_hostname or _own_name(),
    )
    try:
        greeting = await client.connect()
        await client.ehlo()
        if security == "starttls":
            await _start_tls(client, where)
        if config.username:
            await _log_in(client, config, where)
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        raise _explained(error, where, security) from error
    except BaseException:
        client.close()
        raise
    description = f"{config.host}:{port} {one_line(greeting.message, 120)} ({security})"
    return Conversation(client, description, config.data_timeout)


async def _start_tls(client: aiosmtplib.SMTP, where: str) -> None:
    if not client.supports_extension("starttls"):
        raise DeliveryError(
            f"{where} does not offer STARTTLS, so nothing was sent; mend the server, or set security = "
            f'"tls", or "none" if the way to it may be read by others'
        )
    await client.starttls()
    await client.ehlo()


async def _log_in(client: aiosmtplib.SMTP, config: EmailConfig, where: str) -> None:
    try:
        await client.login(config.username, config.password.get_secret_value())
    except aiosmtplib.SMTPAuthenticationError as error:
        raise DeliveryError(
            f"{where} refuses username {config.username!r} or its password: {error.code} {one_line(error.message)}; "
            f"check both in pressroom.toml",
            transient=error.code < 500,
        ) from error
    except aiosmtplib.SMTPNotSupported as error:
        raise DeliveryError(
            f"{where} offers no AUTH that we know ({one_line(str(error))}); leave username out, or check security"
        ) from error


def _explained(error: BaseException, where: str, security: str) -> DeliveryError:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return DeliveryError(
            f"{where} shows a certificate that is not trusted: {cause.verify_message}; "
            f"name its authority in ca_file, or the name that it was made for in host"
        )
    if isinstance(cause, ssl.SSLError):
        return DeliveryError(
            f"{where} does not speak TLS as asked ({security}); check port and security: {cause.reason}"
        )
    if isinstance(error, aiosmtplib.SMTPResponseException):
        reply = Reply.of(error)
        return DeliveryError(f"{where} answers {reply.code} {reply.text}", transient=reply.code < 500)
    return DeliveryError(f"{where} cannot be reached: {said(error)}; check host, port and security", transient=True)


def _tls_context(config: EmailConfig, setup: Setup, where: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(setup.path(config.ca_file)) if config.ca_file else None)
    except OSError as error:
        raise DeliveryError(f"{where}: ca_file {config.ca_file} cannot be read as PEM: {error}") from error


def _own_name() -> str:
    # not getfqdn: it asks DNS, which may take long on a machine without a name
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"
