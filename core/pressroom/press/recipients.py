"""Recipients that a query gives: asked for once, when work on the run begins.

What the queries give goes into the ledger before anything is made or sent, so a run that is taken up again has
the same recipients. Any source can be asked, a plugin's too: all it needs is to answer `Source.query`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pressroom.context import Context
from pressroom.errors import QueryError, StepError
from pressroom.models.addresses import address_key
from pressroom.models.projects import Project
from pressroom.models.reports import RecipientQuery, Report
from pressroom.panics import contained
from pressroom.press.bursts import check_variables
from pressroom.press.compose import Occasion
from pressroom.press.datasets import read_frames
from pressroom.press.ledger_plan import HOPELESS, PlannedDelivery, misfit
from pressroom.press.mailing import FindChannel
from pressroom.press.parts import OWN, Part, label, part_of
from pressroom.press.scenes import Scene, find_dashboard, resolve_scene
from pressroom.press.tidy import as_text
from pressroom.sources import Query
from pressroom.timerange import Window

if TYPE_CHECKING:
    import polars as pl

    from pressroom.host import Host


@dataclass(frozen=True)
class Addressee:
    """A row of a recipients' query.

    Attributes:
        row: its number, from 1.
        address: empty where the row has none.
        part: what the recipient gets to see.
        lacks: the column without a value that somebody would need to know what to send; empty where there is none.
    """

    row: int
    address: str
    part: Part
    lacks: str = ""

    @property
    def refusal(self) -> str:
        """Why nothing can be sent; empty where something can."""
        if self.lacks:
            return f"row {self.row} of the recipients' query has no value in the column {self.lacks}"
        return misfit(self.address)

    @property
    def described(self) -> str:
        """Who it is and what they get to see."""
        values = label(self.part)
        return f"{self.address} ({values})" if values else self.address


@dataclass(frozen=True)
class Asking:
    """A report whose recipients are asked for.

    Attributes:
        find: gives a channel instance by name.
    """

    host: Host
    project: Project
    report: Report
    scene: Scene
    find: FindChannel
    context: Context

    @classmethod
    def begin(
        cls, host: Host, project: Project, report: Report, occasion: Occasion, context: Context, *, find: FindChannel
    ) -> Asking:
        """At an occasion, whose range the queries may use.

        Raises:
            StepError: the report has no dashboard, or its range is empty.
        """
        return cls(host, project, report, _first_scene(host, project, report, occasion, context), find, context)

    def recipients(self) -> tuple[list[PlannedDelivery], list[str]]:
        """Ask all queries.

        Returns:
            One message for each recipient and distinct set of values, those with the same values together; numbered
            from 0. A row that nothing can be sent for is refused. And sentences for the run's record.

        Raises:
            StepError: a query failed, gives too many rows, or lacks a column; no dashboard has a variable.
        """
        planned: list[PlannedDelivery] = []
        notes: list[str] = []
        for entry, delivery in enumerate(self.report.deliveries):
            asked = delivery.recipients
            if asked is None:
                continue
            rows = self._rows(entry, asked, delivery.channel)
            if asked.sample is not None:
                one = chosen_row(rows, asked.sample.of)
                rows = [replace(one, address=address) for address in asked.sample.to]
                notes.append(f"a test: {', '.join(asked.sample.to)} only, with what {one.described} gets")
            planned += _planned(rows, entry, delivery.channel, len(planned))
        return planned, notes

    def sample(self, of: str = "") -> Addressee:
        """One recipient of a report that `bursts`, to show what such a one gets.

        Args:
            of: the address; empty for the first recipient.

        Raises:
            StepError: as `recipients`; there is no such recipient.
        """
        asked = ((entry, each, each.recipients) for entry, each in enumerate(self.report.deliveries) if each.recipients)
        entry, delivery, recipients = next(asked)
        return chosen_row(self._rows(entry, recipients, delivery.channel), of)

    def _rows(self, entry: int, asked: RecipientQuery, channel: str) -> list[Addressee]:
        named = part_of(dict.fromkeys(asked.variables, ()))
        column = asked.address if self.find(channel).addressed else ""
        try:
            check_variables(self.host, self.project.uid, self.report, named, self.context)
            frame = _ask(self.host, self.project.uid, asked, self.scene, self.context)
            return list(_addressees(frame, asked, column, channel))
        except StepError as error:
            message = f"deliveries[{entry}].recipients: {error.message}"
            raise type(error)(message, transient=error.transient) from error


def chosen_row(rows: Sequence[Addressee], of: str) -> Addressee:
    """The row of an address; the first that something can be sent for where it is empty.

    Raises:
        StepError: there is none.
    """
    wanted = address_key(of)
    for row in rows:
        if not row.refusal and wanted in ("", address_key(row.address)):
            return row
    raise StepError(f"the recipients' query gives no {of}" if of else "the recipients' query gives nobody")


def _first_scene(host: Host, project: Project, report: Report, occasion: Occasion, context: Context) -> Scene:
    """The report's first dashboard, whose range and variables the queries may use."""
    if not report.dashboards:
        raise StepError("a report with recipients from a query needs a dashboard")
    first = report.dashboards[0]
    dashboard = find_dashboard(host, project.uid, first.uid, context)
    return resolve_scene(
        host,
        project,
        dashboard,
        time_range=first.time_range,
        variables=first.variables,
        now=occasion.planned_at,
        context=context,
    )


