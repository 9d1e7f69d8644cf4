"""The channel `apprise`, against services on this machine that Apprise speaks to."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
import pydantic
import pytest

from pressroom import DeliveryError, Download, Recipient
from pressroom.testing import ChannelContract
from pressroom.testing.post import Post
from pressroom_apprise.channel import AppriseChannel
from pressroom_apprise.config import AppriseConfig
from servers.hook_receiver import Receiver, receiving

# Apprise's own, at its import
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
OPS = Recipient(address="ops")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


class TestApprise(ChannelContract):
    plugin = AppriseChannel
    addresses = ("ops", "board")
    refused = ("nobody", "file:///etc/passwd", "ntfy://127.0.0.1/x", "form://127.0.0.1/x?key=/etc/passwd")
    unreachable: ClassVar[dict[str, Any]] = {"targets": {"ops": "json://127.0.0.1:1", "board": "xml://127.0.0.1:1"}}

    @pytest.fixture
    def config(self, receiver: Receiver) -> dict[str, Any]:
        here = f"127.0.0.1:{receiver.port}"
        targets = {"ops": f"json://{here}/hook", "board": f"json://user:secret@{here}/board", "plain": f"kodi://{here}"}
        return {"targets": targets, "schemes": ["form"]}

    @pytest.fixture
    def arrived(self, receiver: Receiver) -> Callable[[], int]:
        return lambda: len(receiver.taken)

    def test_what_arrives(self, instance: Any, options: Any, post: Post, receiver: Receiver) -> None:
        message = post.message()
        (receipt,) = post.deliver(instance, message, [OPS], options).receipts
        assert receipt.answer == "sent by JSON"
        got = json.loads(receiver.taken[0].body)
        assert got["title"] == message.subject
        assert message.text in got["message"]
        files = {each["filename"]: base64.b64decode(each["base64"]) for each in got["attachments"]}
        assert files == {each.name: (message.folder / each.path).read_bytes() for each in message.documents}

    def test_what_does_not_fit_is_a_link(
        self, config: dict[str, Any], make: Callable[[], Any], options: Any, post: Post, receiver: Receiver
    ) -> None:
        config["max_attachment_bytes"] = 0
        message = post.message()
        url = "https://press.example.org/files/x"
        until = datetime(2026, 12, 1, tzinfo=UTC)
        links = tuple(Download(name=each.name, url=url, until=until) for each in message.documents)
        post.deliver(make(), msgspec.structs.replace(message, downloads=links), [OPS], options)
        got = json.loads(receiver.taken[0].body)
        assert not got.get("attachments")
        assert got["message"].count(url) == len(message.documents)

    def test_texts_say_what_they_are_written_in(
        self, instance: Any, options: Any, post: Post, receiver: Receiver
    ) -> None:
        message = post.message()
        text = post.document(message.folder, "Flights.csv", b"a,b", media_type="text/csv; charset=utf-8")
        (receipt,) = post.deliver(
            instance, msgspec.structs.replace(message, documents=(text,)), [OPS], options
        ).receipts
        assert receipt.outcome == "sent"
        (got,) = json.loads(receiver.taken[0].body)["attachments"]
        assert (got["filename"], got["mimetype"]) == ("Flights.csv", "text/csv")

    def test_a_document_that_apprise_does_not_take_is_told_before_anything_is_sent(
        self, instance: Any, options: Any, post: Post, receiver: Receiver
    ) -> None:
        message = post.message()
        odd = post.document(message.folder, "odd", b"x", media_type="nonsense")
        found = post.deliver(instance, msgspec.structs.replace(message, documents=(odd,)), [OPS], options)
        assert isinstance(found.error, DeliveryError)
        assert "odd" in found.error.message
        assert (found.handovers, receiver.taken) == (0, [])

    def test_a_service_that_opens_files(self, instance: Any, options: Any, post: Post, receiver: Receiver) -> None:
        """At an address that the report itself has."""
        message = post.message()
        address = f"form://127.0.0.1:{receiver.port}/hook"
        (receipt,) = post.deliver(instance, message, [Recipient(address=address)], options).receipts
        assert receipt.outcome == "sent"
        for document in message.documents:
            assert (message.folder / document.path).read_bytes() in receiver.taken[0].body

    @pytest.mark.parametrize(
        ("status", "outcome"), [(400, "refused"), (404, "refused"), (429, "deferred"), (503, "deferred")]
    )
    def test_what_an_answer_means(
        self, status: int, outcome: str, instance: Any, options: Any, post: Post, receiver: Receiver
    ) -> None:
        receiver.answers.append((status, {}, b""))
        (receipt,) = post.deliver(instance, post.message(), [OPS], options).receipts
        assert (receipt.outcome.value, receipt.code) == (outcome, status)

    def test_nobody_is_followed_elsewhere(self, instance: Any, options: Any, post: Post, receiver: Receiver) -> None:
        with receiving() as elsewhere:
            receiver.answers.append((307, {"Location": elsewhere.url}, b""))
            (receipt,) = post.deliver(instance, post.message(), [OPS], options).receipts
            assert receipt.outcome != "sent"
            assert not elsewhere.taken

    def test_no_answer_in_time_is_ambiguous(
        self, config: dict[str, Any], make: Callable[[], Any], options: Any, post: Post, receiver: Receiver
    ) -> None:
        receiver.hold = threading.Event()
        config["timeout"] = 0.5
        (receipt,) = post.deliver(make(), post.message(), [OPS], options).receipts
        assert receipt.outcome == "ambiguous"

    def test_check_reads_addresses_and_sends_nothing(
        self, config: dict[str, Any], make: Callable[[], Any], receiver: Receiver
    ) -> None:
        assert make().check() == "3 addresses are understood"
        config["targets"] = {"ops": "nonsense://x"}
        with pytest.raises(DeliveryError, match=r"targets\.ops"):
            make().check()
        assert not receiver.taken


@pytest.mark.parametrize(
    ("field", "value"),
    [("targets", {"a b": "json://x"}), ("schemes", ["JSON://"]), ("timeout", 0), ("max_attachment_bytes", -1)],
)
def test_settings_that_cannot_be_meant(field: str, value: Any) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        AppriseConfig.model_validate({"targets": {"ops": "json://x"}, field: value})
    assert caught.value.errors()[0]["loc"][0] == field


def test_nobody_to_send_to() -> None:
    with pytest.raises(pydantic.ValidationError, match="needs `targets`"):
        AppriseConfig()


def test_secrets_are_not_shown() -> None:
    assert "4711" not in repr(AppriseConfig.model_validate({"targets": {"ops": "json://user:4711@x"}}))
