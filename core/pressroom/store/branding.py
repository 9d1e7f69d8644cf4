"""A project's branding settings and its uploaded pictures."""

from __future__ import annotations

import hashlib

from sqlalchemy import orm as sa_orm
from sqlmodel import Session, col, select

from pressroom.errors import NotFound, UsageError
from pressroom.models.reports import BrandingSettings
from pressroom.models.tables import BrandingRow, ImageRow
from pressroom.store.definitions import dump, load, nearest, page, possible
from pressroom.store.repository import Clock
from pressroom.store.sessions import Sessions
from pressroom.store.values import Image


class BrandingRepository:
    """The one branding of a project."""

    def __init__(self, sessions: Sessions, project_id: int, clock: Clock) -> None:
        self._sessions = sessions
        self._project_id = project_id
        self._clock = clock

    def get(self) -> BrandingSettings:
        """As saved, with the day of it in `updated`; the defaults where nobody has saved any."""
        with self._sessions.read() as session:
            row = session.get(BrandingRow, self._project_id)
            if row is None:
                return BrandingSettings()
            return load(BrandingSettings, row.definition | {"updated": row.updated_at.date()}, "branding")

    def save(self, value: BrandingSettings, by: str) -> BrandingSettings:
        """Replace it; `updated` is filled in here."""
        definition, now = dump(value), self._clock()
        definition.pop("updated", None)
        with self._sessions.write() as session:
            row = session.get(BrandingRow, self._project_id)
            if row is None:
                row = BrandingRow(
                    project_id=self._project_id,
                    definition=definition,
                    creator=by,
                    updater=by,
                    created_at=now,
                    updated_at=now,
                )
            row.definition, row.updater, row.updated_at = definition, by, now
            session.add(row)
        return self.get()


class ImageRepository:
    """The uploaded pictures of a project."""

    def __init__(self, sessions: Sessions, project_id: int, clock: Clock) -> None:
        self._sessions = sessions
        self._project_id = project_id
        self._clock = clock

    def list(self, limit: int | None = None, offset: int = 0) -> list[Image]:
        """All of them by name, without their data."""
        rows, first = page(limit, offset)
        with self._sessions.read() as session:
            found = (
                select(ImageRow)
                .where(col(ImageRow.project_id) == self._project_id)
                .options(sa_orm.defer(ImageRow.data))  # type: ignore[arg-type]  # an attribute of the class
            )
            ordered = found.order_by(col(ImageRow.name)).limit(rows).offset(first)
            return [_image(row, b"") for row in session.exec(ordered)]

    def find(self, name: str) -> Image | None:
        """The picture of that name, or None."""
        with self._sessions.read() as session:
            row = self._row(session, name)
            return None if row is None else _image(row, row.data)

    def get(self, name: str) -> Image:
        """The picture of that name.

        Raises:
            NotFound: there is none; names the nearest.
        """
        found = self.find(name)
        if found is None:
            raise NotFound(f"no image {name!r}{nearest(name, (image.name for image in self.list()))}")
        return found

    def save(self, name: str, media_type: str, data: bytes, by: str) -> Image:
        """Keep a picture, in place of the one of that name; what it holds is for the caller to check.

        Raises:
            UsageError: the name is empty, longer than 200 characters, or holds control characters.
        """
        if not 0 < len(name) <= 200 or not possible(name):
            raise UsageError("an image's name is 1 to 200 characters, without control characters")
        with self._sessions.write() as session:
            new = ImageRow(
                project_id=self._project_id,
                name=name,
                media_type=media_type,
                sha256=hashlib.sha256(data).hexdigest(),
                data=data,
                creator=by,
                created_at=self._clock(),
            )
            old = self._row(session, name)
            if old is not None:
                new.id = old.id
            row = session.merge(new)
            session.flush()
            return _image(row, row.data)

    def delete(self, name: str) -> None:
        """Remove a picture; raises as `get` does."""
        with self._sessions.write() as session:
            row = self._row(session, name)
            if row is not None:
                session.delete(row)
        if row is None:
            self.get(name)

    def _row(self, session: Session, name: str) -> ImageRow | None:
        if not possible(name):
            return None
        mine = select(ImageRow).where(col(ImageRow.project_id) == self._project_id)
        return session.exec(mine.where(col(ImageRow.name) == name)).first()


def _image(row: ImageRow, data: bytes) -> Image:
    return Image(row.name, row.media_type, row.sha256, data, row.created_at, row.creator)