def _ask(host: Host, project: str, asked: RecipientQuery, scene: Scene, context: Context) -> pl.DataFrame:
    """All rows of a recipients' query, types as the source gave them."""
    import polars as pl

    limits = host.settings.limits
    window = Window.single(scene.start, scene.end, scene.zone)
    # one row more than the limit shows that there are more
    query = Query(asked.query, window, scene.values, limits.recipients + 1, dashboard=scene.dashboard.uid)
    frames: list[pl.DataFrame] = []
    with contained("reading the recipients"):
        for frame in read_frames(
            host.source(asked.source, project).query(query, context.within(timeout=limits.query_seconds))
        ):
            context.check()
            frames.append(frame)
            if sum(each.height for each in frames) > limits.recipients:
                raise QueryError(
                    f"the query gives more than {limits.recipients} rows, so nobody gets anything; "
                    "ask for fewer, or raise recipients in [limits] of pressroom.toml"
                )
        if not frames:
            raise QueryError("the source answered without columns")
        return pl.concat(frames, how="vertical_relaxed")


def _addressees(frame: pl.DataFrame, asked: RecipientQuery, column: str, channel: str) -> Iterator[Addressee]:
    """The rows of an answer; of a channel without addresses, whose column is empty, all are the channel's own."""
    for name in (*([column] if column else []), *asked.variables.values()):
        if name not in frame.columns:
            raise QueryError(f"the query gives no column {name!r}; it gives {', '.join(frame.columns)}")
    addresses = _texts(frame[column]) if column else [(channel,)] * frame.height
    values = {variable: _texts(frame[name]) for variable, name in asked.variables.items()}
    for row in range(frame.height):
        address = " ".join(addresses[row]).strip()
        lacking = [asked.variables[variable] for variable in values if not values[variable][row]]
        part = part_of({variable: found[row] for variable, found in values.items()})
        yield Addressee(row + 1, address, part, lacks="" if address and not lacking else [*lacking, column][0])


def _texts(series: pl.Series) -> list[tuple[str, ...]]:
    """Each cell's text; a list's items, nothing for null."""
    import polars as pl

    if isinstance(series.dtype, pl.List | pl.Array):
        items = (None if cell is None else pl.Series(cell).drop_nulls() for cell in series.to_list())
        return [() if cell is None else tuple(map(str, as_text(cell).to_list())) for cell in items]
    return [() if text is None else (text,) for text in as_text(series).to_list()]


def _planned(rows: Sequence[Addressee], entry: int, channel: str, number: int) -> list[PlannedDelivery]:
    """Each address once for each part; those with the same part follow each other."""
    groups: dict[Part, dict[str, Addressee]] = {}
    for row in rows:
        key = str(row.row) if row.refusal else f"address {address_key(row.address)}"
        groups.setdefault(row.part, {}).setdefault(key, row)
    found = [row for group in groups.values() for row in group.values()]
    return [
        PlannedDelivery(
            channel=channel,
            recipient=row.address if row.address and not misfit(row.address) else f"row {row.row}",
            message=number + index,
            entry=HOPELESS if row.refusal else entry,
            part=OWN if row.refusal else row.part,
            refusal=row.refusal,
        )
        for index, row in enumerate(found)
    ]
