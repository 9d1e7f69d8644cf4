"""What the host relies on in a renderer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
import pytest

from pressroom.context import Cancellation
from pressroom.errors import Cancelled, RenderError, TimedOut
from pressroom.extension import PluginOptions
from pressroom.renderers import Document, Edition, Renderer
from pressroom.testing.contracts.extension import THREADS, ExtensionContract, at_once, crosses_processes
from pressroom.testing.desk import ERROR, Desk, Sheet

_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(; ?[a-z]+=[\w.-]+)*")


class RendererContract(ExtensionContract):
    """Subclass it as `class TestMine(RendererContract)` and set `plugin`.

    Attributes:
        text: gives the words of a document's bytes, so that the suite can look for them; the default takes
            them as UTF-8. None where nobody can read them, as in a picture.
    """

    plugin: ClassVar[type[Renderer[Any, Any]]]

    def text(self, content: bytes) -> str | None:
        """The words of a document, or None where they cannot be read; override it for a binary format."""
        return content.decode("utf-8")

    def render(self, renderer: Any, sheet: Sheet, options: PluginOptions) -> list[Document]:
        """Render as the host does, and check what the host relies on in every document."""
        before = msgspec.json.encode(sheet.edition)
        documents = list(renderer.render(sheet.edition, options, sheet.context()))
        assert msgspec.json.encode(sheet.edition) == before, "the edition belongs to everybody: leave it as it is"
        for document in documents:
            self.check_document(document, sheet)
        assert len({document.path for document in documents}) == len(documents), "two documents in one file"
        gone = sheet.before - sheet.files()
        assert not gone, f"files of the run are gone: {gone}"
        return documents

    def check_document(self, document: Document, sheet: Sheet) -> None:
        """Its file is there, inside the run's folder, under the renderer's own name and as large as it says."""
        path = (sheet.folder / document.path).resolve()
        assert path.is_relative_to(sheet.folder.resolve()), "documents lie in context.folder"
        assert path.is_file()
        assert path.stat().st_size == document.size
        assert document.format == self.plugin.name
        assert document.path.startswith(self.plugin.name), "paths begin with the renderer's name, see Renderer.render"
        assert document.path not in sheet.before, "a file of the run was overwritten"
        assert document.name.endswith(self.plugin.suffix)
        assert not re.search(r"[/\\\x00-\x1f]", document.name), f"not a file's name: {document.name!r}"
        assert len(document.name.encode()) <= 255
        assert _MEDIA_TYPE.fullmatch(document.media_type)
        assert msgspec.json.decode(msgspec.json.encode(document), type=Document) == document

    def contents(self, documents: list[Document], sheet: Sheet) -> list[bytes]:
        """The bytes of each document."""
        return [(sheet.folder / document.path).read_bytes() for document in documents]

    def once(self, renderer: Any, sheet: Sheet, options: PluginOptions) -> tuple[list[Document], list[bytes]]:
        """The documents of a sheet, and what is in them."""
        documents = self.render(renderer, sheet, options)
        return documents, self.contents(documents, sheet)

    def test_it_says_what_it_makes(self) -> None:
        """A media type and a suffix."""
        assert _MEDIA_TYPE.fullmatch(self.plugin.media_type)
        assert re.fullmatch(r"\.[a-z0-9.]+", self.plugin.suffix)

    def test_a_real_report(self, instance: Any, options: PluginOptions, pressroom_desk: Desk) -> None:
        """Two weeks of departures become documents that are not empty."""
        documents, contents = self.once(instance, pressroom_desk.real(), options)
        assert documents
        assert all(contents)

    def test_the_same_bytes_twice(self, make: Callable[[], Any], options: PluginOptions, pressroom_desk: Desk) -> None:
        """A retry makes what was made before: no present time, no random names, no paths of the machine."""
        results = [self.once(make(), pressroom_desk.real(), options) for _ in range(2)]
        assert results[0] == results[1]

    def test_nothing_leaks_between_runs(
        self, make: Callable[[], Any], options: PluginOptions, pressroom_desk: Desk
    ) -> None:
        """One instance makes many reports; none shows anything of another."""
        used = make()
        self.render(used, pressroom_desk.hostile(), options)
        self.render(used, pressroom_desk.failed(), options)
        after = self.once(used, pressroom_desk.real(), options)
        assert after == self.once(make(), pressroom_desk.real(), options)

    def test_threads_do_not_disturb_each_other(
        self, instance: Any, options: PluginOptions, pressroom_desk: Desk
    ) -> None:
        """Several reports are rendered by one instance at the same time."""
        alone = self.once(instance, pressroom_desk.real(), options)
        sheets = [pressroom_desk.real() for _ in range(THREADS)]
        together = at_once(*(lambda sheet=sheet: self.once(instance, sheet, options) for sheet in sheets))
        assert together == [alone] * THREADS

    @pytest.mark.parametrize("what", ["empty", "bare"])
    def test_nothing_to_show(self, instance: Any, options: PluginOptions, pressroom_desk: Desk, what: str) -> None:
        """No dashboard, a dashboard without charts, charts without rows: documents, or none; no error."""
        self.render(instance, getattr(pressroom_desk, what)(), options)

    def test_failed_charts_are_shown(self, instance: Any, options: PluginOptions, pressroom_desk: Desk) -> None:
        """A reader must see that something is missing, and why."""
        sheet = pressroom_desk.failed()
        documents, contents = self.once(instance, sheet, options)
        assert documents
        words = [self.text(content) for content in contents]
        if None not in words:
            shown = re.sub(r"\s+", " ", " ".join(map(str, words)))
            assert ERROR.split(" <")[0] in shown, "the error of a failed panel belongs in its place"
            return
        quiet = [
            msgspec.structs.replace(panel, error="", title="") if panel.error else panel
            for panel in sheet.edition.sections[0].panels
        ]
        silent = msgspec.structs.replace(sheet.edition.sections[0], panels=tuple(quiet))
        other = pressroom_desk.failed()
        other.edition = msgspec.structs.replace(other.edition, sections=(silent,))
        assert self.once(instance, other, options)[1] != contents, "the error of a failed panel belongs in its place"

    def test_hostile_text(self, instance: Any, options: PluginOptions, pressroom_desk: Desk) -> None:
        """Markup, formulas, paths and very long words in every title and cell; RenderError is an answer too."""
        sheet = pressroom_desk.hostile()
        outside = {path for path in sheet.folder.parent.iterdir() if path != sheet.folder}
        try:
            documents, contents = self.once(instance, sheet, options)
        except RenderError as error:
            crosses_processes(error)
        else:
            for content in contents:
                self.text(content)
            assert documents == self.render(instance, sheet_again(sheet), options), "a second try makes the same"
        assert outside == {path for path in sheet.folder.parent.iterdir() if path != sheet.folder}

    @pytest.mark.parametrize("locale", ["zh", "de", "nonsense"])
    def test_other_languages(self, instance: Any, options: PluginOptions, pressroom_desk: Desk, locale: str) -> None:
        """Every locale gives documents, also one that nobody knows."""
        assert self.render(instance, pressroom_desk.real(locale=locale, zone="Asia/Shanghai"), options)

    def test_it_stops_when_it_is_cancelled(self, instance: Any, options: PluginOptions, pressroom_desk: Desk) -> None:
        """Somebody asked for it before the work began: call `context.check()` between units of work."""
        cancellation = Cancellation()
        cancellation.set()
        sheet = pressroom_desk.real()
        with pytest.raises(Cancelled):
            list(instance.render(sheet.edition, options, sheet.context(cancellation=cancellation)))
        assert self.render(instance, pressroom_desk.real(), options), "and it works afterwards"

    def test_it_stops_at_its_deadline(self, instance: Any, options: PluginOptions, pressroom_desk: Desk) -> None:
        """No time is left."""
        sheet = pressroom_desk.real()
        with pytest.raises(TimedOut):
            list(instance.render(sheet.edition, options, sheet.context(timeout=0)))


def sheet_again(sheet: Sheet) -> Sheet:
    """The same edition in the same folder, as a retry finds it."""
    edition = msgspec.json.decode(msgspec.json.encode(sheet.edition), type=Edition)
    again = Sheet(edition, sheet.folder)
    again.before = sheet.before
    return again
