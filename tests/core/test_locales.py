"""Numbers, dates and words in several locales."""

from __future__ import annotations

import json
import string
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pydantic
import pytest
from hypothesis import given, settings, strategies as st

from pressroom import Metric
from pressroom.locales import FORMATS, Locale, check_format, check_locale

EN, ZH, DE = Locale.of("en"), Locale.of("zh"), Locale.of("de")


@pytest.mark.parametrize(
    ("value", "format", "unit", "said"),
    [
        (None, "", "", "–"),
        (float("nan"), "", "min", "–"),
        (float("inf"), "0", "", "–"),
        (0, "", "", "0"),
        (-0.001, "0.00", "", "0.00"),
        (1234567, "", "", "1,234,567"),
        (1234.5, "", "", "1,234.5"),
        (12.3456, "", "", "12.35"),
        (0.012345, "", "", "0.0123"),
        (1234.5, "0", "", "1,234"),
        (2.0, "0.00", "", "2.00"),
        (0.1234, "0%", "", "12%"),
        (0.1234, "0.0%", "", "12.3%"),
        (2013, "plain", "", "2013"),
        (1234567, "compact", "", "1.2M"),
        (999_999, "compact", "", "1M"),
        (950, "compact", "", "950"),
        (3900, "duration", "", "1h 05m"),
        (-90, "duration", "", "-1m 30s"),
        (0.5, "duration", "", "0.5s"),
        (100_000, "duration", "", "1d 03h"),
        (5, "", "min", "5\u00a0min"),
        (5, "", "%", "5%"),
        (-5, "", "$", "-$5"),
        (5, "", "次", "5次"),
        (1e300, "", "", "1e+300"),
        ("text\x00", "0", "", "text"),
    ],
)
def test_numbers_in_english(value: Any, format: str, unit: str, said: str) -> None:
    assert EN.number(value, format, unit) == said


def test_numbers_in_other_locales() -> None:
    assert ZH.number(12345, "compact") == "1.2万"
    assert ZH.number(3900, "duration") == "1小时05分"
    assert DE.number(1234567.5) == "1.234.567,5"
    assert Locale.of("fr").number(1234.5) == "1\u202f234,5"


@given(st.one_of(st.integers(), st.floats()), st.sampled_from(["", *FORMATS]), st.sampled_from(["en", "zh", "de"]))
@settings(max_examples=300, deadline=None)
def test_every_number_can_be_written(value: float, format: str, tag: str) -> None:
    said = Locale.of(tag).number(value, format)
    assert said
    assert not set(said) & set("\x00\n")


@given(st.integers(-(10**12), 10**12))
def test_default_format_of_integers_loses_nothing(value: int) -> None:
    assert int(DE.number(value).replace(".", "")) == value


@pytest.mark.parametrize("format", ["%d", "0.0000000", "00", ".1%", "Compact", "0,0"])
def test_unknown_formats_are_refused_with_the_good_ones(format: str) -> None:
    with pytest.raises(ValueError, match=r"no number format; write one of 0, 0\.0"):
        check_format(format)
    with pytest.raises(pydantic.ValidationError, match="no number format"):
        Metric(name="m", format=format)


def test_dates_and_ranges() -> None:
    start, end = datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 2, 1, tzinfo=UTC)
    assert EN.time_range(start, end, "UTC") == "1 Jan 2013 – 31 Jan 2013"
    assert ZH.time_range(start, end, "UTC") == "2013年1月1日 – 2013年1月31日"
    assert EN.time_range(start, datetime(2013, 1, 2, tzinfo=UTC), "UTC") == "1 Jan 2013"
    assert EN.time_range(start, datetime(2013, 1, 1, 6, tzinfo=UTC), "UTC") == "1 Jan 2013, 00:00 – 06:00"
    assert EN.time_range(start, end, "Asia/Shanghai") == "1 Jan 2013, 08:00 – 1 Feb 2013, 08:00"
    assert EN.moment(start, "Asia/Shanghai") == "1 Jan 2013, 08:00"
    assert ZH.moment(start, "UTC") == "2013年1月1日 00:00"
    assert EN.date(start, "America/New_York") == "31 Dec 2012"


def test_a_day_whose_midnight_the_clocks_skip_is_whole() -> None:
    # São Paulo went from 00:00 to 01:00 on 4 November 2018
    start, end = datetime(2018, 11, 4, 3, tzinfo=UTC), datetime(2018, 11, 5, 2, tzinfo=UTC)
    assert EN.time_range(start, end, "America/Sao_Paulo") == "4 Nov 2018"


def test_locales_do_not_mix() -> None:
    moment = datetime(2013, 1, 2, tzinfo=UTC)
    assert [Locale.of(tag).pattern(moment, "UTC", "day") for tag in ("zh", "en", "fr")] == [
        "1月2日",
        "2 Jan",
        "2 janv.",
    ]


def test_unknown_locales() -> None:
    assert Locale.of("xx-nowhere").tag == "en"
    assert Locale.of("zh-CN").word("no_data") == "暂无数据"
    assert Locale.of("de").word("no_data") == "No data"
    with pytest.raises(ValueError, match="write one such as en, zh"):
        check_locale("xx-nowhere")
    assert check_locale("pt-BR") == "pt-BR"


def test_words_and_plurals() -> None:
    assert EN.word("page", n=1, m=12) == "Page 1 of 12"
    assert EN.word("rows", count=1) == "1 row"
    assert EN.word("rows", count=12345) == "12,345 rows"
    assert ZH.word("rows_shown", shown=200, total=12345) == "前 200 行，共 12,345 行"
    # a value is never read as a template
    assert EN.word("continued", title="{0.__class__}") == "{0.__class__} (continued)"
    with pytest.raises(KeyError):
        EN.word("no such key")


def _catalogue(language: str) -> dict[str, Any]:
    return dict(json.loads((files("pressroom") / "catalogues" / f"{language}.json").read_text("utf-8")))


def _placeholders(text: Any) -> set[str | None]:
    forms = text.values() if isinstance(text, dict) else [text]
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name is not None}


def test_catalogues_have_the_same_keys_and_placeholders() -> None:
    english, chinese = _catalogue("en"), _catalogue("zh")
    assert english["words"].keys() == chinese["words"].keys()
    assert english["patterns"].keys() == chinese["patterns"].keys()
    for key, text in english["words"].items():
        assert _placeholders(text) == _placeholders(chinese["words"][key]), key
    for one, other in zip(english["durations"], chinese["durations"], strict=True):
        assert _placeholders(one) == _placeholders(other)


def test_d3_locales() -> None:
    assert DE.d3_format() == {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["$", ""]}
    time = ZH.d3_time()
    assert time["days"][0] == "星期日"
    assert (len(time["months"]), len(time["shortMonths"]), len(time["shortDays"])) == (12, 12, 7)
    assert time["periods"] == ["上午", "下午"]
