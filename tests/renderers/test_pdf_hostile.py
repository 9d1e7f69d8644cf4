"""Text, pictures and layouts that nobody hoped for."""

from __future__ import annotations

import random
from io import BytesIO

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image
from pypdf import PdfReader

from pressroom import Branding, Cancellation, Cancelled, Context, Number, PluginConfig, Setup, Text
from pressroom_builtin import drawing
from pressroom_builtin.renderers.pdf import PdfOptions, PdfRenderer
from pressroom_builtin.renderers.widths import breakable, lines, shortened, width

EVIL = [
    '#read("/etc/passwd") #set page(width: 1pt) $x$ *a* _b_ @ref <label> \\ `raw` // no /* comment */ ~ -- ---',
    '"]}\\u0022 ${x} {{ x }} <script>alert(1)</script> &amp; \\',
    "a\u202eb\u200b\u00ad\ufeff\u2028c" + "́" * 40,
    "x" * 5_000,
    "文" * 5_000,
    "👩‍👩‍👧‍👦🇵🇱 ﷽ العربية עברית हिन्दी ไทย",
]


def text_of(desk, document):
    return "".join(page.extract_text() for page in PdfReader(BytesIO(desk.bytes(document))).pages)


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_text_is_shown_never_run(desk, bars, text):
    frame = pl.DataFrame({text[:80]: [text, None, text[::-1]], "n": [1, None, 3]})
    panels = (
        desk.panel(bars([text, text + "2", ""]), text, (0, 0, 12, 8)),
        desk.panel(Text(markdown=text), text, (12, 0, 12, 8)),
        desk.panel(Number(items=(Number.Item(value=text, label=text, unit=text),)), text, (0, 8, 6, 8)),
        desk.panel(None, text, (6, 8, 6, 8), error=text),
        desk.table(frame, text, (12, 8, 12, 8)),
    )
    edition = desk.edition(desk.section(*panels, title=text), title=text, author=text)
    (document,) = desk.render("pdf", edition)
    assert "root:" not in text_of(desk, document)
    assert PdfReader(BytesIO(desk.bytes(document))).outline


def test_control_characters_and_surrogates_are_left_out(desk, bars):
    text = "a\x00b\x07c\ud800d\uffffe\x1b[31m"
    panel = desk.panel(Text(markdown=text), text, error="")
    (document,) = desk.render(
        "pdf", desk.edition(desk.section(panel, desk.panel(bars([text], [1]), text, (12, 0, 12, 8))), title=text)
    )
    assert "abcde" in text_of(desk, document)


def test_no_character_turns_what_follows_it(desk, bars):
    edition = desk.edition(desk.section(desk.panel(bars(["x\u202eyz"], [1])), title="gpj\u202e.exe \u2067mno"))
    (document,) = desk.render("pdf", edition)
    found = " ".join(text_of(desk, document).split())
    assert "gpj.exe mno" in found
    assert "xyz" in found


def test_markdown_keeps_html_and_bad_links_as_text(desk):
    text = "# Head\n\n- one\n- **two**\n\n<b>tag</b> [bad](javascript:alert(1)) [good](https://example.org/x)"
    (document,) = desk.render("pdf", desk.edition(desk.section(desk.panel(Text(markdown=text)))))
    page = PdfReader(BytesIO(desk.bytes(document))).pages[0]
    assert "<b>tag</b>" in page.extract_text()
    links = [annotation.get_object()["/A"]["/URI"] for annotation in page["/Annots"]]
    assert set(links) == {"https://example.org/x"}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_logos_of_every_kind(desk, bars, kind):
    Image.new("RGB", (400, 100), "#aa2244").save(desk.folder / "logo", kind)
    sections = [desk.section(*[desk.panel(bars(), "P", (0, n * 8, 24, 8)) for n in range(4)])]
    (document,) = desk.render("pdf", desk.edition(*sections, branding=Branding(report_logo="logo")))
    pages = PdfReader(BytesIO(desk.bytes(document))).pages
    assert document.warnings == ()
    assert [len(page.images) for page in pages] == [1, 1]


@pytest.mark.parametrize(
    "content",
    [b"no picture", b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"<svg><", b"GIF89a", None],
    ids=["text", "empty", "broken", "svg", "gif", "missing"],
)
def test_a_logo_that_is_no_picture_is_a_warning(desk, bars, content):
    if content is not None:
        (desk.folder / "logo").write_bytes(content)
    edition = desk.edition(desk.section(desk.panel(bars())), branding=Branding(report_logo="logo"))
    (document,) = desk.render("pdf", edition)
    assert len(document.warnings) == 1
    assert "logo" in document.warnings[0]
    assert len(PdfReader(BytesIO(desk.bytes(document))).pages[0].images) == 0


def test_a_large_logo_is_made_small(desk, bars):
    noise = Image.frombytes("RGB", (2700, 2500), random.Random(1).randbytes(2700 * 2500 * 3))
    noise.save(desk.folder / "logo", "PNG", compress_level=0)
    assert (desk.folder / "logo").stat().st_size > 20_000_000
    edition = desk.edition(desk.section(desk.panel(bars())), branding=Branding(report_logo="logo"))
    (document,) = desk.render("pdf", edition)
    assert document.warnings == ()
    assert document.size < 5_000_000


def test_a_picture_that_the_pages_refuse_costs_one_panel(desk, bars, monkeypatch):
    drawn = iter(['<svg xmlns="http://www.w3.org/2000/svg"><image href="https://example.org/x.png"/></svg', None])
    svg = drawing.svg
    monkeypatch.setattr(drawing, "svg", lambda figure, **size: next(drawn) or svg(figure, **size))
    panels = (desk.panel(bars(), "Refused"), desk.panel(bars(["Kept"], [1]), "Good", (12, 0, 12, 8)))
    (document,) = desk.render("pdf", desk.edition(desk.section(*panels)))
    assert "Kept" in text_of(desk, document)
    assert document.warnings[0].startswith("Refused: ")


def test_a_bug_in_the_drawer_costs_one_panel(desk, bars, monkeypatch):
    monkeypatch.setattr(drawing, "svg", lambda figure, **size: {}["missing"])
    (document,) = desk.render("pdf", desk.edition(desk.section(desk.panel(bars()))))
    assert "cannot be drawn" in text_of(desk, document)
    assert len(document.warnings) == 1


def test_cancelled_work_stops(desk, bars):
    cancellation = Cancellation()
    cancellation.set()
    renderer = PdfRenderer(PluginConfig(), Setup(instance="pdf", workspace=desk.folder, scratch=desk.folder))
    context = Context(desk.folder, cancellation=cancellation)
    with pytest.raises(Cancelled):
        list(renderer.render(desk.edition(desk.section(desk.panel(bars()))), PdfOptions(), context))
    assert list(desk.folder.iterdir()) == []


@given(st.text(max_size=300), st.floats(10, 500), st.floats(4, 40))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_broken_words_lose_no_character(text, room, size):
    broken = breakable(text, room, size)
    assert broken.replace("\u200b", "") == text.replace("\u200b", "")
    assert lines(text, room, size) >= 1
    if room > 3 * size:
        assert width(shortened(text, room, size), size) <= room + 0.01
