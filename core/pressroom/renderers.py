"""Report renderers: the interface, `Edition` (what they are given) and `Document` (what they make)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal

import msgspec

from pressroom.charts import Figure
from pressroom.context import Context
from pressroom.extension import C, Extension, O
from pressroom.models.dashboards import Grid
from pressroom.sources import Column, Dataset, Spool


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """A panel's rows: columns and the spool that holds them in the run's folder."""

    columns: tuple[Column, ...]
    spool: Spool
    truncated: bool = False

    def dataset(self, folder: Path) -> Dataset:
        """The rows as a dataset; `folder` is the run's."""
        return Dataset(self.columns, self.spool.rows, self.truncated, self.spool, folder)


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """A chart in its place.

    Attributes:
        uid, title, type: of the chart.
        grid: its place on the dashboard's 24 columns.
        figure: what is drawn; None where the chart failed.
        rows: its data; None where the chart failed.
        error: why the chart failed; empty where it did not. Renderers show it in the panel's place.
    """

    uid: str
    title: str
    type: str
    grid: Grid
    figure: Figure | None = None
    rows: Rows | None = None
    error: str = ""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A variable's chosen values; `everything` where the choice is "all"."""

    name: str
    label: str
    values: tuple[str, ...]
    everything: bool = False


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One dashboard of the edition, with its resolved time range (end exclusive) and its zone."""

    uid: str
    title: str
    description: str
    start: datetime
    end: datetime
    zone: str
    choices: tuple[Choice, ...]
    panels: tuple[Panel, ...]
    url: str = ""


class FooterPart(msgspec.Struct, frozen=True, kw_only=True):
    """Something at the foot of a document's pages; see `pressroom.models.reports.FooterItem`."""

    kind: Literal["page", "date", "text", "logo", "space"]
    text: str = ""
    size: float = 0.0
    bold: bool = False
    italic: bool = False
    color: str = ""


class Branding(msgspec.Struct, frozen=True, kw_only=True):
    """How a report looks and is signed.

    Attributes:
        report_logo, email_logo: names of image files in the run's folder; empty for none.
        footer_text, footer_url: "Sent by <text>" in messages; empty for none.
        page_footer: at the foot of a document's pages, from left to right; empty for the page number.
        theme: of the PDF.
        image_theme: of embedded pictures.
        show_header, show_title, show_time_range: parts of a page's header: the report's name with the moment that
            it was made, the dashboard's title, its time range.
    """

    report_logo: str = ""
    email_logo: str = ""
    footer_text: str = ""
    footer_url: str = ""
    page_footer: tuple[FooterPart, ...] = ()
    theme: Literal["light", "dark"] = "light"
    image_theme: Literal["light", "dark"] = "light"
    show_header: bool = True
    show_title: bool = True
    show_time_range: bool = True


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How pages are laid out.

    Attributes:
        scale: 1.0 is 100 %; larger draws larger, so less fits on a page.
        combine: several dashboards in one document, else one each.
        show_variables: print the chosen variables under the title.
    """

    orientation: Literal["portrait", "landscape"] = "landscape"
    layout: Literal["grid", "simple"] = "grid"
    scale: float = 1.0
    combine: bool = False
    show_variables: bool = False


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """A report composed at one moment; plain data that crosses processes and survives a retry.

    Attributes:
        report: uid of the report; empty for an ad hoc one.
        title: the report's name.
        filename: base of the documents' names, without a suffix, safe for every file system.
        author: the project's name.
        locale: BCP 47 tag for numbers, dates and the words on the page, such as `en` or `zh`.
        planned_at: the moment that the report was due, in UTC; relative ranges were resolved at it.
        composed_at: when its data was read.
        password: readers must enter it to open the document; empty for none.
        warnings: sentences for people, such as a variable that no dashboard has.
    """

    report: str
    title: str
    filename: str
    author: str
    locale: str
    zone: str
    planned_at: datetime
    composed_at: datetime
    sections: tuple[Section, ...]
    branding: Branding = Branding()
    layout: Layout = Layout()
    password: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[str, ...]:
        """What every failed panel says, in order."""
        return tuple(panel.error for section in self.sections for panel in section.panels if panel.error)


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A rendered file.

    Attributes:
        name: file name that the reader sees.
        media_type: such as `application/pdf`.
        path: where it lies, relative to the run's folder.
        size: in bytes.
        format: name of the renderer.
        inline: True for pictures that belong in a message's body rather than beside it.
        section: uid of the dashboard that it shows; empty for all.
        width, height: of an inline picture, in CSS pixels; 0 where unknown.
        warnings: what could not be shown, for the run's record.
    """

    name: str
    media_type: str
    path: str
    size: int
    format: str
    inline: bool = False
    section: str = ""
    width: int = 0
    height: int = 0
    warnings: tuple[str, ...] = ()


class Renderer(Extension[C, O]):
    """A report format. Used from several threads or child processes; keeps nothing of a run."""

    media_type: ClassVar[str] = "application/octet-stream"
    suffix: ClassVar[str] = ""
    protects: ClassVar[bool] = False
    """True where `Edition.password` is needed to open the documents; people are told of formats where it is not."""

    @abstractmethod
    def render(self, edition: Edition, options: O, context: Context) -> Iterable[Document]:
        """Write the edition's documents into `context.folder`, and yield each as it is finished.

        `context.folder` is the run's folder; write into it under names that begin with the renderer's
        own. Panels with an error are shown as that error, never left out. The same edition and options
        give the same bytes.

        Raises:
            RenderError: the document cannot be made at all.
        """
