"""The results API's segments: how many users they have, and which."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pressroom import NotReady, PressroomError, Principal, Query, QueryError, Segment
from pressroom_builtin.growingio import wire
from pressroom_builtin.growingio.desk import Desk, Listed

if TYPE_CHECKING:
    import polars as pl

    from pressroom import Answer

log = logging.getLogger("pressroom.growingio")
MAX_USERS = 1_000_000_000


@dataclass(frozen=True)
class Users:
    """A segment's users.

    Attributes:
        answer: when the source was asked, and what identifies its answer.
        frames: the users in pieces, each with the query's columns.
        separator: what stands between fields in the project.
    """

    answer: Answer
    frames: Iterator[pl.DataFrame]
    separator: str


class Segments(Desk):
    """Segments and their users."""

    def segments(self, principal: Principal, project: str, *, ask: bool = True) -> Listed[wire.Segment]:
        """The project's segments with their users counted; one that cannot be counted has 0, and a warning says so.

        Args:
            ask: whether sources may be asked where no count is kept.

        Raises:
            NotReady: a count is not kept, and sources may not be asked.
        """
        principal.require("segments:read")
        store = self._store(principal, project)
        zone = self._zone(project)
        found: Listed[wire.Segment] = Listed()
        for item in store.segments.list():
            number, at = self._count(project, item.value, found.warnings, ask)
            found.items.append(
                wire.Segment(
                    id=item.uid,
                    name=item.value.name,
                    user_type=item.value.user_type,
                    user_num=number,
                    updated_at=at.astimezone(zone).date().isoformat(),
                )
            )
        return found

    @contextmanager
    def users(self, principal: Principal, project: str, uid: str, *, ask: bool = True) -> Iterator[Users]:
        """A segment's users, from kept answers where there is one; good while the block runs.

        Args:
            ask: whether the source may be asked where nothing is kept.

        Raises:
            NotFound: no such segment.
            StepError: its query failed.
            NotReady: nothing is kept, and the source may not be asked.
        """
        principal.require("segments:read")
        segment = self._store(principal, project).segments.get(uid).value
        with (
            self._context() as context,
            self.host.press.kept_frames(project, segment.source, _query(segment.query), context, ask=ask) as (
                answer,
                frames,
            ),
        ):
            yield Users(answer, frames, self._separator(project))

    def _count(self, project: str, segment: Segment, warnings: list[str], ask: bool) -> tuple[int, datetime]:
        try:
            return self._counted(project, segment, ask)
        except NotReady:
            raise
        except PressroomError as error:
            log.warning("the segment %s cannot be counted: %s", segment.uid, error.message)
            warnings.append(
                f"the users of the segment {segment.uid} cannot be counted; 0 stands in place of their number"
            )
            return 0, self.now()

    def _counted(self, project: str, segment: Segment, ask: bool) -> tuple[int, datetime]:
        kept = self.host.press.kept_frames
        with self._context() as context:
            if self.host.source(segment.source, project).dialect:
                inner = segment.query.strip().rstrip(";")
                # the query is an editor's own, and the source allows one reading statement only
                counting = f"SELECT count(*) AS users FROM (\n{inner}\n) AS segment"  # noqa: S608
                try:
                    with kept(project, segment.source, _query(counting), context, ask=ask) as (answer, frames):
                        return int(sum(frame.item() for frame in frames)), answer.made_at
                except QueryError:
                    log.debug("the segment %s is counted user by user", segment.uid)
            with kept(project, segment.source, _query(segment.query), context, ask=ask) as (answer, frames):
                return sum(frame.height for frame in frames), answer.made_at


def _query(text: str) -> Query:
    return Query(text=text, max_rows=MAX_USERS)
