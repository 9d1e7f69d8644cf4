"""The webhook channel against a real server: what it sends, how it is signed, and what each answer means."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import multipart
import pydantic
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from pressroom import Cancellation, DeliveryError, Document, Download, LeaseLost, Setup
from pressroom_builtin.channels.webhook import WebhookChannel, WebhookConfig
from servers.hook_receiver import Receiver, Taken, receiving

Make = Callable[..., Any]
SECRET = "whsec_" + base64.b64encode(b"the secret of the hook, 32 bytes").decode()
FILES = [
    ("Städte 城市.csv", "text/csv", "cities.csv", b"city,n\nOslo,1\n"),
    ('a"b.pdf', "application/pdf", "ab.pdf", b"%PDF-1.7 with \r\n--pressroom-- inside"),
]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def channel(tmp_path: Path) -> Make:
    def make(url: str, **config: Any) -> WebhookChannel:
        values = {"url": url, "secret": SECRET, **config}
        return WebhookChannel(WebhookConfig.model_validate(values), Setup("hook", tmp_path, tmp_path / "scratch"))

    return make


@pytest.fixture
def documents(folder: Path) -> tuple[Document, ...]:
    for _, _, path, content in FILES:
        (folder / path).write_bytes(content)
    return tuple(
        Document(name=name, media_type=kind, path=path, size=len(content), format="x")
        for name, kind, path, content in FILES
    )


def data(taken: Taken) -> Any:
    return json.loads(taken.body)["data"]


def parts(taken: Taken) -> list[multipart.MultipartPart]:
    kind, _, boundary = taken.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    return multipart.MultipartParser(BytesIO(taken.body), boundary, strict=True).parts()


def test_a_message_is_signed_json_with_links(channel: Make, receiver: Receiver, message: Make, send: Make) -> None:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    link = Download(name="Report.pdf", url="https://press.example.org/files/x", until=until)
    result = send(channel(receiver.url), message(downloads=(link,)), "hook")
    (taken,) = receiver.taken
    assert result.outcomes() == {"hook": "sent"}
    assert (result.handovers, result.receipts["hook"].code) == (1, 204)
    event = Webhook(SECRET).verify(taken.body, taken.headers)
    assert event["type"] == "report.ready"
    assert event["data"]["subject"] == "Weekly flights"
    assert event["data"]["documents"] == [
        {
            "name": "Report.pdf",
            "media_type": "application/pdf",
            "format": "pdf",
            "size": 17,
            "url": "https://press.example.org/files/x",
        }
    ]
    assert taken.headers["idempotency-key"] == taken.headers["webhook-id"] == result.receipts["hook"].reference


def test_another_secret_or_body_does_not_pass(channel: Make, receiver: Receiver, message: Make, send: Make) -> None:
    send(channel(receiver.url, secret="as text"), message(), "hook")
    (taken,) = receiver.taken
    Webhook(base64.b64encode(b"as text").decode()).verify(taken.body, taken.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(taken.body, taken.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(base64.b64encode(b"as text").decode()).verify(taken.body + b" ", taken.headers)


def test_every_try_has_the_same_id_and_body_and_another_message_another(
    channel: Make, receiver: Receiver, message: Make, send: Make
) -> None:
    for key in ("run-1", "run-1", "run-2"):
        send(channel(receiver.url, documents="multipart"), message(key=key), "hook")
    first, again, other = receiver.taken
    assert first.headers["webhook-id"] == again.headers["webhook-id"] != other.headers["webhook-id"]
    assert first.body == again.body != other.body


def test_documents_inline(
    channel: Make, receiver: Receiver, message: Make, send: Make, documents: tuple[Document, ...]
) -> None:
    send(channel(receiver.url, documents="inline"), message(documents=documents), "hook")
    found = {each["name"]: base64.b64decode(each["content"]) for each in data(receiver.taken[0])["documents"]}
    assert found == {"Städte 城市.csv": FILES[0][3], "a-b.pdf": FILES[1][3]}


def test_documents_as_files(
    channel: Make, receiver: Receiver, message: Make, send: Make, documents: tuple[Document, ...]
) -> None:
    send(channel(receiver.url, documents="multipart"), message(documents=documents), "hook")
    (taken,) = receiver.taken
    event, *files = parts(taken)
    assert event.name == "message"
    assert json.loads(event.value)["data"]["report"] == "weekly-flights"
    assert [part.raw for part in files] == [content for *_, content in FILES]
    assert [part.filename for part in files] == ["Städte 城市.csv", "a-b.pdf"]


def test_what_does_not_fit_is_a_link_only(
    channel: Make, receiver: Receiver, message: Make, send: Make, documents: tuple[Document, ...]
) -> None:
    send(channel(receiver.url, documents="inline", max_bytes=20), message(documents=documents), "hook")
    first, second = data(receiver.taken[0])["documents"]
    assert "content" in first
    assert "content" not in second


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "sent") for status in (200, 202)),
        *((status, "refused") for status in (301, 307, 400, 404, 410)),
        *((status, "deferred") for status in (408, 425, 429, 500, 503)),
    ],
)
def test_what_an_answer_means(
    status: int, outcome: str, channel: Make, receiver: Receiver, message: Make, send: Make
) -> None:
    receiver.answers.append((status, {"Location": "https://elsewhere.example.org/"}, b"no such hook\x00\nsecond line"))
    result = send(channel(receiver.url), message(), "hook")
    receipt = result.receipts["hook"]
    assert (receipt.outcome.value, receipt.code) == (outcome, status)
    assert len(receiver.taken) == 1
    assert receipt.answer.startswith(str(status))
    assert "\n" not in receipt.answer
    assert "\x00" not in receipt.answer
    assert ("elsewhere" in receipt.answer) == (outcome != "sent")


def test_an_endless_answer_is_read_in_part(channel: Make, receiver: Receiver, message: Make, send: Make) -> None:
    receiver.answers.append((400, {}, b"x" * 50_000_000))
    result = send(channel(receiver.url), message(), "hook")
    assert len(result.receipts["hook"].answer) <= 200


def test_a_server_that_is_down_is_tried_again(channel: Make, message: Make, send: Make) -> None:
    with receiving() as gone:
        url = gone.url
    result = send(channel(url), message(), "hook")
    assert result.outcomes() == {"hook": "deferred"}
    assert result.receipts["hook"].code == 0


def test_a_server_that_never_answers(channel: Make, receiver: Receiver, message: Make, send: Make) -> None:
    receiver.hold = threading.Event()
    result = send(channel(receiver.url, timeout=0.2), message(), "hook")
    assert result.outcomes() == {"hook": "deferred"}


def test_a_cancelled_request_may_have_arrived(channel: Make, receiver: Receiver, message: Make, send: Make) -> None:
    receiver.hold = threading.Event()
    cancellation = Cancellation()
    waiter = threading.Thread(target=lambda: receiver.arrived.wait(60) and cancellation.set())
    waiter.start()
    result = send(channel(receiver.url), message(), "hook", cancellation=cancellation)
    waiter.join()
    assert result.outcomes() == {"hook": "ambiguous"}


def test_nothing_is_sent_without_the_lease(channel: Make, receiver: Receiver, message: Make, send: Make) -> None:
    def lost() -> None:
        raise LeaseLost("another process has it")

    result = send(channel(receiver.url), message(), "hook", on_handover=lost)
    assert isinstance(result.error, LeaseLost)
    assert not receiver.taken


def test_a_document_that_is_gone(channel: Make, receiver: Receiver, message: Make, send: Make, folder: Path) -> None:
    (folder / "report.pdf").unlink()
    result = send(channel(receiver.url), message(), "hook")
    assert isinstance(result.error, DeliveryError)
    assert not receiver.taken


def test_own_headers_go_along(channel: Make, receiver: Receiver, message: Make, send: Make) -> None:
    send(channel(receiver.url, headers={"Authorization": "Bearer x"}), message(), "hook")
    assert receiver.taken[0].headers["authorization"] == "Bearer x"


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", url) for url in ("ftp://example.org/", "https://", "hooks.example.org", "file:///etc/passwd", "")]
    + [("secret", "whsec_no base64!"), ("timeout", 0), ("max_bytes", -1), ("documents", "attached")]
    + [("headers", {name: value}) for name, value in (("X-A", "a\r\nX-B: c"), ("a b", "c"), ("Webhook-Id", "1"))]
    + [("headers", {"Content-Type": "text/plain"}), ("headers", {"X-A": "城"})],
)
def test_settings_that_cannot_be_meant(field: str, value: Any) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        WebhookConfig.model_validate({"url": "https://example.org", field: value})
    assert caught.value.errors()[0]["loc"][0] == field


def test_check_connects_and_sends_nothing(channel: Make, receiver: Receiver) -> None:
    assert f"127.0.0.1:{receiver.port} can be reached" in channel(receiver.url).check()
    assert "not signed" in channel(receiver.url, secret="").check()
    assert not receiver.taken
    with receiving() as gone:
        url = gone.url
    with pytest.raises(DeliveryError, match="cannot be reached"):
        channel(url).check()


def test_secrets_are_not_shown(channel: Make) -> None:
    config = channel("https://example.org/token-4711", headers={"X-Key": "4712"}).config
    assert not any(secret in repr(config) for secret in ("4711", "4712", SECRET))
