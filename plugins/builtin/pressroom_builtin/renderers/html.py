"""`html`: a report as one file for a browser, with charts that tell their values, and nothing loaded from anywhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import pydantic

from pressroom import Context, Document, Edition, PluginConfig, PluginOptions, Renderer, Section
from pressroom.locales import Locale, clean
from pressroom.templating import one_line
from pressroom_builtin.drawing.themes import DARK, LIGHT
from pressroom_builtin.renderers.html_engine import bundle, own, policy
from pressroom_builtin.renderers.html_fonts import faces
from pressroom_builtin.renderers.html_stage import Charts
from pressroom_builtin.renderers.logo import load
from pressroom_builtin.renderers.web_panels import CELL, LINKS, THEMES, Desk, template
from pressroom_builtin.renderers.whole import document_of, name_of


class HtmlOptions(PluginOptions):
    """`formats: [{html: {theme: reader}}]`."""

    theme: Literal["report", "reader"] = pydantic.Field(
        default="report",
        description="Which theme the page begins with: the report's, or what the reader's system prefers; a button "
        "changes it.",
    )
    max_rows: Annotated[int, pydantic.Field(ge=1, le=10_000)] = pydantic.Field(
        default=1_000, description="Rows of a table at most; the page says how many there are."
    )
    fonts: bool = pydantic.Field(
        default=True,
        description="Carry the letters that the page shows in the font of the PDF, 0.1 MB for most reports; without, "
        "the reader's own font sets them.",
    )
    live: bool = pydantic.Field(
        default=True,
        description="Charts tell their values and tables can be sorted: 0.9 MB of scripts. Without, the page has "
        "pictures and no scripts.",
    )


class HtmlRenderer(Renderer[PluginConfig, HtmlOptions]):
    """One file that needs no network, in the look of the PDF; without scripts it shows the same as pictures."""

    name = "html"
    summary = "One file for a browser, with charts that tell their values, offline"
    Options: ClassVar[type[PluginOptions]] = HtmlOptions
    requires = ("vl_convert", "jinja2", "markdown_it", "PIL", "fontTools")
    media_type = "text/html"
    suffix = ".html"

    def render(self, edition: Edition, options: HtmlOptions, context: Context) -> Iterator[Document]:
        """One document of all dashboards."""
        charts = Charts() if options.live else None
        scripts = (bundle(self.setup.scratch), own()) if charts is not None else ()
        warnings: list[str] = []
        values = _values(edition, options, context, charts, warnings)
        values["policy"] = policy(*scripts)
        page = clean(template(__package__, "report.html.j2").render(values))
        if charts is not None:
            locale = Locale.of(edition.locale)
            data = charts.json({"formatLocale": locale.d3_format(), "timeFormatLocale": locale.d3_time()})
            page += f'<script type="application/json" id="report-data">{data}</script>\n'
        context.check()
        if options.fonts:
            page = page.replace("<style>\n", f"<style>\n{faces(page)}\n", 1)
        content = "".join(
            [page, *(f"<script>{script}</script>\n" for script in scripts), "</body>\n</html>\n"]
        ).encode()
        (context.folder / name_of(self, edition)[1]).write_bytes(content)
        yield document_of(self, edition, context, charset=True, warnings=warnings)


def _values(
    edition: Edition, options: HtmlOptions, context: Context, charts: Charts | None, warnings: list[str]
) -> dict[str, Any]:
    """What the template shows."""
    branding, locale = edition.branding, Locale.of(edition.locale)
    # paper is white: what is printed is drawn in the light theme
    themes = (LIGHT,) if options.theme == "report" and branding.theme == "light" else THEMES
    sections, number = [], 0
    for section in edition.sections:
        desk = Desk(context, locale, section.zone, rows=options.max_rows, themes=themes, stage=charts)
        panels = [desk.panel(panel, number + place) for place, panel in enumerate(section.panels)]
        number += len(panels)
        sections.append(_section(section, edition, locale) | {"panels": panels})
    footer = branding.footer_url if branding.footer_url.lower().startswith(LINKS) else ""
    return {
        "lang": locale.tag,
        "title": one_line(edition.title) or edition.report,
        "author": one_line(edition.author),
        "generated": locale.word("generated", moment=locale.moment(edition.composed_at, edition.zone)),
        "theme": branding.theme if options.theme == "report" else "",
        "theme_words": f"{LIGHT.name} / {DARK.name}",
        "themes": THEMES,
        "cell": CELL,
        "sections": sections,
        "warnings": edition.warnings,
        "logo": _logo(edition, context, locale, warnings),
        "footer": one_line(branding.footer_text),
        "footer_url": footer,
        "sent_by": locale.word("sent_by"),
        "open_words": locale.word("open_dashboard"),
        "no_data": locale.word("no_data"),
    }


def _section(section: Section, edition: Edition, locale: Locale) -> dict[str, Any]:
    everything = locale.word("all")
    chosen = [(it.label or it.name, everything if it.everything else ", ".join(it.values)) for it in section.choices]
    title = one_line(section.title) or section.uid
    return {
        "title": title,
        "titled": edition.branding.show_title and (len(edition.sections) > 1 or title != edition.title),
        "description": section.description,
        "range": locale.time_range(section.start, section.end, section.zone)
        if edition.branding.show_time_range
        else "",
        "zone": section.zone,
        "choices": chosen if edition.layout.show_variables else [],
        "url": section.url if section.url.lower().startswith(LINKS) else "",
    }


def _logo(edition: Edition, context: Context, locale: Locale, warnings: list[str]) -> str:
    """The report's logo as a data address; one that cannot be shown is a warning."""
    if not edition.branding.report_logo or not edition.branding.show_header:
        return ""
    try:
        logo = load(context.folder / edition.branding.report_logo)
    except ValueError as error:
        warnings.append(locale.word("logo_missing", reason=f"{edition.branding.report_logo} {error}"))
        return ""
    return f"data:image/png;base64,{b64encode(logo.content).decode()}"
