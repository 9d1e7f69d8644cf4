"""A source's types, made the three kinds of a dataset: time, number, text.

Everything here works on one batch, so that memory stays bounded whatever the answer's size.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pressroom.errors import QueryError
from pressroom.timerange import from_ms, to_ms, wall_offsets

if TYPE_CHECKING:
    import polars as pl

TimeFormat = Literal["auto", "iso", "s", "ms"]
"""How text and integer columns hold times: `auto` takes numbers below 10^11 as seconds, text as ISO 8601."""

SECONDS_BELOW = 100_000_000_000
"""Numbers nearer to 0 than this are seconds where the format is `auto`: ms before March 1973, s until 5138."""
_UNWANTED = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\x{fffe}\\x{ffff}]"
_FIRST_DAY, _LAST_DAY = -96_465_292, 95_026_236
"""Polars' calendar in days since 1970: the years -262143 to 262142."""
_OFFSET = r"^.{10}[ T].*(?:[Zz]|[+-]\d\d(?::?\d\d)?)$"


def as_number(series: pl.Series) -> pl.Series:
    """Int64 or Float64; NaN, infinities and integers that no Int64 holds are handled, text is parsed.

    Raises:
        QueryError: text that is no number.
    """
    import polars as pl

    kind = series.dtype
    if kind in {pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32}:
        return series.cast(pl.Int64)
    if kind == pl.Boolean:
        return series.cast(pl.Int64)
    if kind.is_numeric() or kind == pl.Null:
        numbers = series.cast(pl.Float64)
    else:
        numbers = as_text(series).str.strip_chars().cast(pl.Float64, strict=False)
        _refuse(series, numbers, "a number")
    frame = numbers.to_frame("x").select(pl.when(pl.col("x").is_finite()).then(pl.col("x")))
    return frame.to_series().rename(series.name)


def as_text(series: pl.Series) -> pl.Series:
    """Text without control characters, whatever the series held."""
    import polars as pl

    kind = series.dtype
    if kind == pl.Binary:
        text = series.bin.encode("hex")
    elif kind.is_nested():
        text = pl.Series(series.name, [None if v is None else _plain(v) for v in series.to_list()], pl.String)
    elif isinstance(kind, pl.Datetime) or kind == pl.Date:
        text = _within_calendar(series).dt.to_string("iso:strict")
    elif kind == pl.Duration:
        text = series.dt.to_string("iso")
    elif kind == pl.Object:
        text = pl.Series(series.name, [None if v is None else str(v) for v in series.to_list()], pl.String)
    else:
        text = series.cast(pl.String)
    if kind.is_numeric() or kind in {pl.Boolean, pl.Null, pl.Date} or not text.str.contains(_UNWANTED).any():
        return text
    return text.str.replace_all(_UNWANTED, "")


def as_time(series: pl.Series, zone: str, time_format: TimeFormat) -> pl.Series:
    """Datetime("ms", "UTC"): naive values are in `zone`, numbers and text as the format says.

    Raises:
        QueryError: a value that is no time.
    """
    import polars as pl

    kind = series.dtype
    if isinstance(kind, pl.Datetime) or kind == pl.Date:
        series = _within_calendar(series)
    if isinstance(kind, pl.Datetime):
        moments = _floor_ms(series)
        return _utc(moments if kind.time_zone else _from_wall(moments, zone), series)
    if kind == pl.Date:
        return _utc(_from_wall(series.cast(pl.Int64) * 86_400_000, zone), series)
    if kind.is_numeric():
        return _utc(_from_numbers(series, time_format), series)
    if kind == pl.Null:
        return _utc(series.cast(pl.Int64), series)
    text = as_text(series).str.strip_chars()
    if time_format in {"s", "ms"} or (time_format == "auto" and _all_digits(text)):
        numbers = text.cast(pl.Float64, strict=False)
        _refuse(series, numbers, f"a time in {'epoch numbers' if time_format == 'auto' else time_format}")
        return _utc(_from_numbers(numbers, time_format), series)
    return _utc(_from_iso(series, text, zone), series)


