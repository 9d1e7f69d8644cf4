"""What the operations of the reporting API share: the project, its conventions, who may see what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pydantic

from pressroom import AccessDenied, Host, PressroomError, Principal, ProjectStore, Report
from pressroom_builtin.grafana.translate import Conventions

RawBody = bytes | Mapping[str, Any]
DEFAULT = "default"
READ_DASHBOARD = "dashboards:read"


def scope(number: int) -> str:
    """The scope of one report in permissions."""
    return f"reports:id:{number}"


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class ReportingBase:
    """See `Reporting`.

    Args:
        host: the workspace.
        now: the clock; for tests.
    """

    def __init__(self, host: Host, now: Callable[[], datetime] = utc_now) -> None:
        self.host = host
        self.now = now
        self._writing = threading.Lock()

    def organisation(self, principal: Principal, number: str) -> str:
        """Uid of the project that a request is about.

        Args:
            number: of the organisation, where the caller chooses one.

        Raises:
            AccessDenied: the caller does not belong to it, or there is none; the two cannot be told apart.
        """
        if not number:
            return principal.project or DEFAULT
        chosen = next((item for item in self.host.repositories.projects.list() if str(item.id) == number), None)
        if chosen is None or principal.project not in ("", chosen.uid):
            raise AccessDenied(
                f"{principal.name} does not belong to the organisation {number[:40]!r}. Permissions needed: orgs:read"
            )
        return chosen.uid

    def mail_channel(self, project: str) -> str:
        """The channel that this API mails through; empty where there is none, or several and none is chosen."""
        chosen = self.host.settings.grafana.channel
        channels = self.host.settings.channels
        mail = [name for name, item in channels.items() if item.type == "email" and item.admits(project)]
        if chosen:
            return chosen if chosen in channels else ""
        return mail[0] if len(mail) == 1 else ""

    def _store(self, principal: Principal, project: str) -> ProjectStore:
        return self.host.repositories.project(principal.enter(project))

    @contextmanager
    def _changing(
        self, principal: Principal, project: str, action: str
    ) -> Iterator[tuple[ProjectStore, Callable[[str], None]]]:
        """The project's store for a change, and what notes in the audit log what it is done to; both or neither."""
        uid = principal.enter(project)
        # one at a time: on SQLite many that look again and again for their turn would keep out the ledger
        with self._writing, self.host.store.transaction() as transaction:
            yield (
                transaction.project(uid),
                lambda target: transaction.audit.record(principal.name, action, project=uid, target=target),
            )

    def _conventions(self, store: ProjectStore) -> Conventions:
        templates = self.host.settings.grafana.templates
        names = store.dashboards.names()
        return Conventions(self.mail_channel(store.uid), templates, store.id, names, self._knows_encoding)

    def _knows_encoding(self, name: str) -> bool:
        try:
            self.host.plugins.renderers.need("csv").Options.model_validate({"encoding": name})
        except (pydantic.ValidationError, PressroomError):
            return False
        return True

    def _hidden(self, principal: Principal, dashboards: Iterable[str]) -> str:
        """The first of some dashboards that the principal may not read; empty where there is none."""
        return next((uid for uid in dashboards if not principal.may(READ_DASHBOARD, f"dashboards:uid:{uid}")), "")

    def _check_dashboards(self, principal: Principal, report: Report) -> None:
        hidden = self._hidden(principal, (item.uid for item in report.dashboards))
        if hidden:
            raise AccessDenied(
                f"{principal.name} may not read the dashboard {hidden}, which the report shows. "
                f"Permissions needed: {READ_DASHBOARD}"
            )
