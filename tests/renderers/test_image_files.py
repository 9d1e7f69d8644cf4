"""Pictures of dashboards."""

from __future__ import annotations

from io import BytesIO

import polars as pl
import pytest
from PIL import Image

from pressroom import Branding, Text, VegaLite


def picture(desk, document):
    return Image.open(BytesIO(desk.bytes(document)))


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_size_in_pixels_and_on_the_page(desk, bars, scale):
    edition = desk.edition(desk.section(desk.panel(bars()), desk.panel(bars(), grid=(0, 8, 24, 4))))
    (document,) = desk.render("image", edition, scale=scale, width=640)
    image = picture(desk, document)
    assert image.format == "PNG"
    assert (document.width, document.inline, document.media_type) == (640, True, "image/png")
    assert abs(image.width - 640 * scale) <= 1
    assert abs(image.height - document.height * scale) <= scale
    assert document.size == len(desk.bytes(document))


@pytest.mark.parametrize(("theme", "dark"), [("light", False), ("dark", True)])
def test_the_theme_is_the_one_of_pictures(desk, bars, theme, dark):
    edition = desk.edition(desk.section(desk.panel(bars())), branding=Branding(image_theme=theme))
    (document,) = desk.render("image", edition, scale=1)
    corner = picture(desk, document).convert("RGB").getpixel((2, 2))
    assert (sum(corner) < 200) is dark


def test_one_picture_a_dashboard(desk, bars):
    sections = [desk.section(desk.panel(bars()), uid=f"u{n}", title="Same") for n in range(2)]
    documents = desk.render("image", desk.edition(*sections), scale=1)
    assert [document.section for document in documents] == ["u0", "u1"]
    assert len({document.name for document in documents}) == 2


def test_panels_that_fail_and_none_at_all(desk):
    panels = (desk.panel(None, error="no such table"), desk.panel(VegaLite(spec={"mark": 5}), grid=(12, 0, 12, 8)))
    (document,) = desk.render("image", desk.edition(desk.section(*panels)), scale=1)
    assert len(document.warnings) == 1
    (empty,) = desk.render("image", desk.edition(desk.section()), scale=1)
    assert empty.height > 0


def test_an_enormous_dashboard_stays_a_picture(desk):
    panels = [desk.panel(Text(markdown="x"), "T", (0, n * 1000, 24, 1000)) for n in range(5)]
    (document,) = desk.render("image", desk.edition(desk.section(*panels)), scale=3)
    image = picture(desk, document)
    assert image.width * image.height < 41_000_000
    assert document.warnings


def test_tables_show_their_first_rows(desk):
    frame = pl.DataFrame({"n": range(5000)})
    edition = desk.edition(desk.section(desk.table(frame)))
    (first,) = desk.render("image", edition, scale=1)
    before = desk.bytes(first)
    (second,) = desk.render("image", edition, scale=1)
    assert desk.bytes(second) == before
