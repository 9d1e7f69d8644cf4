"""Every built-in renderer keeps what the host relies on."""

from __future__ import annotations

import html
import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from pressroom import PluginOptions
from pressroom.testing import RendererContract
from pressroom_builtin.renderers.csv import CsvRenderer
from pressroom_builtin.renderers.html import HtmlOptions, HtmlRenderer
from pressroom_builtin.renderers.image import ImageRenderer
from pressroom_builtin.renderers.markdown import MarkdownRenderer
from pressroom_builtin.renderers.pdf import PdfRenderer
from pressroom_builtin.renderers.xlsx import XlsxRenderer


class TestCsv(RendererContract):
    plugin = CsvRenderer


class TestImage(RendererContract):
    plugin = ImageRenderer

    def text(self, content: bytes) -> None:
        assert content.startswith(b"\x89PNG")


class TestPdf(RendererContract):
    plugin = PdfRenderer

    def text(self, content: bytes) -> str:
        from pypdf import PdfReader

        return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


class TestXlsx(RendererContract):
    plugin = XlsxRenderer

    def text(self, content: bytes) -> str:
        with ZipFile(BytesIO(content)) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        return html.unescape(" ".join(sheets))


class TestMarkdown(RendererContract):
    plugin = MarkdownRenderer


class TestHtml(RendererContract):
    plugin = HtmlRenderer

    @pytest.fixture
    def options(self) -> PluginOptions:
        # the fonts take most of the time, and have a test of their own
        return HtmlOptions(fonts=False)

    def text(self, content: bytes) -> str:
        return html.unescape(re.sub(r"<script.*?</script>", "", content.decode(), flags=re.DOTALL))
