"""The mail itself: what a reader's program finds in it, whatever text a report holds."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image

from pressroom import Branding, DeliveryError, Document, Download, Link, Message, Recipient, attachments
from pressroom.messages import file_name
from pressroom.templating import prose
from pressroom_builtin.channels.email_address import header_text, mailbox
from pressroom_builtin.channels.email_message import Mail, encoded_size

Make = Callable[..., Message]
SENDER = mailbox("Pressroom <reports@example.org>")
ANY_TEXT = st.text(st.characters(codec=None), max_size=300)
lenient = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def parsed(message: Message, *recipients: Recipient, limit: int = 10_000_000) -> EmailMessage:
    chosen = recipients or (Recipient(address="anna@example.org"),)
    boxes = {recipient: mailbox(recipient.address) for recipient in chosen}
    content = Mail(message, SENDER, limit).content(boxes, international=False)
    assert content.isascii()
    assert max(len(line) for line in content.splitlines()) <= 998
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def packed(text: str) -> str:
    """Text without blanks: Python's parser puts one between the encoded words of a long name."""
    return "".join(text.split())


def png(width: int = 1200, height: int = 600) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "#4488cc").save(written, "PNG")
    return written.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"x")),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def put(folder: Path, path: str, content: bytes, **fields: Any) -> Document:
    (folder / path).write_bytes(content)
    values = {"name": path, "media_type": "application/pdf", "path": path, "size": len(content), "format": "pdf"}
    return Document(**{**values, **fields})


def test_the_parts_are_nested_as_mail_programs_expect(message: Make, folder: Path) -> None:
    picture = put(folder, "dash.png", png(), media_type="image/png", inline=True, width=600, height=300)
    pdf = put(folder, "x.pdf", b"%PDF-1.7", name="Report.pdf")
    (folder / "logo.png").write_bytes(png(3000, 400))
    mail = parsed(message(documents=(picture, pdf), branding=Branding(email_logo="logo.png")))
    tree = [part.get_content_type() for part in mail.walk()]
    assert tree == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
        "application/pdf",
    ]
    html = body(mail, "html")
    for part in mail.walk():
        if part.get_content_maintype() == "image":
            assert f"cid:{part['Content-ID'].strip('<>')}" in html
            assert part.get_content_disposition() == "inline"
    logo = next(part for part in mail.walk() if part.get_filename() == "logo.png")
    assert Image.open(io.BytesIO(logo.get_content())).size == (560, 75)


def test_headers_of_a_machines_mail(message: Make) -> None:
    mail = parsed(message(reply_to=("Anna Żółć <anna@example.org>",)))
    assert mail["From"] == "Pressroom <reports@example.org>"
    assert mail["To"] == "anna@example.org"
    assert mail["Reply-To"].addresses[0].display_name == "Anna Żółć"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail["Message-ID"].endswith("@example.org>")


def test_the_same_message_has_the_same_id_and_another_has_another(message: Make) -> None:
    first, again, other = (Mail(message(key=key), SENDER, 10**7).reference for key in ("a", "a", "b"))
    assert first == again != other


def test_roles_decide_the_headers_and_bcc_is_never_in_one(message: Make) -> None:
    to = Recipient(address="Zofia Żółć <to@example.org>")
    cc, bcc = Recipient(address="cc@example.org", role="cc"), Recipient(address="bcc@example.org", role="bcc")
    mail = parsed(message(), to, cc, bcc)
    assert [it.addr_spec for it in mail["To"].addresses] == ["to@example.org"]
    assert mail["To"].addresses[0].display_name == "Zofia Żółć"
    assert [it.addr_spec for it in mail["Cc"].addresses] == ["cc@example.org"]
    assert b"bcc@example.org" not in mail.as_bytes()
    assert parsed(message(), bcc)["To"] == "bcc@example.org"
    hidden = parsed(message(), bcc, Recipient(address="other@example.org", role="bcc"))
    assert hidden["To"].addresses == ()
    assert b"bcc@example.org" not in hidden.as_bytes()


