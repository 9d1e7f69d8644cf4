"""Every built-in renderer keeps what the host relies on."""

from __future__ import annotations

from io import BytesIO

from pressroom.testing import RendererContract
from pressroom_builtin.renderers.csv import CsvRenderer
from pressroom_builtin.renderers.image import ImageRenderer
from pressroom_builtin.renderers.pdf import PdfRenderer


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
