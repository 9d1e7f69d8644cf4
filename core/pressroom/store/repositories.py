"""The way in: projects, and everything else bound to one of them."""

from __future__ import annotations

from functools import cached_property

from sqlmodel import col, select

from pressroom.errors import NotFound
from pressroom.models.projects import Project
from pressroom.models.segments import Rule, Segment
from pressroom.models.tables import ProjectRow, RuleRow, SegmentRow
from pressroom.moments import utc_now
from pressroom.store.access import AccessRepository
from pressroom.store.audit import AuditLog
from pressroom.store.branding import BrandingRepository, ImageRepository
from pressroom.store.dashboards import DashboardRepository
from pressroom.store.definitions import dump, load, nearest, page, possible
from pressroom.store.history import History
from pressroom.store.reports import ReportRepository
from pressroom.store.repository import Clock, Repository
from pressroom.store.runs import RunReader
from pressroom.store.sessions import Sessions
from pressroom.store.unsubscriptions import UnsubscriptionRepository
from pressroom.store.values import Stored


class SegmentRepository(Repository[Segment]):
    """Segments of one project."""

    model, table, what = Segment, SegmentRow, "segment"


class RuleRepository(Repository[Rule]):
    """Event rules of one project; their `id` is the uid."""

    model, table, what, key = Rule, RuleRow, "rule", "id"


class ProjectStore:
    """Everything of one project; nothing of another can be reached from here.

    Attributes:
        uid, id: the project's.
    """

    def __init__(self, sessions: Sessions, project: Stored[Project], clock: Clock) -> None:
        self.uid = project.uid
        self.id = project.id
        self.dashboards = DashboardRepository(sessions, project.id, clock)
        self.segments = SegmentRepository(sessions, project.id, clock)
        self.rules = RuleRepository(sessions, project.id, clock)
        self.reports = ReportRepository(sessions, project.id, clock)
        self.branding = BrandingRepository(sessions, project.id, clock)
        self.images = ImageRepository(sessions, project.id, clock)
        self.unsubscriptions = UnsubscriptionRepository(sessions, project.id, clock)
        self.runs = RunReader(sessions, project.id)
        self.history = History(sessions, project.uid, project.id)


class ProjectRepository:
    """All projects."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def list(self, limit: int | None = None, offset: int = 0) -> list[Stored[Project]]:
        """All of them, oldest first."""
        rows, first = page(limit, offset)
        with self._sessions.read() as session:
            found = session.exec(select(ProjectRow).order_by(col(ProjectRow.id)).limit(rows).offset(first))
            return [_project(row) for row in found]

    def find(self, uid: str) -> Stored[Project] | None:
        """The one with that uid, or None."""
        if not possible(uid):
            return None
        with self._sessions.read() as session:
            row = session.exec(select(ProjectRow).where(col(ProjectRow.uid) == uid)).first()
            return None if row is None else _project(row)

    def get(self, uid: str) -> Stored[Project]:
        """The one with that uid.

        Raises:
            NotFound: there is none; names the nearest.
        """
        found = self.find(uid)
        if found is None:
            raise NotFound(f"no project {uid!r}{nearest(uid, (project.uid for project in self.list()))}")
        return found

    def save(self, value: Project, by: str) -> Stored[Project]:
        """Create it, or replace the one with its uid. Saving what is there already changes nothing."""
        value.model_fields_set.add("uid")
        definition, now = dump(value), self._clock()
        with self._sessions.write() as session:
            found = select(ProjectRow).where(col(ProjectRow.uid) == value.uid)
            row = session.exec(found.with_for_update(key_share=True)).first()
            if row is None:
                row = ProjectRow(
                    uid=value.uid, definition=definition, creator=by, updater=by, created_at=now, updated_at=now
                )
            elif row.definition != definition:
                row.definition, row.updater, row.updated_at = definition, by, now
            session.add(row)
            session.flush()
            return _project(row)


class Repositories:
    """The same face over a store and over a transaction.

    Args:
        sessions: where to work.
        clock: gives the moment of a change; for tests.
    """

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self.sessions = sessions
        self.clock = clock

    @cached_property
    def projects(self) -> ProjectRepository:
        """All projects."""
        return ProjectRepository(self.sessions, self.clock)

    @cached_property
    def access(self) -> AccessRepository:
        """Tokens, API clients, users."""
        return AccessRepository(self.sessions, self.clock)

    @cached_property
    def audit(self) -> AuditLog:
        """Who did what."""
        return AuditLog(self.sessions, self.clock)

    def project(self, uid: str) -> ProjectStore:
        """Everything of one project.

        Raises:
            NotFound: there is none; names the nearest.
        """
        return ProjectStore(self.sessions, self.projects.get(uid), self.clock)


def _project(row: ProjectRow) -> Stored[Project]:
    value = load(Project, row.definition, f"project {row.uid}")
    return Stored(int(row.id or 0), row.uid, value, row.created_at, row.updated_at, row.creator, row.updater)
