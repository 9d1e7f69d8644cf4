"""Making: a run's recipients are taken, then its parts are composed and rendered, each kept as soon as it is done.

A run has one part, or, where a query gives recipients, one for each distinct set of values that they get to see.
A part that fails takes the others along in no way: they go out, and its recipients are refused with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pressroom.errors import Cancelled, LeaseLost, PressroomError, StepError, StoreError
from pressroom.failpoints import failpoint
from pressroom.models.projects import Project
from pressroom.models.reports import Report
from pressroom.models.runs import DeliveryState, Run, RunState
from pressroom.press.bursts import bursts, seen_by
from pressroom.press.compose import Occasion, compose
from pressroom.press.folders import take
from pressroom.press.judging import unmet
from pressroom.press.mailing import FindChannel
from pressroom.press.parts import OWN, Part, label, part_folder, part_of, place
from pressroom.press.progress import COMPOSING, RENDERING
from pressroom.press.recipients import Asking
from pressroom.press.render import Rendered, load_made, render, save_made
from pressroom.press.retries import may_pass
from pressroom.press.scenes import explain
from pressroom.renderers import Document, Edition

if TYPE_CHECKING:
    from pressroom.host import Host
    from pressroom.press.sittings import Sitting

BEGUN = "begun"
"""In a part's folder while it is made: how often that was begun by processes that died over it."""


@dataclass(frozen=True)
class Making:
    """What every part of a run has in common."""

    host: Host
    sitting: Sitting
    project: Project
    report: Report
    occasion: Occasion


def wanted_parts(run: Run, report: Report) -> list[Part]:
    """The parts that somebody still waits for, in the order of their messages."""
    if not bursts(report):
        return [OWN]
    waiting = [each for each in run.deliveries if each.state is DeliveryState.planned]
    return list(dict.fromkeys(part_of(each.variables) for each in waiting))


def make(host: Host, sitting: Sitting, find: FindChannel) -> Run | None:
    """Bring a run up to where the documents lie ready for everybody who is to get them.

    Args:
        find: gives a channel instance by name.

    Returns:
        The run where that was its end because nobody is to get anything; None where it is to be delivered.

    Raises:
        StepError: nothing can be made, or not everything yet.
    """
    claim, run = sitting.claim, sitting.run
    take(sitting.context.folder, run)
    report = Report.model_validate(run.snapshot)
    occasion = Occasion(run.planned_at, run.id, run.kind)
    making = Making(host, sitting, host.press.project(run.project), report, occasion)
    if bursts(report):
        _address(making, find)
    failpoint("press.addressed")
    run = host.ledger.get(run.id)
    parts = wanted_parts(run, report)
    there = _make_parts(making, parts)
    _tell(making, _all_parts(run, report))
    failpoint("press.made")
    return None if there else claim.finish()


def _address(making: Making, find: FindChannel) -> None:
    """Take the recipients that queries give, unless that was done before."""
    claim, host, sitting = making.sitting.claim, making.host, making.sitting
    claim.advance(RunState.composing)
    if sitting.run.addressed_at is None:
        context = sitting.context.within(progress=sitting.teller.part(COMPOSING))
        context.progress("asking for recipients")
        asking = Asking.begin(host, making.project, making.report, making.occasion, context, find=find)
        found, notes = asking.recipients()
        claim.warn(*notes)
        first = 1 + max((each.message for each in sitting.run.deliveries), default=-1)
        claim.address([msgspec.structs.replace(each, message=first + each.message) for each in found])
    deliveries = host.ledger.get(sitting.run.id).deliveries
    if not deliveries:
        claim.skip("not sent: the recipients' query gave no rows, so there is nobody to send it to")
    elif all(each.entry is None for each in deliveries):
        claim.warn("the recipients' query gave no rows")


def _all_parts(run: Run, report: Report) -> list[Part]:
    """Also those that everybody has who waited for them."""
    return list(dict.fromkeys(part_of(each.variables) for each in run.deliveries)) if bursts(report) else [OWN]


