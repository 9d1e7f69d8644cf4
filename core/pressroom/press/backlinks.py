"""What leads from a run's messages back to the server, and who has asked to get none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from typing import TYPE_CHECKING

from pressroom.channels import Download, Link, Outcome, Receipt, Recipient
from pressroom.links import view_of
from pressroom.models.addresses import address_key
from pressroom.models.projects import DEFAULT_PROJECT
from pressroom.models.reports import Report
from pressroom.models.runs import Run
from pressroom.renderers import Document, Edition

if TYPE_CHECKING:
    from pressroom.host import Host
    from pressroom.press.mailing import Letter

MEANT = ("scheduled", "manual")
"""Kinds of runs that a recipient can unsubscribe from: a test or an alert is for whom somebody just named."""


@dataclass(frozen=True)
class Backlinks:
    """Of one run.

    Attributes:
        dashboards: links for the body.
        downloads: one for each document, in their order.
        gone: since when addresses want none, by `address_key`.
    """

    host: Host
    run: Run
    dashboards: tuple[Link, ...] = ()
    downloads: tuple[Download, ...] = ()
    gone: dict[str, datetime] | None = None

    def way_out(self, letter: Letter, *, addressed: bool) -> str:
        """Where the recipient of a message unsubscribes; empty where the message is not one recipient's own.

        Args:
            addressed: the channel's own word, see `pressroom.Channel`.
        """
        own = addressed and len(letter.recipients) == 1 and not letter.delivery.together
        if not own or self.gone is None:
            return ""
        return self.host.links.way_out(self.run.project, self.run.report, letter.recipients[0].address)

    def refusal(self, recipient: Recipient) -> Receipt | None:
        """What is written down of a recipient that has unsubscribed."""
        since = (self.gone or {}).get(address_key(recipient.address))
        if since is None:
            return None
        where = f" --project {self.run.project}" if self.run.project != DEFAULT_PROJECT else ""
        undo = f"pressroom reports resubscribe {self.run.report} {quote(address_key(recipient.address))}{where}"
        answer = f"unsubscribed on {since:%Y-%m-%d}; to undo it: {undo}"
        return Receipt(recipient=recipient, outcome=Outcome.skipped, answer=answer)


def backlinks(host: Host, run: Run, report: Report, edition: Edition, documents: Mapping[int, Document]) -> Backlinks:
    """Those of a run, as they are now.

    Args:
        report: with the values that its recipients get to see.
        documents: those of a message by their number among the run's.
    """
    gone: dict[str, datetime] | None = None
    if run.kind in MEANT and run.report:
        found = host.store.project(run.project).unsubscriptions.list(run.report)
        gone = {address_key(each.address): each.since for each in found}
    return Backlinks(host, run, _dashboards(host, run, report, edition), _downloads(host, run, documents), gone)


def _dashboards(host: Host, run: Run, report: Report, edition: Edition) -> tuple[Link, ...]:
    if not host.links.base or not report.dashboard_links:
        return ()
    return tuple(
        Link(text=section.title, url=host.links.dashboard(view_of(run.project, section, chosen.variables)))
        for section, chosen in zip(edition.sections, report.dashboards, strict=False)
    )


def _downloads(host: Host, run: Run, documents: Mapping[int, Document]) -> tuple[Download, ...]:
    if not host.links.base:
        return ()
    until = host.links.ends(files=True)
    return tuple(
        Download(name=document.name, url=host.links.document(run, number, until), until=until)
        for number, document in documents.items()
    )
