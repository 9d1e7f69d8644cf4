"""`text`: words between the charts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import pydantic

from pressroom import (
    ChartError,
    ChartFormatter,
    Context,
    Dataset,
    Figure,
    PluginConfig,
    PluginOptions,
    Request,
    TemplateError,
    Text,
)
from pressroom.locales import NULL, Locale
from pressroom.templating import check_template, render_prose
from pressroom_builtin.charts.shaping import chosen

MAX_TEXT = 20_000
"""Characters of a text."""
NAMES: Mapping[str, Collection[str]] = {
    "title": (),
    "range": ("start", "end", "text"),
    "variables": (),
    "row": (),
    "value": (),
}
"""What a text may name in `{{ }}`."""
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


class TextOptions(PluginOptions):
    """What is written."""

    markdown: str = pydantic.Field(
        min_length=1,
        max_length=MAX_TEXT,
        description="Markdown: headings, lists, emphasis, links. `{{ variables.NAME }}`, `{{ range.text }}` and, of a "
        "query's first row, `{{ row.COLUMN }}` as people read it are filled in; `{% if value.COLUMN > 5 %}` compares "
        "its numbers. HTML is shown as it stands.",
    )

    @pydantic.field_validator("markdown")
    @classmethod
    def _allowed(cls, text: str) -> str:
        try:
            check_template(text, NAMES, MAX_TEXT)
        except TemplateError as error:
            raise ValueError(error.message) from error
        return text


class TextChart(ChartFormatter[PluginConfig, TextOptions]):
    """Words between the charts; of a query, where there is one, the first row can be named in them."""

    name = "text"
    summary = "Markdown with the range, the variables and a query's first row filled in"
    Options = TextOptions
    asks = "maybe"
    needs = "no query, or one whose first row the text names"

    def rows(self, dataset: Dataset, options: TextOptions, request: Request) -> Dataset:
        """What the query gives, as it is."""
        return chosen(dataset, dataset.columns)

    def figure(self, rows: Dataset, options: TextOptions, request: Request, context: Context) -> Figure:
        """The text filled in; what is filled in stays text, whatever marks are in it.

        Raises:
            ChartError: it names what is not there.
        """
        locale, window = Locale.of(request.locale), request.window
        raw = next(rows.batches(1)).row(0) if rows.rows else (None,) * len(rows.columns)
        values = dict(zip((column.name for column in rows.columns), raw, strict=True))
        shown = {}
        for column in rows.columns:
            value = values[column.name]
            if column.kind == "number":
                shown[column.name] = locale.number(value, column.format, column.unit)
            elif column.kind == "time":
                shown[column.name] = NULL if value is None else locale.moment(value, window.zone)
            else:
                shown[column.name] = request.missing if value is None else str(value)
        names = {
            "title": literal(request.title),
            "range": {
                "start": window.start,
                "end": window.end,
                "text": literal(locale.time_range(window.start, window.end, window.zone)),
            },
            "variables": {name: [literal(value) for value in chosen] for name, chosen in request.variables.items()},
            "row": {name: literal(text) for name, text in shown.items()},
            "value": {name: literal(value) if isinstance(value, str) else value for name, value in values.items()},
        }
        try:
            return Text(markdown=render_prose(options.markdown, names, locale=request.locale, zone=window.zone))
        except TemplateError as error:
            raise ChartError(f"chart {request.uid} (text): {error.message}") from error


def literal(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(line.strip(" \t") for line in text.splitlines()).strip(" "))
