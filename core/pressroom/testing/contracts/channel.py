"""What the host relies on in a channel: nothing is lost, nothing is doubled, nobody else gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
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


@dataclass
class Trial:
    """A channel, and what it is tried with."""

    channel: Channel[Any, Any]
    post: Post
    recipients: list[Recipient]
    options: PluginOptions
    arrived: Callable[[], int]

    def send(self, message: Message | None = None, **more: Any) -> Delivered:
        """Deliver a message, a usual one where none is given; see `Post.deliver` for what more there is."""
        return self.post.deliver(self.channel, message or self.post.message(), self.recipients, self.options, **more)

    def succeed(self, message: Message | None = None) -> None:
        """Deliver a message that must arrive."""
        done = self.send(message)
        assert done.error is None, done.error
        assert {receipt.outcome for receipt in done.receipts} <= {Outcome.sent, Outcome.skipped}


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

    @pytest.fixture
    def trial(
        self,
        instance: Any,
        post: Post,
        recipients: list[Recipient],
        options: PluginOptions,
        arrived: Callable[[], int],
    ) -> Trial:
        """Everything together: `trial.send()` delivers a message as the host does."""
        return Trial(instance, post, recipients, options, arrived)

    def test_it_arrives(self, trial: Trial) -> None:
        """One receipt for each recipient; handed over once, before anything is there, after everything is ready."""
        seen: list[int] = []
        message = trial.post.message()
        kept = trial.post.files()
        done = trial.send(message, handover=lambda: seen.append(trial.arrived()))
        assert done.error is None, done.error
        assert [receipt.recipient for receipt in done.receipts] == trial.recipients, (
            "a receipt for each, in their order"
        )
        assert {receipt.outcome for receipt in done.receipts} == {Outcome.sent}
        assert done.handovers == 1, "call handover() once for each message"
        assert seen == [0], "call handover() before anything can be there"
        assert trial.arrived() > 0
        assert trial.post.files() == kept, "the run's folder belongs to the run: leave it as it is"
        assert all(msgspec.json.encode(receipt) for receipt in done.receipts), "receipts are kept as JSON"

    def test_a_lost_lease_stops_it(self, trial: Trial) -> None:
        """Another process has the run: `LeaseLost` comes out of handover() and passes, and nothing arrives."""

        def lost() -> None:
            raise LeaseLost("another process owns the run")

        assert isinstance(trial.send(handover=lost).error, LeaseLost)
        assert trial.arrived() == 0
        trial.succeed()

    def test_it_stops_before_the_hand_over(self, trial: Trial) -> None:
        """Cancelled, or out of time: call `context.check()` before handover(), never after it."""
        cancellation = Cancellation()
        cancellation.set()
        cancelled, late = trial.send(cancellation=cancellation), trial.send(timeout=0)
        assert isinstance(cancelled.error, Cancelled)
        assert isinstance(late.error, TimedOut)
        assert cancelled.handovers == late.handovers == trial.arrived() == 0
        trial.succeed()

    @pytest.mark.parametrize("path", ["gone.pdf", "../outside.pdf"])
    def test_documents_come_from_the_run_only(self, trial: Trial, path: str) -> None:
        """A document that is gone or lies elsewhere is a `DeliveryError`, before the hand-over."""
        message = trial.post.message()
        (trial.post.folder / "outside.pdf").write_bytes(b"a secret")
        broken = msgspec.structs.replace(message.documents[0], path=path)
        done = trial.send(msgspec.structs.replace(message, documents=(broken,)))
        assert isinstance(done.error, DeliveryError), done
        assert not done.error.transient, "trying again does not bring it back"
        assert done.handovers == trial.arrived() == 0

    @pytest.mark.parametrize("what", ["bare", "hostile"])
    def test_messages_of_every_kind(self, trial: Trial, what: str) -> None:
        """Without text and documents; with markup, line ends, paths and very long words in every place."""
        message = trial.post.message(text="", documents=()) if what == "bare" else trial.post.hostile()
        trial.send(message).check_answer()
        trial.succeed()

    def test_the_same_key_arrives_as_it_promises(self, trial: Trial) -> None:
        """`idempotent` says that a second try with the same key arrives once; another key is another message."""
        message = trial.post.message()
        counts = []
        for each in (message, message, trial.post.message()):
            trial.succeed(each)
            counts.append(trial.arrived())
        first, second, third = counts
        if self.plugin.idempotent:
            assert second == first, "it arrived twice: hand Message.key on, or set idempotent = False"
        assert third > second, "a message with another key must arrive too"

    def test_threads_do_not_disturb_each_other(self, trial: Trial) -> None:
        """One instance delivers several messages at the same time."""
        trial.succeed()
        one = trial.arrived()
        at_once(*(partial(trial.succeed, trial.post.message()) for _ in range(THREADS)))
        assert trial.arrived() == one * (THREADS + 1)

    def test_hostile_addresses(self, trial: Trial) -> None:
        """Each is refused with a reason, or tried; no exception but the tree's own."""
        if not self.plugin.addressed:
            return
        for address in ADDRESSES:
            trial.recipients = [Recipient(address=address)]
            reason = trial.channel.admit(trial.recipients[0])
            assert isinstance(reason, str)
            if not reason:
                trial.send().check_answer()

    def test_it_admits_whom_it_says(self, instance: Any) -> None:
        """`admit` names the address that it refuses."""
        for address in self.addresses if self.plugin.addressed else ():
            assert instance.admit(Recipient(address=address)) == ""
        for address in self.refused:
            assert address in instance.admit(Recipient(address=address))

    def test_another_side_that_is_down(self, config: dict[str, Any], make: Callable[[], Any], trial: Trial) -> None:
        """It may pass, so it is tried again: an error that is transient, or a receipt that says deferred for each.

        An error after the hand-over counts as ambiguous, unless the channel is idempotent; a receipt counts.
        """
        if self.unreachable is None:
            return
        config.update(self.unreachable)
        trial.channel = make()
        done = trial.send()
        if done.error is None:
            assert {receipt.outcome for receipt in done.receipts} == {Outcome.deferred}
        else:
            assert isinstance(done.error, StepError)
            assert done.error.transient
            assert done.handovers == 0 or self.plugin.idempotent
            crosses_processes(done.error)
