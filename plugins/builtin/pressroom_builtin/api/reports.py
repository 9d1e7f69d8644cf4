"""Reports in the words of definitions, and when they go out; the principal comes first and is authorised here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pressroom import (
    Conflict,
    DefinitionError,
    Principal,
    Problem,
    Recurrence,
    Report,
    Stored,
    UsageError,
)
from pressroom.locales import check_locale
from pressroom.timerange import resolve_moment, rfc3339
from pressroom_builtin.api import report_wire as wire
from pressroom_builtin.api.desk import Desk, check_seen, report_scope, require_dashboards, require_queries, revision_of
from pressroom_builtin.api.paging import check_limit, page_of, read_cursor

READ, CREATE, WRITE, DELETE = "reports:read", "reports:create", "reports:write", "reports:delete"
STATES = ("draft", "scheduled", "paused")
MOST_MOMENTS = 1000


class Reports(Desk):
    """Reports of a workspace, with channels and formats of any kind."""

    def reports(
        self, principal: Principal, project: str, *, state: str = "", dashboard: str = "", limit: int, cursor: str = ""
    ) -> wire.ReportPage:
        """A page of the reports that the principal may read.

        Args:
            state, dashboard: only those in that state, or that show that dashboard.

        Raises:
            UsageError: no such state, a wrong limit or cursor.
        """
        principal.require(READ)
        store = self._enter(principal, project)
        if state and state not in STATES:
            raise UsageError(f"state: one of {', '.join(STATES)}")
        after = (read_cursor(cursor, int) or [0])[0]
        numbers = [
            number
            for number in store.reports.numbers(state=state, dashboard=dashboard)
            if principal.may(READ, report_scope(number))
        ]
        later = [number for number in numbers if number > after]
        page, following = page_of(later[: check_limit(limit) + 1], limit, lambda number: (number,))
        items = [self._body(principal, stored) for stored in store.reports.by_ids(page)]
        return wire.ReportPage(items=items, next=following, total=len(numbers))

    def report(self, principal: Principal, project: str, uid: str) -> wire.ReportBody:
        """One report.

        Raises:
            NotFound: the project has none of that uid.
        """
        return self._body(principal, self._readable(principal, project, uid))

    def create(self, principal: Principal, project: str, definition: dict[str, Any]) -> wire.ReportBody:
        """Store a new report; a uid that it lacks is made.

        Raises:
            DefinitionError: mistakes in it, each with its field.
            Conflict: its uid is taken.
            AccessDenied: to make reports, or to read one of its dashboards.
        """
        principal.require(CREATE)
        self._enter(principal, project)
        checked = self.host.check_report(project, definition)
        report = checked.report
        require_dashboards(principal, [shown.uid for shown in report.dashboards])
        require_queries(principal, report)
        with self.host.store.transaction() as transaction:
            reports = transaction.project(project).reports
            if reports.find(report.uid) is not None:
                raise Conflict(f"there is a report {report.uid!r} already")
            stored = reports.save(report, by=principal.name)
            transaction.audit.record(principal.name, CREATE, project=project, target=f"report {report.uid}")
        return self._body(principal, stored, checked.warnings)

    def replace(
        self, principal: Principal, project: str, uid: str, definition: dict[str, Any], match: str = ""
    ) -> wire.ReportBody:
        """Put a definition in a stored report's place.

        Args:
            match: see `check_seen`.

        Raises:
            Changed: it is not what was seen.
            NotFound, DefinitionError, AccessDenied: as `report` and `create`.
        """
        principal.require(WRITE)
        stored = self._enter(principal, project).reports.get(uid)
        principal.require(WRITE, report_scope(stored.id))
        if definition.get("uid", uid) != uid:
            raise DefinitionError([Problem(f"must be {uid!r}, as in the address, or left out", "uid")])
        checked = self.host.check_report(project, {**definition, "uid": uid})
        require_dashboards(principal, [shown.uid for shown in checked.report.dashboards])
        require_queries(principal, checked.report, stored.value)
        with self.host.store.transaction() as transaction:
            reports = transaction.project(project).reports
            check_seen(match, revision_of(reports.get(uid).value), f"the report {uid}")
            stored = reports.save(checked.report, by=principal.name)
            transaction.audit.record(principal.name, WRITE, project=project, target=f"report {uid}")
        return self._body(principal, stored, checked.warnings)

    def delete(self, principal: Principal, project: str, uid: str, match: str = "") -> None:
        """Remove a report; its runs stay in the ledger. Raises as `replace`."""
        principal.require(DELETE)
        self._enter(principal, project)
        with self.host.store.transaction() as transaction:
            reports = transaction.project(project).reports
            stored = reports.get(uid)
            principal.require(DELETE, report_scope(stored.id))
            check_seen(match, revision_of(stored.value), f"the report {uid}")
            reports.delete(uid)
            transaction.audit.record(principal.name, DELETE, project=project, target=f"report {uid}")

    def moments(self, principal: Principal, project: str, uid: str, count: int, start: str) -> wire.Moments:
        """When a stored report goes out.

        Args:
            start: at or after it; now where it is empty.

        Raises:
            NotFound: no such report, or its calendar is gone.
            UsageError: a wrong count or moment.
        """
        stored = self._readable(principal, project, uid)
        since = self._enter(principal, project).reports.scheduled_since(stored.id)
        recurrence = self.host.recurrence(stored.value, project, since)
        locale = stored.value.locale or self.host.press.project(project).locale
        moments = _moments(recurrence, count, start)
        zone = stored.value.schedule.timezone
        return wire.Moments(
            moments=moments, sentence=recurrence.sentence(locale), timezone=zone, state=stored.value.state
        )

    def schedule(self, principal: Principal, project: str, asked: wire.ScheduleAsked) -> wire.Moments:
        """When a schedule would fire that is not stored.

        Raises:
            DefinitionError: mistakes in it, with their fields.
            UsageError: a wrong count or moment.
        """
        principal.require(READ)
        self._enter(principal, project)
        draft = {"name": "draft", "state": "draft", "schedule": asked.schedule}
        if asked.locale:
            draft["locale"] = asked.locale
        checked = self.host.check_report(project, draft)
        recurrence = self.host.recurrence(checked.report, project, datetime.now(UTC).replace(microsecond=0))
        locale = check_locale(asked.locale) if asked.locale else self.host.press.project(project).locale
        return wire.Moments(
            moments=_moments(recurrence, asked.count, asked.start),
            sentence=recurrence.sentence(locale),
            timezone=checked.report.schedule.timezone,
            warnings=notices(checked.warnings),
        )

    def _readable(self, principal: Principal, project: str, uid: str) -> Stored[Report]:
        principal.require(READ)
        stored = self._enter(principal, project).reports.get(uid)
        principal.require(READ, report_scope(stored.id))
        require_dashboards(principal, [shown.uid for shown in stored.value.dashboards])
        return stored

    def _body(self, principal: Principal, stored: Stored[Report], warnings: Iterable[Problem] = ()) -> wire.ReportBody:
        definition = written(stored.value)
        if not principal.may(WRITE, report_scope(stored.id)):
            definition.pop("password", None)
        return wire.ReportBody(
            uid=stored.uid,
            id=stored.id,
            revision=revision_of(stored.value),
            definition=definition,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
            creator=stored.creator,
            updater=stored.updater,
            warnings=notices(warnings),
        )


def written(report: Report) -> dict[str, Any]:
    """A report's definition as a person would write it."""
    return {"uid": report.uid, **report.model_dump(mode="json", by_alias=True, exclude_defaults=True)}


def notices(warnings: Iterable[Problem]) -> list[wire.Notice]:
    """Warnings as clients read them."""
    return [wire.Notice(field=each.field, message=each.message) for each in warnings]


def _moments(recurrence: Recurrence, count: int, start: str) -> list[str]:
    if not 1 <= count <= MOST_MOMENTS:
        raise UsageError(f"count is 1 to {MOST_MOMENTS}")
    zone = recurrence.schedule.timezone
    try:
        first = resolve_moment(start or "now", now=datetime.now(UTC), zone=zone)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"from: {error}") from error
    return [rfc3339(moment, zone) for moment in recurrence.upcoming(first, count)]