@lenient
@given(subject=ANY_TEXT, title=ANY_TEXT, text=ANY_TEXT, error=ANY_TEXT, line=ANY_TEXT, key=ANY_TEXT)
def test_text_of_any_kind_makes_a_whole_mail(
    message: Make, subject: str, title: str, text: str, error: str, line: str, key: str
) -> None:
    branding = Branding(footer_text=line, footer_url=error)
    made = message(
        subject=subject, title=title, text=text, errors=(error,), summary=(line,), key=key, branding=branding
    )
    mail = parsed(made)
    wanted = header_text(subject) or header_text(title) or "Report"
    assert mail["Subject"] == wanted
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
    }  # fmt: skip
    for word in text.split()[:3]:
        assert prose(word) in body(mail, "plain")


@lenient
@given(name=st.text(st.characters(codec=None), max_size=140).filter(lambda text: not set(text) & set('<>"')))
def test_names_of_any_kind_come_back_as_one_address(message: Make, name: str) -> None:
    mail = parsed(message(), Recipient(address=f"{name} <anna@example.org>"))
    (address,) = mail["To"].addresses
    assert address.addr_spec == "anna@example.org"
    assert packed(address.display_name) == packed(header_text(name, 120))


@pytest.mark.parametrize(
    "name", ["Żółć, Zofia (Ops)", "张三, eve@example.net", "a" * 70 + ", żółć; x@y", "O'Neil \\ Co.", "x =? y"]
)
def test_names_with_marks_come_back_as_one_address(message: Make, name: str) -> None:
    mail = parsed(message(), Recipient(address=f"{name} <anna@example.org>"))
    (address,) = mail["To"].addresses
    assert address.addr_spec == "anna@example.org"
    assert packed(address.display_name) == packed(header_text(name))


ENCODED = ("=?utf-8?q?a=0D=0ABcc:_eve@example.net?=", "=?utf-8?b?YQ0KQmNjOiBlQGUuZQ==?=", "=?utf-8?q?a=0D=0A=0D=0Ax?=")


@pytest.mark.parametrize("text", ENCODED)
def test_encoded_words_bring_no_header_along(message: Make, text: str) -> None:
    made = message(subject=text, title=text, reply_to=(f"{text} <anna@example.org>",))
    mail = parsed(made, Recipient(address=f"{text} <anna@example.org>"))
    assert mail["Bcc"] is None
    assert mail["Subject"] == header_text(text)
    assert "The week in flights." in body(mail, "plain")
    with pytest.raises(ValueError, match="is no mail address"):
        mailbox("=?utf-8?q?a=0D=0AX-Evil=3A_y?=@example.org")


def test_a_thousand_recipients_fit_into_the_header(message: Make) -> None:
    recipients = [Recipient(address=f"Żółć {number} <user{number}@example.org>") for number in range(1000)]
    mail = parsed(message(), *recipients)
    assert [it.addr_spec for it in mail["To"].addresses] == [f"user{number}@example.org" for number in range(1000)]


@lenient
@given(name=ANY_TEXT, suffix=st.sampled_from([".pdf", ".csv", ""]))
def test_attachment_names_of_any_kind_come_back(message: Make, folder: Path, name: str, suffix: str) -> None:
    document = put(folder, "x.pdf", b"%PDF-1.7", name=name + suffix)
    mail = parsed(message(documents=(document,)))
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == file_name(document)
    assert attachment.get_param("name") is not None
    assert attachment.get_content() == b"%PDF-1.7"


