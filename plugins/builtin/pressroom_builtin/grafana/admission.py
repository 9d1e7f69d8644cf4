"""A report as a client sends it becomes a definition, or is refused with every wrong field named."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

import pydantic

from pressroom import Context, DefinitionError, PressroomError, Principal, Problem, Recipient, Report, Source
from pressroom_builtin.grafana.base import RawBody, ReportingBase
from pressroom_builtin.grafana.body import ReportBody
from pressroom_builtin.grafana.definition import to_definition
from pressroom_builtin.grafana.reading import Checks, read
from pressroom_builtin.grafana.translate import Conventions, remember

ASK_SECONDS = 10.0
"""Sources are given this long to say whether they have the dashboards that are not stored."""
NO_CHANNEL = "no channel for mails: add one of type email to pressroom.toml, or choose one as [grafana] channel"


@dataclass(frozen=True)
class Checked:
    """A body that was read, and what its translation depends on."""

    said: ReportBody
    conventions: Conventions


class Admission(ReportingBase):
    """What takes reports in."""

    def _read(self, principal: Principal, project: str, body: RawBody) -> Report:
        """A body as a new report; raises as `_check` and `_report`."""
        return self._report(principal, self._check(principal, project, body), None)

    def _check(self, principal: Principal, project: str, body: RawBody, *, cron: bool = False) -> Checked:
        """A body, read; sources may be asked for it.

        Args:
            cron: whether the report that it replaces has a cron expression, which this API can only keep.

        Raises:
            DefinitionError: names every wrong field.
        """
        store = self._store(principal, project)
        conventions = self._conventions(store)
        context = Context(self.host.workspace.folder, timeout=ASK_SECONDS)

        @cache
        def single(uid: str) -> Collection[str]:
            found = store.dashboards.find(uid)
            return {item.name for item in found.value.variables if not item.multi} if found else ()

        checks = Checks(
            admit=lambda address: self._refusal(project, address),
            dashboard=lambda uid, number: self._find(conventions, project, uid, number, context),
            formats=frozenset(self.host.plugins.renderers),
            cron=cron,
            single=single,
            templates=conventions.templates,
        )
        return Checked(read(ReportBody, body, checks), conventions)

    def _report(self, principal: Principal, checked: Checked, before: Report | None) -> Report:
        """What was read as a report; quick, and asks nobody.

        Args:
            before: the report that it replaces.

        Raises:
            DefinitionError: its parts do not go together.
            AccessDenied: to read one of its dashboards.
        """
        said, conventions = checked.said, checked.conventions
        data = to_definition(said, before, conventions, user_id=principal.user_id, now=self.now())
        try:
            report = Report.model_validate(data)
        except pydantic.ValidationError as error:
            problems = [
                Problem(item["msg"].removeprefix("Value error, "), ".".join(map(str, item["loc"])))
                for item in error.errors()
            ]
            raise DefinitionError(problems) from None
        self._check_dashboards(principal, report)
        return remember(report, said, conventions, self.now())

    def _refusal(self, project: str, address: str) -> str:
        channel = self.mail_channel(project)
        if not channel:
            return NO_CHANNEL
        try:
            return self.host.channel(channel, project).admit(Recipient(address=address))
        except PressroomError as error:
            return error.message

    def _find(self, conventions: Conventions, project: str, uid: str, number: int, context: Context) -> str:
        """A dashboard's uid: of a stored one, else of one that a source offers; raises ValueError."""
        if uid in conventions.names:
            return uid
        if not uid:
            for known, (known_number, _) in conventions.names.items():
                if known_number == number:
                    return known
            raise ValueError(f"no dashboard with the id {number}")
        if self._offered(project, uid, context):
            return uid
        near = get_close_matches(uid[:40], conventions.names, n=1)
        raise ValueError(f"no dashboard {uid[:40]!r}" + (f"; did you mean {near[0]!r}?" if near else ""))

    def _offered(self, project: str, uid: str, context: Context) -> bool:
        for name, settings in self.host.settings.sources.items():
            plugin = self.host.plugins.sources.get(settings.type)
            if plugin is None or not settings.admits(project) or plugin.dashboard is Source.dashboard:
                continue
            try:
                if self.host.source(name, project).dashboard(uid, context) is not None:
                    return True
            except PressroomError:
                # it cannot be asked now, and may have it when the report is made
                return True
        return False
