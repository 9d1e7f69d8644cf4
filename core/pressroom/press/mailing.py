"""Who gets what: a report's deliveries become numbered messages, the same ones whenever they are counted again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pressroom.channels import Recipient
from pressroom.models.addresses import address_key
from pressroom.models.reports import Delivery, Report
from pressroom.press.parts import OWN, Part


class Addressed(Protocol):
    """What is asked of a channel here."""

    @property
    def addressed(self) -> bool:
        """See `Channel.addressed`."""


FindChannel = Callable[[str], Addressed]


@dataclass(frozen=True)
class Letter:
    """One message of a run.

    Attributes:
        number: counts from 0 in the order of the report's deliveries; the ledger's deliveries carry it.
        delivery: the part of the report that it comes from.
        part: what its recipients get to see.
    """

    number: int
    channel: str
    recipients: tuple[Recipient, ...]
    delivery: Delivery
    part: Part = OWN


def letters(report: Report, channel: FindChannel) -> list[Letter]:
    """The messages of a report: one per recipient, or one for all where a delivery says `together`.

    Recipients that a query gives are not among them, see `pressroom.press.bursts`.

    Args:
        channel: gives a channel instance by name.

    Raises:
        PressroomError: a channel is missing or broken.
    """
    result: list[Letter] = []
    for delivery in report.deliveries:
        for recipients in _envelopes(delivery, channel(delivery.channel)):
            result.append(Letter(len(result), delivery.channel, recipients, delivery))
    return result


def _envelopes(delivery: Delivery, channel: Addressed) -> list[tuple[Recipient, ...]]:
    if delivery.recipients:
        return []
    if not channel.addressed:
        return [(Recipient(address=delivery.channel),)]
    recipients = addressees(delivery)
    if delivery.together:
        return [recipients] if recipients else []
    return [(recipient,) for recipient in recipients]


def addressees(delivery: Delivery) -> tuple[Recipient, ...]:
    """The recipients of a delivery, each address once: the first role that names it wins."""
    found: dict[str, Recipient] = {}
    for role, addresses in (("to", delivery.to), ("cc", delivery.cc), ("bcc", delivery.bcc)):
        for address in addresses:
            if address.strip():
                found.setdefault(address_key(address), Recipient(address=address.strip(), role=role))  # type: ignore[arg-type]  # a literal from the tuple above
    return tuple(found.values())
