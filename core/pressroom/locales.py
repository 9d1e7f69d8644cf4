"""Numbers, dates and words as the readers of a report write them.

A locale is named by its BCP 47 tag. English and Chinese have words of their own in `catalogues/`; every
other locale that Babel knows has its numbers and month names, with English words.

Number formats, as a metric's `format` names them (1234.5 as an example):

    ""          thousands separators, and as many decimals as say something: 1,234.5
    0, 0.0 ...  that many decimals, up to six: 1,235
    0%, 0.0%    a share as per cent: 123,450%
    plain       no separators, for years and ids: 1234.5
    compact     1.2K, 1.2M; in Chinese 1234.5 and 123.5万
    duration    seconds as 20m 34s, 1h 05m, 2d 03h
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pressroom.models.values import clean
from pressroom.timerange import localize, zone_info

if TYPE_CHECKING:
    import babel

__all__ = ["FORMATS", "NULL", "Locale", "check_format", "check_locale", "clean"]

NULL = "–"
"""What stands for a missing value."""
FORMATS = ("0", "0.0", "0.00", "0%", "0.0%", "plain", "compact", "duration")
"""The number formats that messages name; `""` is the default."""
_DECIMALS = re.compile(r"^0(?:\.(0{1,6}))?(%?)$")
_TIGHT = re.compile(r"^[%‰°℃\u2e80-\u9fff\uff00-\uffef]")
_SYMBOLS = ("$", "€", "£", "¥", "₹", "US$", "CN¥", "￥")
_SCIENTIFIC = (1e-6, 1e15)


def check_format(format: str) -> str:
    """The number format, where it is one; ValueError otherwise, naming the good ones."""
    if format in ("", "plain", "compact", "duration") or _DECIMALS.match(format):
        return format
    raise ValueError(f"{format!r} is no number format; write one of {', '.join(FORMATS)}, or leave it out")


def check_locale(tag: str) -> str:
    """The tag, where Babel knows the locale; ValueError otherwise."""
    if _babel(tag) is None:
        raise ValueError(f"{tag!r} is no locale; write one such as en, zh or pt-BR")
    return tag


@lru_cache(maxsize=64)
def _babel(tag: str) -> babel.Locale | None:
    from babel import Locale as BabelLocale, UnknownLocaleError

    try:
        return BabelLocale.parse(tag, sep="-" if "-" in tag else "_")
    except (UnknownLocaleError, ValueError, TypeError):
        return None


@lru_cache(maxsize=8)
def _catalogue(language: str) -> dict[str, Any] | None:
    place = files("pressroom") / "catalogues" / f"{language}.json"
    if language not in ("en", "zh") or not place.is_file():
        return None
    loaded: dict[str, Any] = json.loads(place.read_text("utf-8"))
    return loaded


class Locale:
    """One locale; make it with `Locale.of`.

    Attributes:
        tag: the BCP 47 tag that documents carry as their language.
    """

    def __init__(self, tag: str, data: babel.Locale) -> None:
        english = _catalogue("en")
        assert english is not None
        own = _catalogue(data.language)
        self.tag = tag
        self._data = data
        self._words: dict[str, Any] = {**english["words"], **(own or {}).get("words", {})}
        self._durations: list[str] = (own or english)["durations"]
        self._patterns: dict[str, str] = (own or english)["patterns"]
        if own is None:
            self._patterns = {**self._patterns, "date": data.date_formats["medium"].pattern}
            self._patterns["moment"] = f"{self._patterns['date']} HH:mm"
        symbols = data.number_symbols.get("latn", {})
        self.decimal: str = symbols.get("decimal", ".")
        self.thousands: str = symbols.get("group", ",")

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, tag: str) -> Locale:
        """The locale of a tag; English for one that nobody knows (`check_locale` is for definitions)."""
        data = _babel(tag)
        if data is None:
            data, tag = _babel("en"), "en"
        assert data is not None
        return cls(tag, data)

    def number(self, value: float | str | None, format: str = "", unit: str = "") -> str:
        """A value as people read it: separators, decimals and unit; `–` for null, text as it is.

        Raises:
            ValueError: the format is none.
        """
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return NULL
        if isinstance(value, str):
            return clean(value)
        return self.with_unit(self._digits(value, check_format(format)), unit)

    def with_unit(self, text: str, unit: str) -> str:
        """A written number with its unit: `$5`, `5%`, `5 min`, `5分钟`."""
        unit = clean(unit)
        if not unit:
            return text
        if unit in _SYMBOLS:
            return f"-{unit}{text[1:]}" if text.startswith("-") else f"{unit}{text}"
        return f"{text}{'' if _TIGHT.match(unit) else chr(0xA0)}{unit}"

    def _digits(self, value: float, format: str) -> str:
        if format == "duration":
            return self._duration(value)
        if format == "compact":
            return self._compact(value)
        if format == "plain":
            return self._separated(_trimmed(f"{value:.6f}") if isinstance(value, float) else str(value))
        matched = _DECIMALS.match(format)
        if matched and format:
            decimals, percent = len(matched.group(1) or ""), matched.group(2)
            return self._separated(_unsigned_zero(f"{value * 100 if percent else value:,.{decimals}f}")) + percent
        if isinstance(value, int):
            return self._separated(f"{value:,d}")
        size = abs(value)
        if size and not _SCIENTIFIC[0] <= size < _SCIENTIFIC[1]:
            return self._separated(_scientific(value))
        decimals = 1 if size >= 100 else 2 if size >= 1 else 2 - math.floor(math.log10(size)) if size else 0
        return self._separated(_unsigned_zero(_trimmed(f"{value:,.{decimals}f}")))

    def _separated(self, text: str) -> str:
        """Digits written with `,` and `.` in the locale's own separators."""
        if (self.thousands, self.decimal) == (",", "."):
            return text
        return text.replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)

    def _compact(self, value: float) -> str:
        from babel.numbers import format_compact_decimal

        if abs(value) < 1000:
            return self._digits(float(f"{value:.3g}"), "")
        if abs(value) >= _SCIENTIFIC[1]:
            return self._separated(_scientific(value))
        rounded = float(f"{value:.4g}")
        if math.log10(abs(rounded)).is_integer():
            value = rounded  # else 999,999 is written as 1000K
        written: str = format_compact_decimal(value, locale=self._data, fraction_digits=1)
        return written

    def _duration(self, seconds: float) -> str:
        whole = round(abs(seconds))
        sign = "-" if seconds < 0 and whole else ""
        days, rest = divmod(whole, 86400)
        hours, rest = divmod(rest, 3600)
        minutes, rest = divmod(rest, 60)
        first = next((index for index, part in enumerate((days, hours, minutes)) if part), 3)
        if first == 3 and abs(seconds) != whole:
            return self._durations[3].format(seconds=self._digits(float(f"{seconds:.2g}"), ""))
        parts: dict[str, Any] = {"days": days, "hours": hours, "minutes": minutes, "seconds": rest}
        if first < 3:
            follower = ("hours", "minutes", "seconds")[first]
            parts[follower] = f"{parts[follower]:02d}"
        return sign + self._durations[first].format(**parts)

    def moment(self, moment: datetime, zone: str) -> str:
        """Date and time of day in a zone: `21 Nov 2026, 14:05`."""
        return self.pattern(moment, zone, "moment")

    def date(self, moment: datetime, zone: str) -> str:
        """The date in a zone: `21 Nov 2026`."""
        return self.pattern(moment, zone, "date")

    def pattern(self, moment: datetime, zone: str, name: str) -> str:
        """A moment as one of `date`, `time`, `moment`, `second`, `day`, `month`, `year` in a zone."""
        from babel.dates import format_datetime

        wall = moment.astimezone(zone_info(zone)).replace(tzinfo=None)
        return format_datetime(wall, self._patterns[name], locale=self._data)

    def weekday(self, number: int) -> str:
        """The name of a day of the week, 0 for Monday."""
        return str(self._data.days["format"]["wide"][number])

    def time_range(self, start: datetime, end: datetime, zone: str) -> str:
        """A range whose end is exclusive; whole days name the last day: `1 Jan 2013 – 31 Jan 2013`."""
        if _midnight(start, zone) and _midnight(end, zone) and end > start:
            first, last = self.date(start, zone), self.date(end - timedelta(hours=1), zone)
            return first if first == last else f"{first} – {last}"
        same_day = self.date(start, zone) == self.date(end, zone)
        return f"{self.moment(start, zone)} – {self.pattern(end, zone, 'time' if same_day else 'moment')}"

    def word(self, key: str, **values: object) -> str:
        """A word or sentence of the catalogue; numbers among the values are written in the locale.

        `count` chooses between singular and plural.

        Raises:
            KeyError: the catalogue has no such key.
        """
        text = self._words[key]
        if isinstance(text, dict):
            count = values.get("count")
            form = self._data.plural_form(count) if isinstance(count, int) else "other"
            text = text.get(form, text["other"])
        written = {name: self.number(it) if isinstance(it, int | float) else it for name, it in values.items()}
        return str(text).format(**written)

    def d3_format(self) -> dict[str, Any]:
        """The locale for d3-format, as Vega takes it."""
        currency = ["¥", ""] if self._data.language == "zh" else ["$", ""]
        return {"decimal": self.decimal, "thousands": self.thousands, "grouping": [3], "currency": currency}

    def d3_time(self) -> dict[str, Any]:
        """The locale for d3-time-format, as Vega takes it."""
        days, months = self._data.days["format"], self._data.months["format"]
        sunday_first = (6, 0, 1, 2, 3, 4, 5)
        chinese = self._data.language == "zh"
        return {
            "dateTime": "%Y年%-m月%-d日 %H:%M:%S" if chinese else "%-d %b %Y, %H:%M:%S",
            "date": "%Y年%-m月%-d日" if chinese else "%-d %b %Y",
            "time": "%H:%M:%S",
            "periods": [self._data.day_periods["format"]["abbreviated"].get(half, half) for half in ("am", "pm")],
            "days": [days["wide"][day] for day in sunday_first],
            "shortDays": [days["abbreviated"][day] for day in sunday_first],
            "months": [months["wide"][month] for month in range(1, 13)],
            "shortMonths": [months["abbreviated"][month] for month in range(1, 13)],
        }


def _midnight(moment: datetime, zone: str) -> bool:
    """True for the first moment of a local day, which is not 00:00 where the clocks skip it."""
    wall = moment.astimezone(zone_info(zone)).replace(tzinfo=None)
    return localize(wall.replace(hour=0, minute=0, second=0, microsecond=0), zone) == moment


def _scientific(value: float) -> str:
    return f"{Decimal(value):.2e}".replace(".00e", "e")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unsigned_zero(text: str) -> str:
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text