@pytest.mark.parametrize("name", ["周报 2026.pdf", "żółć.pdf", "a" * 240 + ".pdf", 'quo"te; x=y.pdf'])
def test_attachment_names_in_full(message: Make, folder: Path, name: str) -> None:
    document = put(folder, "x.pdf", b"%PDF-1.7", name=name)
    (attachment,) = parsed(message(documents=(document,))).iter_attachments()
    found = attachment.get_filename()
    assert found == file_name(document)
    assert found.endswith(".pdf")
    assert len(found.encode()) <= 124


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.org\r\nBcc: eve@example.org",
        "anna@example.org\nBcc: eve@example.org",
        "anna@example.org\r\nDATA",
        "anna@example.org\0",
        "anna@example.org, eve@example.org",
        "anna@example.org> SIZE=1",
        "<anna@example.org",
        "anna",
        "@example.org",
        "anna@",
        "anna@exa mple.org",
        "a" * 65 + "@example.org",
        "anna@" + "x" * 64 + ".org",
        "anna@-example.org",
        "",
        "Anna <>",
        "anna\udcff@example.org",
        "x" * 100_000,
    ],
)
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ValueError, match="is no mail address") as caught:
        mailbox(address)
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["Anna\r\nBcc: eve@example.org <anna@example.org>", 'A"nna\0 <anna@example.org>'])
def test_a_name_cannot_bring_a_header_along(message: Make, text: str) -> None:
    mail = parsed(message(), Recipient(address=text))
    assert mail["Bcc"] is None
    assert mail["To"].addresses[0].addr_spec == "anna@example.org"


@pytest.mark.parametrize(
    "address", ["root@localhost", "ops@mail.local", "a@b", "anna+x@straße.de", "o'neil@example.org"]
)
def test_addresses_of_closed_networks_and_other_good_ones(address: str) -> None:
    assert mailbox(address).shown_domain == address.rpartition("@")[2]
    assert mailbox(address).domain.isascii()


def test_what_does_not_fit_is_said_with_its_link(message: Make, folder: Path) -> None:
    large = put(folder, "large.pdf", b"x" * 800_000, name="Large & slow.pdf")
    small = put(folder, "small.pdf", b"y" * 1000, name="Small.pdf")
    links = (Link(text="Flights", url="https://x.org/d"),)
    until = datetime(2026, 12, 23, 8, 0, tzinfo=UTC)
    downloads = (
        Download(name="Small.pdf", url="https://example.org/f/2", until=until),
        Download(name="Large & slow.pdf", url="https://example.org/f/1?a=b&c=d", until=until),
    )
    made = message(documents=(large, small), links=links, downloads=downloads)
    mail = parsed(made, limit=1_000_000)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["Small.pdf"]
    plain, html = body(mail, "plain"), body(mail, "html")
    assert "Large & slow.pdf (0.8 MB)" in plain
    assert "Download Large & slow.pdf (until 23 Dec 2026, 09:00): https://example.org/f/1?a=b&c=d" in plain
    assert "Large &amp; slow.pdf (0.8 MB)" in html
    assert html.count("https://example.org/f/1?a=b&amp;c=d") == 1
    assert "example.org/f/2" not in html
    assert "https://x.org/d" in html
    whole = parsed(made, limit=1_200_000)
    assert len(list(whole.iter_attachments())) == 2
    assert "https://example.org/f/1" not in body(whole, "html")
    assert "https://x.org/d" in body(whole, "html")


def test_what_does_not_fit_and_has_no_link_is_said_with_whom_to_ask(message: Make, folder: Path) -> None:
    large = put(folder, "large.pdf", b"x" * 800_000, name="Large.pdf")
    mail = parsed(message(documents=(large,)), limit=1_000_000)
    for kind in ("plain", "html"):
        said = " ".join(body(mail, kind).split())
        assert "Large.pdf (0.8 MB) is too large to attach. To have it, ask whoever sends you this report." in said


WAY_OUT = "https://reports.example.org/unsubscribe?key=" + "Ab_-." * 60


def test_a_way_out_is_in_headers_that_no_folding_breaks_and_in_both_bodies(message: Make) -> None:
    mail = Mail(message(unsubscribe=WAY_OUT), SENDER, 10**7)
    to = {Recipient(address="anna@example.org"): mailbox("anna@example.org")}
    for international in (False, True):
        wire = mail.content(to, international=international)
        head = wire.partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert f"List-Unsubscribe: <{WAY_OUT}>".encode() in head
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    made = parsed(message(unsubscribe=WAY_OUT))
    assert f"Get no more of these mails: {WAY_OUT}" in body(made, "plain")
    assert f'href="{WAY_OUT}"' in body(made, "html")


def test_without_a_way_out_nothing_is_said_of_one(message: Make) -> None:
    several = [Recipient(address="anna@example.org"), Recipient(address="ben@example.org")]
    for mail in (parsed(message()), parsed(message(unsubscribe=WAY_OUT), *several)):
        assert mail["List-Unsubscribe"] is None
        assert mail["List-Unsubscribe-Post"] is None
    assert "no more" not in body(parsed(message()), "html")


