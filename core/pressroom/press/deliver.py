"""Deliver: documents go out by channel, message by message, with the ledger before and after each act.

For one message: claim it with all its recipients; ask the channel to deliver; directly before its
irrevocable act the channel calls `handover`, which commits `handing_over`; then the receipts are recorded.
A machine that dies before the hand-over has sent nothing, so the message is planned again. One that dies
after it may have sent: the deliveries are `ambiguous`, unless the channel is idempotent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.channels import Channel, Message, Outcome, Receipt, Recipient
from pressroom.context import Context
from pressroom.errors import Cancelled, LeaseLost, PressroomError, StoreError
from pressroom.failpoints import failpoint
from pressroom.locales import Locale
from pressroom.models.projects import Project
from pressroom.models.reports import Report
from pressroom.models.runs import Run
from pressroom.moments import utc_now
from pressroom.plugins import read_options
from pressroom.press.backlinks import Backlinks
from pressroom.press.breakers import Breakers, unreachable
from pressroom.press.compose import Occasion, template_values
from pressroom.press.mailing import Letter
from pressroom.press.parts import Part
from pressroom.press.retries import Retries, may_pass
from pressroom.press.scenes import explain
from pressroom.renderers import Document, Edition
from pressroom.templating import one_line, render_line

if TYPE_CHECKING:
    from pressroom.press.ledger_claims import Claim
    from pressroom.press.ledger_messages import MessageClaim

RECORD_AGAIN_SECONDS = 0.25


@dataclass(frozen=True)
class Parcel:
    """What every message of a part of a run has in common."""

    project: Project
    report: Report
    run: Run
    edition: Edition
    documents: tuple[Document, ...]
    errors: tuple[str, ...]
    folder: Path
    back: Backlinks


def compose_message(parcel: Parcel, key: str, unsubscribe: str = "") -> Message:
    """The message of a run, the same for every recipient but for the way out.

    Args:
        key: the ledger's, the same for every try.
        unsubscribe: see `Message`.

    Raises:
        TemplateError: the subject's template is wrong.
    """
    edition, report = parcel.edition, parcel.report
    occasion = Occasion(parcel.run.planned_at, parcel.run.id, parcel.run.kind)
    values = template_values(parcel.project, report, occasion, edition.sections, edition.locale)
    words = Locale.of(edition.locale)
    first = edition.sections[0] if edition.sections else None
    subject = render_line(report.subject, values, locale=edition.locale, zone=edition.zone) if report.subject else ""
    return Message(
        key=key,
        subject=subject or one_line(report.name),
        text=report.message,
        report=report.uid,
        title=report.name,
        locale=edition.locale,
        zone=edition.zone,
        planned_at=parcel.run.planned_at,
        folder=parcel.folder,
        documents=parcel.documents,
        branding=edition.branding,
        reply_to=tuple(report.reply_to),
        start=first.start if first else None,
        end=first.end if first else None,
        summary=tuple(
            f"{section.title}: {words.time_range(section.start, section.end, section.zone)}"
            for section in edition.sections
        ),
        links=parcel.back.dashboards,
        errors=parcel.errors,
        downloads=parcel.back.downloads,
        unsubscribe=unsubscribe,
    )


def deliver(
    claim: Claim,
    parcels: Callable[[Part], Parcel],
    todo: Sequence[Letter],
    channels: dict[str, Channel[Any, Any]],
    context: Context,
    *,
    retries: Retries,
    breakers: Breakers,
) -> float:
    """Try every message that is due, once.

    Args:
        claim: the hold on the run, which gives the hold on each message.
        parcels: gives what the messages of a part have in common.
        todo: the run's messages; those that are final or not yet due are left alone.
        channels: by name.
        retries: when what is deferred is tried again.
        breakers: say which channels rest; their messages are left for later, and no try is counted.

    Returns:
        Seconds after which to come back for messages of a channel that rests; 0 where none does.

    Raises:
        LeaseLost: another process owns the run now.
        Cancelled: somebody asked for it; messages that were handed over are recorded.
    """
    due = {(pending.channel, pending.message) for pending in claim.pending()}
    rest = 0.0
    for index, letter in enumerate(todo):
        context.check()
        context.progress(f"sending by {letter.channel}", index / len(todo))
        if (letter.channel, letter.number) not in due:
            continue
        wait = breakers.wait(letter.channel)
        if wait:
            rest = max(rest, wait)
            continue
        failed: bool | None = None
        try:
            failed = _try(claim, parcels(letter.part), letter, channels[letter.channel], context, retries=retries)
        finally:
            breakers.tell(letter.channel, failed)
    return rest


def _try(
    claim: Claim, parcel: Parcel, letter: Letter, channel: Channel[Any, Any], context: Context, *, retries: Retries
) -> bool | None:
    """Deliver one message and write down what came of it.

    Returns:
        Whether the channel's other side could not be talked to; None where it was not asked.
    """
    message = claim.claim_message(letter.channel, letter.number, idempotent=channel.idempotent)
    if message is None:
        return None
    failpoint("deliver.claimed")
    receipts = _deliver_one(message, parcel, letter, channel, context)
    failpoint("deliver.answered")
    _record(message, receipts, retries.at(message.attempts, utc_now()), claim.lease_seconds)
    failpoint("deliver.recorded")
    return unreachable(receipts)


def _record(claim: MessageClaim, receipts: Sequence[Receipt], retry_at: datetime | None, patience: float) -> None:
    """Write down what is known now; a store that is down for a moment must not make it forgotten."""
    until = time.monotonic() + patience
    while True:
        try:
            return claim.record(receipts, retry_at)
        except StoreError:
            if time.monotonic() > until:
                raise
            time.sleep(RECORD_AGAIN_SECONDS)


def _deliver_one(
    claim: MessageClaim, parcel: Parcel, letter: Letter, channel: Channel[Any, Any], context: Context
) -> list[Receipt]:
    refusals = [
        receipt
        for recipient in claim.recipients
        if (receipt := parcel.back.refusal(recipient) or _refusal(channel, recipient))
    ]
    forbidden = {receipt.recipient for receipt in refusals}
    admitted = [recipient for recipient in claim.recipients if recipient not in forbidden]
    if not admitted:
        return refusals
    handed_over = False

    def handover() -> None:
        nonlocal handed_over
        failpoint("deliver.handing_over")
        claim.handing_over()
        handed_over = True
        failpoint("deliver.handed_over")

    try:
        options = read_options(type(channel), letter.delivery.options, f"delivery by {letter.channel}")
        message = compose_message(parcel, claim.key, parcel.back.way_out(letter, addressed=channel.addressed))
        receipts = list(channel.deliver(message, admitted, options, handover, context))
    except (LeaseLost, Cancelled, StoreError):
        # the ledger's own: they say nothing of the message, which was not handed over by us
        raise
    except Exception as error:
        if not isinstance(error, PressroomError):
            context.log.exception("the channel %s failed", letter.channel)
        outcome = failure_outcome(error, handed_over=handed_over, idempotent=channel.idempotent)
        receipts = [Receipt(recipient=item, outcome=outcome, answer=explain(error)) for item in admitted]
    return refusals + receipts


def _refusal(channel: Channel[Any, Any], recipient: Recipient) -> Receipt | None:
    """A recipient that was admitted when the report was saved may be forbidden by now."""
    reason = channel.admit(recipient)
    return Receipt(recipient=recipient, outcome=Outcome.refused, answer=reason) if reason else None


def failure_outcome(error: Exception, *, handed_over: bool, idempotent: bool) -> Outcome:
    """What an exception of a channel means for its recipients."""
    if handed_over and not idempotent:
        return Outcome.ambiguous
    return Outcome.deferred if may_pass(error) else Outcome.refused