def _within_calendar(series: pl.Series) -> pl.Series:
    """Dates and moments; what lies outside of Polars' calendar, such as a database's infinity, is null.

    Polars panics when it writes such a value.
    """
    import polars as pl

    kind = series.dtype
    per_day = {"ms": 1, "us": 10**3, "ns": 10**6}[kind.time_unit] * 86_400_000 if isinstance(kind, pl.Datetime) else 1
    days = series.to_physical().cast(pl.Int64) // per_day
    within = days.is_between(_FIRST_DAY, _LAST_DAY)
    return series if within.all() else series.to_frame().select(pl.when(within).then(pl.first())).to_series()


def _plain(value: object) -> str:
    """A nested value as JSON; what JSON has no word for is written as text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _all_digits(text: pl.Series) -> bool:
    # eight digits are a date without dashes
    return bool(text.str.contains(r"^-?\d{9,}(\.\d+)?$").all())


def _from_iso(series: pl.Series, text: pl.Series, zone: str) -> pl.Series:
    import polars as pl

    def parse(value: str) -> int | None:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return to_ms(aware)

    # an answer has few different times: one parse each
    distinct = text.drop_nulls().unique()
    known = {value: parse(value) for value in distinct.to_list()}
    raw = text.replace_strict(known, return_dtype=pl.Int64) if known else text.cast(pl.Int64)
    _refuse(series, raw, "a time; write ISO 8601, or set time_format")
    aware = text.str.contains(_OFFSET)
    return raw.zip_with(aware.fill_null(True), _from_wall(raw, zone))


def _from_numbers(series: pl.Series, time_format: TimeFormat) -> pl.Series:
    import polars as pl

    value = pl.col("x").cast(pl.Float64) if series.dtype.is_float() else pl.col("x").cast(pl.Int64, strict=False)
    seconds = (value * 1000).floor() if series.dtype.is_float() else value * 1000
    whole = value.floor() if series.dtype.is_float() else value
    picked = {
        "s": seconds,
        "ms": whole,
        "auto": pl.when(value.abs() < SECONDS_BELOW).then(seconds).otherwise(whole),
        "iso": pl.when(value.abs() < SECONDS_BELOW).then(seconds).otherwise(whole),
    }[time_format]
    numbers = series.to_frame("x").select(picked.cast(pl.Int64, strict=False).alias("x")).to_series()
    _refuse(series, numbers, "a time")
    return numbers


def _floor_ms(series: pl.Series) -> pl.Series:
    import polars as pl

    assert isinstance(series.dtype, pl.Datetime)
    per = {"ms": 1, "us": 1000, "ns": 1_000_000}[series.dtype.time_unit]
    physical = series.to_physical()
    return physical if per == 1 else physical // per


def _from_wall(walls: pl.Series, zone: str) -> pl.Series:
    """Epoch ms of wall-clock times that were read as if they were UTC."""
    import polars as pl

    low, high = walls.min(), walls.max()
    if zone == "UTC" or low is None or high is None:
        return walls
    assert isinstance(low, int)
    assert isinstance(high, int)
    pairs = wall_offsets(_moment(low), _moment(high), zone)
    starts = pl.Series([start for start, _ in pairs], dtype=pl.Int64)
    offsets = pl.Series([offset for _, offset in pairs], dtype=pl.Int64)
    place = starts.search_sorted(walls.fill_null(low), side="right").cast(pl.Int64) - 1
    return walls - offsets.gather(place.clip(0, None))


def _moment(milliseconds: int) -> datetime:
    try:
        return from_ms(milliseconds)
    except ValueError as error:
        raise QueryError(f"the time column: {error}") from error


def _utc(moments: pl.Series, series: pl.Series) -> pl.Series:
    import polars as pl

    for end in (moments.min(), moments.max()):
        if isinstance(end, int):
            _moment(end)
    return moments.cast(pl.Int64).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC").rename(series.name)


def _refuse(series: pl.Series, converted: pl.Series, what: str) -> None:
    """Say which value could not be converted."""
    wrong = series.filter(series.is_not_null() & converted.is_null())
    if wrong.len():
        raise QueryError(f"column {series.name}: {str(wrong[0])[:60]!r} is not {what}")
