"""What the host relies on in a data source."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pydantic
import pytest

from pressroom.context import Cancellation, Context
from pressroom.errors import Cancelled, QueryError, SourceError, TimedOut
from pressroom.press.datasets import read_dataset
from pressroom.sources import Dataset, Query, Source
from pressroom.testing import shapes
from pressroom.testing.contracts.extension import THREADS, ExtensionContract, at_once, crosses_processes
from pressroom.testing.hostile import TEXTS
from pressroom.timerange import Window

if TYPE_CHECKING:
    import polars as pl

_NUMBERS = count(1)
_DESCRIPTORS = Path("/proc/self/fd")


class SourceContract(ExtensionContract):
    """Subclass it as `class TestMine(SourceContract)`, set `plugin` and the questions; mostly override `config`.

    Attributes:
        question: a query's text that has rows in `window`.
        empty: one that has none; None where every query has rows.
        wrong: one that the source refuses; None where it takes any text.
        variable: one with `$choice` in it that has rows for `choice`; None where the source has no variables.
        choice: a value of that variable.
        window: the range and buckets that are asked for.
    """

    plugin: ClassVar[type[Source[Any]]]
    question: ClassVar[str]
    empty: ClassVar[str | None] = None
    wrong: ClassVar[str | None] = None
    variable: ClassVar[str | None] = None
    choice: ClassVar[str] = ""
    window: ClassVar[Window] = shapes.DAYS

    def query(
        self, text: str, *, max_rows: int = 1000, variables: Mapping[str, tuple[str, ...]] | None = None
    ) -> Query:
        """A question over the window."""
        return Query(text, self.window, variables or {}, max_rows=max_rows)

    def ask(self, source: Any, query: Query, folder: Path, *, timeout: float = 60) -> Dataset:
        """Ask as the host does: batch by batch, into a dataset."""
        context = Context(folder, timeout=timeout)
        return read_dataset(
            source.query(query, context),
            folder=folder,
            name=f"data/{next(_NUMBERS)}",
            max_rows=query.max_rows,
            context=context,
            source_timezone=source.timezone,
            time_format=source.time_format,
        )

    def rows(self, source: Any, text: str, folder: Path) -> pl.DataFrame:
        """The rows of a question."""
        return self.ask(source, self.query(text), folder).frame()

    def test_it_answers(self, instance: Any, tmp_path: Path) -> None:
        """Arrow batches, all with the same columns, that the host can read; something is in them."""
        import polars as pl

        batches = list(instance.query(self.query(self.question), Context(tmp_path, timeout=60)))
        assert batches
        assert all(hasattr(batch, "__arrow_c_stream__") for batch in batches), "batches hand out Arrow data"
        names = {tuple(pl.DataFrame(batch).columns) for batch in batches}
        assert len(names) == 1, "all batches have the same columns"
        assert self.rows(instance, self.question, tmp_path).height > 0

    def test_the_same_twice(self, make: Callable[[], Any], tmp_path: Path) -> None:
        """The same question gives the same rows in the same order, from any instance."""
        first, second = make(), make()
        rows = self.rows(first, self.question, tmp_path)
        assert rows.equals(self.rows(first, self.question, tmp_path))
        assert rows.equals(self.rows(second, self.question, tmp_path))

    def test_no_rows_still_have_columns(self, instance: Any, tmp_path: Path) -> None:
        """An answer without rows is one empty batch: a chart then says that there is no data."""
        if self.empty is None:
            return
        found = self.ask(instance, self.query(self.empty), tmp_path)
        assert found.rows == 0
        assert found.columns

    def test_a_wrong_query_says_so(self, instance: Any, config: dict[str, Any], tmp_path: Path) -> None:
        """A `QueryError` that will not pass, and whose words have no secret of the configuration."""
        if self.wrong is None:
            return
        with pytest.raises(QueryError) as caught:
            self.rows(instance, self.wrong, tmp_path)
        assert not caught.value.transient
        assert str(caught.value)
        crosses_processes(caught.value)
        for name, value in instance.config:
            if isinstance(value, pydantic.SecretStr) and value.get_secret_value():
                assert value.get_secret_value() not in str(caught.value), f"{name} is in the message"
        assert self.rows(instance, self.question, tmp_path).height > 0, "and it works afterwards"

    def test_any_text_is_survived(self, instance: Any, tmp_path: Path) -> None:
        """Whatever somebody types is answered or refused, and changes nothing."""
        before = self.rows(instance, self.question, tmp_path)
        for text in ("", ";", "'", "\x00", "DROP TABLE x", f"{self.question};{self.question}", *TEXTS[2:8]):
            with suppress(SourceError):
                self.rows(instance, text, tmp_path)
        assert before.equals(self.rows(instance, self.question, tmp_path))

    def test_variables_are_values(self, instance: Any, tmp_path: Path) -> None:
        """They are bound, never pasted: hostile ones find nothing and change nothing; none at all matches nothing."""
        if self.variable is None:
            return

        def asked(*values: str) -> pl.DataFrame:
            query = self.query(self.variable or "", variables={"choice": values})
            return self.ask(instance, query, tmp_path).frame()

        found = asked(self.choice)
        assert found.height > 0
        assert asked().height == 0
        for values in (("' OR '1'='1",), ("1) OR (1=1",), ("%",), TEXTS):
            assert asked(*values).height == 0, values
        assert found.equals(asked(self.choice, *TEXTS)), "further values that are nowhere add nothing"

    def test_it_reads_no_more_than_asked(self, instance: Any, tmp_path: Path) -> None:
        """The host stops at its limit and closes the iterator; nothing stays open, and the next question works."""
        cut = self.ask(instance, self.query(self.question, max_rows=1), tmp_path)
        assert cut.rows == 1
        before = descriptors()
        for _ in range(4):
            batches = iter(instance.query(self.query(self.question), Context(tmp_path, timeout=60)))
            next(batches)
            close = getattr(batches, "close", None)
            if close is not None:
                close()
        assert descriptors() <= before + 2, "files or connections stay open when the host stops reading"
        assert self.rows(instance, self.question, tmp_path).height > 0

    def test_it_stops(self, instance: Any, tmp_path: Path) -> None:
        """Cancelled, or out of time before it began; it works afterwards."""
        cancellation = Cancellation()
        cancellation.set()
        with pytest.raises(Cancelled):
            list(instance.query(self.query(self.question), Context(tmp_path, timeout=60, cancellation=cancellation)))
        with pytest.raises(TimedOut):
            list(instance.query(self.query(self.question), Context(tmp_path, timeout=0)))
        assert self.rows(instance, self.question, tmp_path).height > 0

    def test_threads_do_not_disturb_each_other(self, instance: Any, tmp_path: Path) -> None:
        """A report's charts are asked side by side."""
        alone = self.rows(instance, self.question, tmp_path)
        together = at_once(*[lambda: self.rows(instance, self.question, tmp_path)] * THREADS)
        assert all(found.equals(alone) for found in together)

    def test_equal_questions_are_known(self, make: Callable[[], Any]) -> None:
        """`fingerprint` is the same for the same question only: an answer is kept under it."""
        source, other = make(), make()
        query = self.query(self.question)
        assert source.fingerprint(query) == other.fingerprint(self.query(self.question))
        later = Window.cut(self.window.end, self.window.end + (self.window.end - self.window.start), "UTC", "1d")
        different = [self.query(self.question, max_rows=7)]
        different += [self.query(self.empty)] if self.empty is not None else []
        if self.variable is not None:
            different += [self.query(self.variable, variables={"choice": (value,)}) for value in ("a", "b")]
        found = {source.fingerprint(each) for each in (query, *different)}
        assert len(found) == len(different) + 1
        assert isinstance(source.fingerprint(Query(self.question, later)), str)
        assert source.revision() == other.revision()

    def test_offered_dashboards_are_found(self, instance: Any, tmp_path: Path) -> None:
        """`dashboard` gives what `dashboards` lists, and None for any other uid."""
        context = Context(tmp_path, timeout=60)
        for offered in instance.dashboards(context):
            found = instance.dashboard(offered.uid, context)
            assert found is not None
            assert found.uid == offered.uid
        assert instance.dashboard("no-such-dashboard", context) is None


def descriptors() -> int:
    """How many files this process has open; 0 where the system does not tell."""
    return len(os.listdir(_DESCRIPTORS)) if _DESCRIPTORS.exists() else 0  # noqa: PTH208 - the folder of a process
