"""Addresses in messages that lead back to the server, and what they open.

    /files?key=...                     a document that was too large to attach; whoever has the link may have it
    /d/PROJECT/UID?from=..&to=..       a dashboard as the report shows it, for who may see it
    /d/PROJECT/UID?...&key=...         the same for whoever has the link, where `[server] public_links` is on
    /unsubscribe?key=...               the way out of a report, for the one address that it was sent to

A key is good for one of these and nothing else: one run's document; one dashboard with that range and choice of
values; one address of one report. Keys stand in the query, which the server's log leaves out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from pressroom.errors import Gone, NotFound, SettingsError
from pressroom.messages import Attachment
from pressroom.models.addresses import address_key
from pressroom.settings import age
from pressroom.signing import Signer

if TYPE_CHECKING:
    from pressroom.host import Host
    from pressroom.models.runs import Run

log = logging.getLogger("pressroom.links")
KEY = "key"
"""The query's parameter."""
VARIABLE = "var-"


@dataclass(frozen=True)
class View:
    """A dashboard as a link shows it.

    Attributes:
        start, end: the range as in the link.
        variables: chosen values by name.
    """

    project: str
    uid: str
    start: str
    end: str
    variables: Mapping[str, Sequence[str]]

    def path(self) -> str:
        """Its address on the server."""
        chosen = [(f"{VARIABLE}{name}", value) for name, values in self.variables.items() for value in values]
        query = urlencode([("from", self.start), ("to", self.end), *chosen])
        return f"/d/{quote(self.project, safe='')}/{quote(self.uid, safe='')}?{query}"

    def digest(self) -> str:
        """What is signed of it."""
        chosen = sorted((name, list(values)) for name, values in self.variables.items())
        return _digest(json.dumps([self.project, self.uid, self.start, self.end, chosen]))


@dataclass(frozen=True)
class Subscriber:
    """Whom a way out is for.

    Attributes:
        report: the report's uid.
        title: its name; its uid where it is deleted.
        address: who gets it.
        locale: of the report.
        since: when the address unsubscribed; None where it gets the report.
    """

    project: str
    report: str
    title: str
    address: str
    locale: str
    since: datetime | None = None


class Links:
    """Makes such addresses, and opens them.

    Args:
        host: the workspace.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    @cached_property
    def signer(self) -> Signer:
        """What keys are made with."""
        return Signer(self._host.access.keys)

    @cached_property
    def base(self) -> str:
        """What they begin with; empty where pressroom.toml names no address of the server, or nothing can be signed.

        A report is worth more than its links: it goes out without them.
        """
        url = self._host.settings.server.link_url
        try:
            return url if url and self.signer else ""
        except SettingsError as error:
            log.error("messages have no links: %s", error)
            return ""

    def ends(self, *, files: bool = False) -> datetime:
        """When a link that is made now ends; one to a document not after its document."""
        kept = self._host.settings.retention
        ages = [age(self._host.settings.server.link_age)]
        if files:
            # whichever goes first takes the documents along
            ages += [age(kept.files), age(kept.runs)]
        return self.signer.now() + min(each for each in ages if each is not None)

    def document(self, run: Run, number: int, until: datetime) -> str:
        """The address of a run's document; empty without `base`."""
        # numbers of runs come again in a store that was restored or made anew, and those of documents where some are
        # made later: the moment and the path say which is meant, so that nobody gets to see another's
        signed = [run.id, _mark(run), _digest(str(run.documents[number]["path"]))]
        return self._keyed("/files?", self.signer.sign("file", signed, until))

    def open_document(self, key: str) -> Attachment:
        """The document of a key, ready to be read.

        Raises:
            NotFound: the key is none of ours.
            Gone: it has ended, or the document is not kept any more.
        """
        from pressroom.press.documents import NOT_KEPT, kept_document

        number, mark, meant = self.signer.read("file", key)
        try:
            run = self._host.ledger.get(number)
        except NotFound:
            raise Gone(NOT_KEPT) from None
        found = [index for index, each in enumerate(run.documents) if _digest(str(each["path"])) == meant]
        if _mark(run) != mark or not found:
            raise Gone(NOT_KEPT)
        return kept_document(self._host, run, found[0])

    def dashboard(self, view: View) -> str:
        """The address of a dashboard's page: with a key where `[server] public_links` is on; empty without `base`."""
        path = view.path()
        if not self._host.settings.server.public_links:
            return f"{self.base}{path}" if self.base else ""
        return self._keyed(f"{path}&", self.signer.sign("view", view.digest(), self.ends()))

    def allows(
        self, key: str, *, project: str, uid: str, start: str, end: str, variables: Mapping[str, Sequence[str]]
    ) -> None:
        """Go on only where the key is for exactly that dashboard, range and choice of values.

        Raises:
            NotFound: it is not, or such keys are not good here.
            Gone: it has ended.
        """
        digest = self.signer.read("view", key)
        allowed = self._host.settings.server.public_links
        if not allowed or digest != View(project, uid, start, end, variables).digest():
            raise NotFound("the link is not whole or not from here; copy all of it from the mail")

    def way_out(self, project: str, report: str, address: str) -> str:
        """The address where a recipient unsubscribes; empty unless people reach the server by https.

        It never ends: an old mail must be as good a way out as a new one.
        """
        if not self.base.startswith("https://"):
            return ""
        return self._keyed("/unsubscribe?", self.signer.sign("unsubscribe", [project, report, address], None))

    def subscriber(self, key: str) -> Subscriber:
        """Whom a way out is for, and where that address stands.

        Raises:
            NotFound: the key is none of ours, or the project is gone.
        """
        project, report, address = self.signer.read("unsubscribe", key)
        store = self._host.store.project(project)
        stored = store.reports.find(report)
        found = store.unsubscriptions.find(report, address)
        return Subscriber(
            project,
            report,
            stored.value.name if stored else report,
            address,
            (stored.value.locale if stored else "") or self._host.store.projects.get(project).value.locale,
            found.since if found else None,
        )

    def unsubscribe(self, key: str) -> Subscriber:
        """Send nothing of the report to the key's address any more. Raises as `subscriber`."""
        return self._change(key, away=True)

    def resubscribe(self, key: str) -> Subscriber:
        """Send it again. Raises as `subscriber`."""
        return self._change(key, away=False)

    def _change(self, key: str, *, away: bool) -> Subscriber:
        who = self.subscriber(key)
        with self._host.store.transaction() as transaction:
            kept = transaction.project(who.project).unsubscriptions
            changed = kept.add(who.report, who.address) if away else kept.remove(who.report, who.address)
            if changed:
                action = "reports:unsubscribe" if away else "reports:resubscribe"
                target = f"report {who.report}"
                transaction.audit.record(address_key(who.address), action, project=who.project, target=target)
        return self.subscriber(key)

    def _keyed(self, path: str, key: str) -> str:
        return f"{self.base}{path}{KEY}={key}" if self.base else ""


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:18]).decode()


def _mark(run: Run) -> int:
    return round(run.created_at.timestamp() * 1000)


def view_of(project: str, section: Any, chosen: Mapping[str, Sequence[str]]) -> View:
    """A section of an edition as a link shows it: its resolved range, its choice of values.

    Args:
        section: a `pressroom.Section`.
        chosen: the report's choice, which may name variables that are hidden.
    """
    from pressroom.press.scenes import ALL

    variables = {choice.name: [ALL] if choice.everything else list(choice.values) for choice in section.choices}
    start, end = (str(round(moment.timestamp() * 1000)) for moment in (section.start, section.end))
    return View(project, section.uid, start, end, {**variables, **chosen})
