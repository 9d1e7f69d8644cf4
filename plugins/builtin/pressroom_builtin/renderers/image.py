"""`image`: a picture of each dashboard, for the body of a message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

import pydantic

from pressroom import Context, Document, Edition, PluginConfig, PluginOptions, Renderer, Section
from pressroom.locales import Locale
from pressroom_builtin.renderers import typst_engine
from pressroom_builtin.renderers.names import Names, safe
from pressroom_builtin.renderers.pages import Paper, book, compiled
from pressroom_builtin.renderers.panels import Press
from pressroom_builtin.renderers.pdf import brand, set_in

POINTS = 0.75
"""A CSS pixel in points."""
MARGIN = 16
"""Around the picture, in CSS pixels."""
PIXELS = 40_000_000
"""A picture with more is drawn at a smaller scale: mail programs give up on larger ones, and so does memory."""


class ImageOptions(PluginOptions):
    """`formats: [{image: {scale: 1, width: 800}}]`."""

    scale: Annotated[float, pydantic.Field(ge=1, le=3)] = pydantic.Field(
        default=2.0, description="Pixels of the picture to a CSS pixel; 2 is sharp on most screens."
    )
    width: Annotated[int, pydantic.Field(ge=320, le=2400)] = pydantic.Field(
        default=1000, description="Width in CSS pixels."
    )


class ImageRenderer(Renderer[PluginConfig, ImageOptions]):
    """PNG pictures that look like the PDF, laid out by Typst."""

    name = "image"
    summary = "A PNG picture of each dashboard, shown in the message"
    Options: ClassVar[type[PluginOptions]] = ImageOptions
    requires = ("typst", "vl_convert", "PIL")
    media_type = "image/png"
    suffix = ".png"

    def check(self) -> str:
        """Prove that the fonts are there."""
        return set_in()

    def render(self, edition: Edition, options: ImageOptions, context: Context) -> Iterator[Document]:
        """A document for each dashboard, to be shown inline."""
        names = Names()
        for section in edition.sections:
            stem = safe(edition.filename, "report")
            if len(edition.sections) > 1:
                stem = f"{stem} - {safe(section.title, section.uid)}"
            yield self._document(edition, section, names.unique(stem, self.suffix), options, context)

    def _document(
        self, edition: Edition, section: Section, name: str, options: ImageOptions, context: Context
    ) -> Document:
        paper = Paper(options.width * POINTS, 0.0, MARGIN * POINTS, MARGIN * POINTS, POINTS, endless=True)
        press = Press(context, Locale.of(edition.locale), edition.branding.image_theme, paper.unit, max_rows=1_000)
        brand(edition, press)
        made = book(edition, (section,), paper, press)
        height = round(made.height / POINTS)
        scale = min(options.scale, (PIXELS / (options.width * height)) ** 0.5)
        if scale < options.scale:
            press.warnings.append(
                f"the picture is so high that it is drawn at {scale:.2g} instead of {options.scale:g}"
            )
        content = compiled(made, press, lambda: typst_engine.png(made, press.assets, context.folder, scale=scale))
        path = f"{self.name}-{name}"
        (context.folder / path).write_bytes(content)
        return Document(
            name=name,
            media_type=self.media_type,
            path=path,
            size=len(content),
            format=self.name,
            inline=True,
            section=section.uid,
            width=options.width,
            height=height,
            warnings=tuple(press.warnings),
        )
