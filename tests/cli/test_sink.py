"""The demo's mail sink: it speaks SMTP, keeps what it accepts, and survives what it is told."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from pressroom.testing import sink as module
from pressroom.testing.sink import Sink, SinkError


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with Sink(tmp_path / "outbox") as running:
        yield running


@pytest.fixture
def client(sink: Sink) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(sink.host, sink.port, timeout=10) as connected:
        yield connected


def mail(subject: str = "Weekly flights", text: str = "Hello\r\n.dot\r\n..two\r\n") -> EmailMessage:
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["To"], made["Subject"] = "reports@example.org", "anna@example.org", subject
    made.set_content(text)
    return made


def test_mails_are_kept_in_order_with_their_envelope(sink: Sink, client: smtplib.SMTP) -> None:
    client.send_message(mail())
    client.send_message(mail("航班/周报: ../../x"), to_addrs=["anna@example.org", "hidden@example.org"])
    names = [path.name for path in sink.files]
    assert names == ["001-weekly-flights.eml", "002-航班-周报-x.eml"]
    kept = message_from_bytes(sink.files[1].read_bytes(), policy=policy.default)
    assert kept.get_all("X-Envelope-To") == ["<anna@example.org>", "<hidden@example.org>"]
    assert kept["Subject"] == "航班/周报: ../../x"
    assert "\r\n.dot\r\n..two\r\n" in kept.get_content()
    assert sorted(path.suffix for path in sink.folder.iterdir()) == [".eml", ".eml"]


def test_a_second_start_goes_on_counting(tmp_path: Path) -> None:
    for _ in range(2):
        with Sink(tmp_path) as running, smtplib.SMTP(running.host, running.port) as client:
            client.send_message(mail())
    assert [path.name[:3] for path in running.files] == ["001", "002"]


def test_a_port_in_use_is_told(sink: Sink, tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=f"{sink.port} cannot be used"), Sink(tmp_path, port=sink.port):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SinkError, match="cannot be made"), Sink(tmp_path / "file" / "outbox"):
        pass


def test_the_order_of_commands_is_kept(client: smtplib.SMTP) -> None:
    assert client.docmd("MAIL", "FROM:<a@b>")[0] == 250
    assert client.docmd("MAIL", "FROM:<a@b>")[0] == 503
    assert client.docmd("DATA")[0] == 503
    assert client.rset()[0] == 250
    assert client.docmd("RCPT", "TO:<a@b>")[0] == 503
    assert client.docmd("MAIL", "a@b")[0] == 501
    assert client.docmd("MAIL", "TO:<a@b>")[0] == 501
    assert client.docmd("MAIL", "FROM:<>")[0] == 250
    assert client.docmd("RCPT", "TO:<>")[0] == 501
    assert client.docmd("RCPT", "TO:<a\x0bb@c>")[0] == 501
    assert client.docmd("NOOP")[0] == 250
    assert client.docmd("VRFY", "a")[0] == 252
    assert client.docmd("STARTTLS")[0] == 502
    assert client.helo()[0] == 250


def test_the_extensions(client: smtplib.SMTP) -> None:
    client.ehlo()
    assert all(client.has_extn(name) for name in ("size", "8bitmime", "smtputf8", "pipelining"))
    assert client.docmd("MAIL", "FROM:<a@b> SIZE=99999999999")[0] == 552


def test_a_mail_over_the_limit_is_refused_and_the_next_one_kept(
    sink: Sink, client: smtplib.SMTP, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SIZE", 2000)
    client.ehlo()
    client.esmtp_features.pop("size")
    with pytest.raises(smtplib.SMTPDataError, match="552"):
        client.send_message(mail(text="x\r\n" * 1000))
    client.send_message(mail())
    assert [path.name for path in sink.files] == ["001-weekly-flights.eml"]


def test_pipelined_commands_are_answered_one_by_one(sink: Sink) -> None:
    with socket.create_connection((sink.host, sink.port), timeout=10) as line, line.makefile("rb") as answers:
        line.sendall(
            b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\nRSET\r\nQUIT\r\n",
        )
        codes = [answer[:3] for answer in answers.read().splitlines() if answer[3:4] == b" "]
    assert codes == [b"220", b"250", b"250", b"250", b"354", b"250", b"250", b"221"]
    assert [path.name for path in sink.files] == ["001-mail.eml"]


@pytest.mark.parametrize("noise", [b"x" * 5000 + b"\r\n", b"\xff\x00\r\n", b"\r\n", b"DATA", b"x" * 3_000_000])
def test_noise_ends_one_connection_at_most(sink: Sink, client: smtplib.SMTP, noise: bytes) -> None:
    with socket.create_connection((sink.host, sink.port), timeout=10) as line, contextlib.suppress(ConnectionError):
        line.sendall(noise)
    client.send_message(mail())
    assert len(sink.files) == 1


def test_a_bare_line_feed_does_not_end_a_mail(sink: Sink) -> None:
    smuggled = b"Subject: one\r\n\r\nx\n.\nMAIL FROM:<evil@b>\r\n.\r\n"
    with socket.create_connection((sink.host, sink.port), timeout=10) as line, line.makefile("rb") as answers:
        line.sendall(b"HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n" + smuggled + b"QUIT\r\n")
        answers.read()
    assert [path.name for path in sink.files] == ["001-one.eml"]


def test_importing_the_sink_is_cheap() -> None:
    code = "import sys, pressroom.testing.sink; print(sorted(m for m in sys.modules if m[:5] in ('press', 'typer')))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "['pressroom', 'pressroom.testing', 'pressroom.testing.sink']"
