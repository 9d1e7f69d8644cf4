"""What the host relies on in a channel: nothing is lost, nothing is doubled, nobody else gets it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from pressroom.channels import Channel, Message, Outcome, Recipient
from pressroom.context import Cancellation
from pressroom.errors import Cancelled, DeliveryError, LeaseLost, StepError, TimedOut
from pressroom.extension import PluginOptions
from pressroom.testing.contracts.extension import THREADS, ExtensionContract, at_once, crosses_processes
from pressroom.testing.hostile import ADDRESSES
from pressroom.testing.post import Delivered, Post

FINAL = {Outcome.sent, Outcome.skipped}


class ChannelContract(ExtensionContract):
    """Subclass it as `class TestMine(ChannelContract)`, set `plugin`, write `arrived`.

    Override the fixture `config` for a channel that needs to know where to, and start the other side there: a
    real one on loopback, such as the fixture `pressroom_sink`.

    Attributes:
        addresses: two recipients that the channel may use.
        refused: addresses that `admit` refuses; none where it takes any.
        unreachable: keys that, added to `config`, point at another side that is down; None where there is no
            such thing.
    """

    plugin: ClassVar[type[Channel[Any, Any]]]
    addresses: ClassVar[tuple[str, str]] = ("ops@example.org", "jane@example.org")
    refused: ClassVar[tuple[str, ...]] = ()
    unreachable: ClassVar[dict[str, Any] | None] = None

    @pytest.fixture
    def arrived(self) -> Callable[[], int]:
        """Override it: gives a function that counts the messages at the other side.

        One message to several recipients counts once, or once for each, whatever the channel makes of it.
        """
        raise NotImplementedError("override the fixture arrived with one that counts what is at the other side")

    @pytest.fixture
    def post(self, tmp_path: Path) -> Post:
        """Makes messages and delivers them."""
        return Post(tmp_path / "runs")

    @pytest.fixture
    def recipients(self) -> list[Recipient]:
        """Who gets it; for a channel without addresses the one that the host makes up."""
        if not self.plugin.addressed:
            return [Recipient(address=f"{self.plugin.name}-here")]
        return [Recipient(address=address) for address in self.addresses]

    def test_it_arrives(
        self,
        instance: Any,
        post: Post,
        recipients: list[Recipient],
        options: PluginOptions,
        arrived: Callable[[], int],
    ) -> None:
        """One receipt for each recipient; handed over once, before anything is there, after everything is ready."""
        seen: list[int] = []
        before = post.files()
        message = post.message()
        kept = post.files()
        done = post.deliver(instance, message, recipients, options, handover=lambda: seen.append(arrived()))
        assert done.error is None, done.error
        assert [receipt.recipient for receipt in done.receipts] == recipients, "a receipt for each, in their order"
        assert {receipt.outcome for receipt in done.receipts} == {Outcome.sent}
        assert done.handovers == 1, "call handover() once for each message"
        assert seen == [0], "call handover() before anything can be there"
        assert arrived() > 0
        assert post.files() == kept != before, "the run's folder belongs to the run: leave it as it is"
        assert all(msgspec.json.encode(receipt) for receipt in done.receipts), "receipts are kept as JSON"

    def test_a_lost_lease_stops_it(
        self,
        instance: Any,
        post: Post,
        recipients: list[Recipient],
        options: PluginOptions,
        arrived: Callable[[], int],
    ) -> None:
        """Another process has the run: `LeaseLost` comes out of handover() and passes, and nothing arrives."""

        def lost() -> None:
            raise LeaseLost("another process owns the run")

        done = post.deliver(instance, post.message(), recipients, options, handover=lost)
        assert isinstance(done.error, LeaseLost)
        assert arrived() == 0
        self._works(post.deliver(instance, post.message(), recipients, options))

    def test_it_stops_before_the_hand_over(
        self,
        instance: Any,
        post: Post,
        recipients: list[Recipient],
        options: PluginOptions,
        arrived: Callable[[], int],
    ) -> None:
        """Cancelled, or out of time: call `context.check()` before handover(), never after it."""
        cancellation = Cancellation()
        cancellation.set()
        cancelled = post.deliver(instance, post.message(), recipients, options, cancellation=cancellation)
        late = post.deliver(instance, post.message(), recipients, options, timeout=0)
        assert isinstance(cancelled.error, Cancelled)
        assert isinstance(late.error, TimedOut)
        assert cancelled.handovers == late.handovers == arrived() == 0
        self._works(post.deliver(instance, post.message(), recipients, options))

    @pytest.mark.parametrize("path", ["gone.pdf", "../outside.pdf"])
    def test_documents_come_from_the_run_only(
        self,
        instance: Any,
        post: Post,
        recipients: list[Recipient],
        options: PluginOptions,
        arrived: Callable[[], int],
        path: str,
    ) -> None:
        """A document that is gone or lies elsewhere is a `DeliveryError`, before the hand-over."""
        message = post.message()
        (post.folder / "outside.pdf").write_bytes(b"a secret")
        broken = msgspec.structs.replace(message.documents[0], path=path)
        done = post.deliver(instance, msgspec.structs.replace(message, documents=(broken,)), recipients, options)
        assert isinstance(done.error, DeliveryError), done
        assert not done.error.transient, "trying again does not bring it back"
        assert done.handovers == arrived() == 0

    @pytest.mark.parametrize("what", ["bare", "hostile"])
    def test_messages_of_every_kind(
        self, instance: Any, post: Post, recipients: list[Recipient], options: PluginOptions, what: str
    ) -> None:
        """Without text and documents; with markup, line ends, paths and very long words in every place."""
        message = post.message(text="", documents=()) if what == "bare" else post.hostile()
        done = post.deliver(instance, message, recipients, options)
        self._answers(done)
        self._works(post.deliver(instance, post.message(), recipients, options))

    def test_the_same_key_arrives_as_it_promises(
        self,
        instance: Any,
        post: Post,
        recipients: list[Recipient],
        options: PluginOptions,
        arrived: Callable[[], int],
    ) -> None:
        """`idempotent` says that a second try with the same key arrives once; another key is another message."""
        message = post.message()
        counts = []
        for each in (message, message, post.message()):
            self._works(post.deliver(instance, each, recipients, options))
            counts.append(arrived())
        first, second, third = counts
        if self.plugin.idempotent:
            assert second == first, "it arrived twice: hand Message.key on, or set idempotent = False"
        assert third > second, "a message with another key must arrive too"

    def test_threads_do_not_disturb_each_other(
        self,
        instance: Any,
        post: Post,
        recipients: list[Recipient],
        options: PluginOptions,
        arrived: Callable[[], int],
    ) -> None:
        """One instance delivers several messages at the same time."""
        self._works(post.deliver(instance, post.message(), recipients, options))
        one = arrived()
        messages: list[Message] = [post.message() for _ in range(THREADS)]
        deliveries = at_once(
            *(lambda message=message: post.deliver(instance, message, recipients, options) for message in messages)
        )
        for delivered in deliveries:
            self._works(delivered)
        assert arrived() == one * (THREADS + 1)

    def test_hostile_addresses(self, instance: Any, post: Post, options: PluginOptions) -> None:
        """Each is refused with a reason, or tried; no exception but the tree's own."""
        if not self.plugin.addressed:
            return
        for address in ADDRESSES:
            recipient = Recipient(address=address)
            reason = instance.admit(recipient)
            assert isinstance(reason, str)
            if not reason:
                self._answers(post.deliver(instance, post.message(), [recipient], options))

    def test_it_admits_whom_it_says(self, instance: Any) -> None:
        """`admit` names the address that it refuses."""
        for address in self.addresses if self.plugin.addressed else ():
            assert instance.admit(Recipient(address=address)) == ""
        for address in self.refused:
            assert address in instance.admit(Recipient(address=address))

    def test_another_side_that_is_down(
        self,
        workspace: Path,
        config: dict[str, Any],
        make: Callable[[], Any],
        post: Post,
        recipients: list[Recipient],
        options: PluginOptions,
    ) -> None:
        """It may pass, so it is tried again: an error that is transient, or a receipt that says deferred for each.

        An error after the hand-over counts as ambiguous, unless the channel is idempotent; a receipt counts.
        """
        if self.unreachable is None:
            return
        config.update(self.unreachable)
        done = post.deliver(make(), post.message(), recipients, options)
        if done.error is None:
            assert {receipt.outcome for receipt in done.receipts} == {Outcome.deferred}
        else:
            assert isinstance(done.error, StepError)
            assert done.error.transient
            assert done.handovers == 0 or self.plugin.idempotent
            crosses_processes(done.error)

    def _works(self, done: Delivered) -> None:
        assert done.error is None, done.error
        assert {receipt.outcome for receipt in done.receipts} <= FINAL

    def _answers(self, done: Delivered) -> None:
        """A receipt for everybody, or an error that people understand."""
        assert done.error is None or isinstance(done.error, DeliveryError), repr(done.error)
        assert done.error is not None or done.receipts
