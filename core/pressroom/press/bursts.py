"""Bursts: recipients that a query gives, each of whom gets the report as made for their own values of variables.

The queries are asked once, when work on the run begins; what they give goes into the ledger before anything is
made or sent, so a run that is taken up again has the same recipients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressroom.channels import Recipient
from pressroom.context import Context
from pressroom.errors import QueryError, StepError
from pressroom.models.projects import Project
from pressroom.models.reports import RecipientQuery, Report
from pressroom.models.runs import Delivery
from pressroom.panics import contained
from pressroom.press.compose import Occasion
from pressroom.press.datasets import read_frames
from pressroom.press.ledger_plan import HOPELESS, PlannedDelivery, misfit
from pressroom.press.mailing import FindChannel, Letter
from pressroom.press.parts import OWN, Part, part_of, variables_of
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


def bursts(report: Report) -> bool:
    """Whether any recipients of a report come from a query."""
    return any(delivery.recipients for delivery in report.deliveries)


def ask_recipients(
    host: Host, project: Project, report: Report, occasion: Occasion, context: Context, *, find: FindChannel
) -> list[PlannedDelivery]:
    """Ask all queries for recipients of a report.

    Args:
        find: gives a channel instance by name.

    Returns:
        One message for each recipient and distinct set of values, those with the same values together; numbered
        from 0. A row that nothing can be sent for is refused.

    Raises:
        StepError: a query failed, gives too many rows, or lacks a column; no dashboard has a variable.
    """
    planned: list[PlannedDelivery] = []
    scene = _first_scene(host, project, report, occasion, context)
    for entry, delivery in enumerate(report.deliveries):
        asked = delivery.recipients
        if asked is None:
            continue
        check_variables(host, project.uid, report, part_of(dict.fromkeys(asked.variables, ())), context)
        column = asked.address if find(delivery.channel).addressed else ""
        try:
            frame = _ask(host, project.uid, asked, scene, context)
            rows = list(_addressees(frame, asked, column, delivery.channel))
        except StepError as error:
            where = f"deliveries[{entry}].recipients"
            raise type(error)(f"{where}: {error.message}", transient=error.transient) from error
        planned += _planned(rows, entry, delivery.channel, len(planned))
    return planned


def burst_letters(report: Report, deliveries: Sequence[Delivery]) -> list[Letter]:
    """The messages of a run's recipients that queries gave.

    Args:
        deliveries: of the run.
    """
    return [
        Letter(
            each.message,
            each.channel,
            (Recipient(address=each.recipient, role=each.role),),
            report.deliveries[each.entry],
            part_of(each.variables),
        )
        for each in deliveries
        if each.entry is not None and each.entry != HOPELESS
    ]


def seen_by(host: Host, project: str, report: Report, part: Part, context: Context) -> Report:
    """The report with a part's values chosen in every dashboard that has such a variable.

    Raises:
        StepError: no dashboard has one of the variables, so everybody would get to see the same.
    """
    if part == OWN:
        return report
    known = check_variables(host, project, report, part, context)
    chosen = variables_of(part)
    dashboards = [
        item.model_copy(
            update={"variables": item.variables | {name: chosen[name] for name in chosen if name in known[item.uid]}}
        )
        for item in report.dashboards
    ]
    return report.model_copy(update={"dashboards": dashboards})


def check_variables(host: Host, project: str, report: Report, part: Part, context: Context) -> Mapping[str, set[str]]:
    """See that each variable of a part is one of a dashboard.

    Returns:
        Names of the variables by the dashboard's uid.

    Raises:
        StepError: one is of none; NotFound: a dashboard is gone.
    """
    known: dict[str, set[str]] = {}
    for item in report.dashboards:
        dashboard = find_dashboard(host, project, item.uid, context)
        known[item.uid] = {variable.name for variable in dashboard.variables}
    for name, _ in part:
        if not any(name in names for names in known.values()):
            there = ", ".join(sorted(set().union(*known.values()))) or "none"
            raise StepError(
                f"no dashboard of the report has the variable {name!r}, so everybody would get to see the same; "
                f"there are: {there}"
            )
    return known


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
        key = str(row.row) if row.refusal else f"address {row.address.casefold()}"
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