def _make_parts(making: Making, parts: Sequence[Part]) -> bool:
    """Make each part that is not kept; those that fail stop no other. Gives whether there is any to deliver."""
    sitting, waiting, there = making.sitting, list[str](), False
    for index, part in enumerate(parts):
        try:
            there |= _make_part(making, part, (index, len(parts)))
        except (LeaseLost, Cancelled, StoreError):
            raise
        except Exception as error:
            sitting.context.check()
            if not bursts(making.report):
                raise
            if not isinstance(error, PressroomError):
                sitting.context.log.exception("the part %s failed", label(part))
            reason = ": ".join(filter(None, (label(part), explain(error))))
            if may_pass(error) and not sitting.last:
                waiting.append(reason)
            else:
                sitting.claim.refuse_part(part, reason)
    if waiting:
        raise StepError("; ".join(waiting), transient=True)
    return there


def _make_part(making: Making, part: Part, place_in_line: tuple[int, int]) -> bool:
    """Compose, judge and render one part, and keep it; one that is kept stays as it is. Gives whether it is there."""
    sitting = making.sitting
    folder = part_folder(sitting.context.folder, part)
    if load_made(folder) is not None:
        return True
    deaths = _begin(folder) if part != OWN else 0
    try:
        if deaths >= max(1, making.host.settings.retries.tries - 1):
            raise StepError(f"whoever worked on it died {deaths} times")
        edition = _compose(making, part, folder, place_in_line)
        if edition is not None:
            _render(making, edition, folder, place_in_line)
        return edition is not None
    finally:
        # only a process that dies leaves it there
        (folder / BEGUN).unlink(missing_ok=True)


def _begin(folder: Path) -> int:
    """Note that a part is begun; gives how many processes died over it."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / BEGUN
    deaths = int(mark.read_text() or 0) if mark.exists() else 0
    mark.write_text(str(deaths + 1))
    return deaths


def _compose(making: Making, part: Part, folder: Path, place_in_line: tuple[int, int]) -> Edition | None:
    """A part's edition; None where the report's condition is not met, which is written down."""
    sitting, host = making.sitting, making.host
    claim = sitting.claim
    claim.advance(RunState.composing)
    context = sitting.context.within(folder=folder, progress=sitting.teller.part(_span(COMPOSING, place_in_line)))
    report = seen_by(host, making.project.uid, making.report, part, context)
    edition = compose(host, making.project, report, making.occasion, context)
    failpoint("press.composed")
    why = unmet(report.condition, edition, folder)
    if not why:
        host.plugins.edition_composed(sitting.run, edition)
        return edition
    if bursts(report):
        claim.skip_part(part, why)
    else:
        claim.skip(why)
    return None


def _render(making: Making, edition: Edition, folder: Path, place_in_line: tuple[int, int]) -> None:
    sitting = making.sitting
    sitting.claim.advance(RunState.rendering)
    context = sitting.context.within(folder=folder, progress=sitting.teller.part(_span(RENDERING, place_in_line)))
    rendered = render(making.host, edition, making.report.formats, context)
    failpoint("press.rendered")
    save_made(edition, rendered, folder)
    failpoint("press.kept")


def _span(span: tuple[float, float], place_in_line: tuple[int, int]) -> tuple[float, float]:
    """A step's share of the run, where its part is one of several."""
    index, count = place_in_line
    whole = RENDERING[1]
    return (whole * index + span[0]) / count, (whole * index + span[1]) / count


def _tell(making: Making, parts: Sequence[Part]) -> None:
    """Write down what is kept of the run's parts."""
    claim = making.sitting.claim
    documents: list[Document] = []
    for part in parts:
        made = load_made(part_folder(making.sitting.context.folder, part))
        if made is None:
            continue
        edition, rendered = made
        documents += placed(rendered, part)
        whose = f"{label(part)}: " if part else ""
        claim.warn(*(whose + text for text in (*edition.warnings, *rendered.warnings)))
        claim.note_errors(*(whose + text for text in (*edition.errors, *rendered.errors)))
    claim.save_documents(documents)


def placed(rendered: Rendered, part: Part) -> list[Document]:
    """A part's documents with their paths relative to the run's folder."""
    if part == OWN:
        return list(rendered.documents)
    below = place(part)
    return [msgspec.structs.replace(each, path=f"{below}/{each.path}") for each in rendered.documents]
