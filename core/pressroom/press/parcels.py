"""What the messages of each part of a run are made of, read from where it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressroom.context import Context
from pressroom.errors import NotFound, StepError
from pressroom.locales import Locale
from pressroom.models.reports import Report
from pressroom.models.runs import Run
from pressroom.press.backlinks import backlinks
from pressroom.press.bursts import seen_by
from pressroom.press.deliver import Parcel
from pressroom.press.making import placed
from pressroom.press.parts import Part, label, part_folder
from pressroom.press.render import load_made

if TYPE_CHECKING:
    from pressroom.host import Host


class Parcels:
    """Gives a part's parcel. Messages of the same part follow each other, so one is held at a time.

    Args:
        run: as it stands now that its parts are made.
        context: its folder is the run's.
    """

    def __init__(self, host: Host, run: Run, report: Report, context: Context) -> None:
        self._host, self._run, self._report, self._context = host, run, report, context
        self._project = host.press.project(run.project)
        self._numbers = {str(each["path"]): number for number, each in enumerate(run.documents)}
        self._held: tuple[Part, Parcel] | None = None

    def __call__(self, part: Part) -> Parcel:
        """What all messages of a part have in common.

        Raises:
            StepError: it is not kept any more.
        """
        if self._held is None or self._held[0] != part:
            self._held = part, self._read(part)
        return self._held[1]

    def _read(self, part: Part) -> Parcel:
        folder = part_folder(self._context.folder, part)
        made = load_made(folder)
        if made is None:
            raise StepError("documents are gone from the run's folder; they are made again", transient=True)
        edition, rendered = made
        paths = [each.path for each in placed(rendered, part)]
        numbered = dict(zip((self._numbers[path] for path in paths), rendered.documents, strict=True))
        report = self._seen(part)
        return Parcel(
            self._project,
            report,
            self._run,
            edition,
            rendered.documents,
            edition.errors + rendered.errors,
            folder,
            backlinks(self._host, self._run, report, edition, numbered),
        )

    def _seen(self, part: Part) -> Report:
        """The report with the part's values, for links; without links where its dashboards were changed meanwhile.

        A test says whose values it has.
        """
        try:
            report = seen_by(self._host, self._run.project, self._report, part, self._context)
        except (NotFound, StepError):
            report = self._report.model_copy(update={"dashboard_links": False})
        sampled = any(each.recipients and each.recipients.sample for each in report.deliveries)
        if not sampled:
            return report
        words = Locale.of(report.locale or self._project.locale)
        note = words.word("burst_sample", variables=label(part) or "-")
        return report.model_copy(update={"message": "\n\n".join(filter(None, (note, report.message)))})
