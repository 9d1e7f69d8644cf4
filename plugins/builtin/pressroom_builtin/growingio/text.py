"""Tab-separated text as the contract wants it: UTF-8 without BOM, quoted only where a field needs it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from pressroom_builtin.growingio import wire

RULE_HEADER = ("ruleId", "eventName", "eventType")


def users_text(frames: Iterable[pl.DataFrame], separator: str = "\t") -> Iterator[bytes]:
    """A segment's users: a header line, then one user a line; in pieces, so that memory stays bounded."""
    header = True
    for frame in frames:
        yield _plain(frame).write_csv(None, separator=separator, include_header=header).encode()
        header = False


def rules_text(rules: Sequence[wire.Rule], separator: str = "\t") -> bytes:
    """All rules."""
    import csv

    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(RULE_HEADER)
    writer.writerows((rule.rule_id, rule.event_name, rule.event_type) for rule in rules)
    return out.getvalue().encode()


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists and structs as JSON, binary as hex; what CSV cannot hold otherwise."""
    import polars as pl

    columns = []
    for series in frame.get_columns():
        if series.dtype == pl.Struct:
            columns.append(series.struct.json_encode())
        elif series.dtype.is_nested():
            columns.append(pl.Series(series.name, [None if item is None else str(item) for item in series.to_list()]))
        elif series.dtype == pl.Binary:
            columns.append(series.bin.encode("hex"))
        else:
            columns.append(series)
    return pl.DataFrame(columns)


def users_json(frames: Iterable[pl.DataFrame]) -> Iterator[bytes]:
    """A segment's users as one JSON object a line."""
    for frame in frames:
        yield _plain(frame).write_ndjson(None).encode()