@given(st.integers(0, 5000))
def test_the_size_on_the_wire_is_counted(size: int) -> None:
    mail = EmailMessage(policy=policy.SMTP)
    mail.add_attachment(b"x" * size, "a", "b")
    (part,) = mail.iter_attachments()
    wire = part.as_bytes().partition(b"\r\n\r\n")[2]
    assert len(wire) <= encoded_size(size) <= len(wire) + 78


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n broken", png()[:200], b"<svg onload='x'/>"]
)
def test_pictures_that_cannot_be_read_are_left_out(message: Make, folder: Path, content: bytes) -> None:
    picture = put(folder, "dash.png", content, media_type="image/png", inline=True)
    (folder / "logo.png").write_bytes(content)
    mail = parsed(message(documents=(picture,), branding=Branding(email_logo="logo.png")))
    assert not [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert "cid:" not in body(mail, "html")


def test_a_logo_that_is_missing_outside_or_a_bomb_is_left_out(message: Make, folder: Path) -> None:
    (folder.parent / "secret.png").write_bytes(png())
    (folder / "bomb.png").write_bytes(bomb(50_000, 50_000))
    for name in ("absent.png", "../secret.png", "bomb.png", "\0", "x" * 5000):
        mail = parsed(message(branding=Branding(email_logo=name)))
        assert not [part for part in mail.walk() if part.get_content_maintype() == "image"], name


@pytest.mark.parametrize("path", ["absent.pdf", "../secret.pdf", "/etc/passwd", "\0", "x" * 5000])
def test_a_document_that_is_not_there_stops_the_mail(message: Make, folder: Path, path: str) -> None:
    (folder.parent / "secret.pdf").write_bytes(b"secret")
    document = Document(name="Report.pdf", media_type="application/pdf", path=path, size=1, format="pdf")
    with pytest.raises(DeliveryError, match=r"Report\.pdf"):
        Mail(message(documents=(document,)), SENDER, 10**7)


def test_html_is_escaped_and_only_web_links_are_links(message: Make) -> None:
    evil = '<img src=x onerror="alert(1)">'
    links = (Link(text="bad", url="javascript:alert(1)"), Link(text=evil, url='https://x.org/"onload="y'))
    branding = Branding(footer_text=evil, footer_url="javascript:alert(1)")
    made = message(
        title=evil, subject=evil, text=f"{evil}\nhttps://example.org/a?b=1&c=2\nsecond", errors=(evil,) * 30,
        summary=(evil,), links=links, branding=branding,
    )  # fmt: skip
    html = body(parsed(made), "html")
    assert "<img" not in html
    assert "javascript:" not in html
    assert 'onload="' not in html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html
    assert "<br>second" in html
    assert "+ 10" in html


def test_the_words_follow_the_locale_and_the_zone(message: Make) -> None:
    moment = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    made = message(locale="zh", zone="Europe/Warsaw", planned_at=moment, branding=Branding(footer_text="运营"))
    html = body(parsed(made), "html")
    assert 'lang="zh"' in html
    assert "2026年11月23日" in html
    assert "发送方 运营" in html
    assert "Sent by 运营" in body(parsed(message(branding=Branding(footer_text="运营"))), "html")


def test_nothing_is_fetched_and_no_style_is_lost(message: Make) -> None:
    html = body(parsed(message()), "html")
    assert "prefers-color-scheme: dark" in html
    assert "<link" not in html
    assert 'style="' in html


def test_documents_of_the_same_name_get_numbers(message: Make, folder: Path) -> None:
    (folder / "x").write_bytes(b"x")
    documents = tuple(
        Document(name=name, media_type="text/csv", path="x", size=1, format="csv")
        for name in ("Table.csv", "table.csv", "Table.csv", "a/b", "a/b")
    )
    names = [each.name for each in attachments(message(documents=documents))]
    assert names == ["Table.csv", "table (2).csv", "Table (3).csv", "b", "b (2)"]
