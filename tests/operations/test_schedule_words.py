"""Sentences about schedules: what they say, and that there is one for every schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given, strategies as st

from pressroom.models.reports import Schedule
from pressroom.schedule_words import sentence

START = "2026-11-23T09:00:00+01:00"
WARSAW = {"start": START, "timezone": "Europe/Warsaw"}


def told(locale: str = "en", **fields: Any) -> str:
    schedule = Schedule.model_validate({**WARSAW, **fields})
    assert schedule.start is not None
    return sentence(schedule, schedule.start, locale)


@pytest.mark.parametrize(
    ("fields", "english", "chinese"),
    [
        ({"frequency": "weekly"}, "every Monday at 09:00, Europe/Warsaw", "每星期一 09:00，Europe/Warsaw"),
        (
            {"frequency": "daily", "workdays_only": True},
            "every day at 09:00, on workdays only, Europe/Warsaw",
            "每天 09:00，仅工作日，Europe/Warsaw",
        ),
        (
            {"frequency": "hourly"},
            "every hour from 23 Nov 2026, 09:00, Europe/Warsaw",
            "自 2026年11月23日 09:00 起每小时，Europe/Warsaw",
        ),
        (
            {"frequency": "monthly", "day_of_month": "31"},
            "every month on day 31 at 09:00, Europe/Warsaw",
            "每月 31 日 09:00，Europe/Warsaw",
        ),
        ({"frequency": "monthly"}, "every month on day 23 at 09:00, Europe/Warsaw", "每月 23 日 09:00，Europe/Warsaw"),
        (
            {"frequency": "monthly", "day_of_month": "last"},
            "on the last day of every month at 09:00, Europe/Warsaw",
            "每月最后一天 09:00，Europe/Warsaw",
        ),
        (
            {"frequency": "last"},
            "on the last day of every month at 09:00, Europe/Warsaw",
            "每月最后一天 09:00，Europe/Warsaw",
        ),
        (
            {"frequency": "custom", "interval_amount": 2, "interval_frequency": "weeks"},
            "every 2 weeks on Monday at 09:00 from 23 Nov 2026, 09:00, Europe/Warsaw",
            "自 2026年11月23日 09:00 起每 2 周的星期一 09:00，Europe/Warsaw",
        ),
        (
            {"frequency": "custom", "interval_amount": 1, "interval_frequency": "days"},
            "every day at 09:00, Europe/Warsaw",
            "每天 09:00，Europe/Warsaw",
        ),
        (
            {"frequency": "cron", "cron": "0 9 * * 1-5", "calendar": "holidays"},
            "at the times of the cron expression 0 9 * * 1-5, following the calendar holidays, Europe/Warsaw",
            "按 cron 表达式 0 9 * * 1-5，按日历 holidays，Europe/Warsaw",
        ),
        (
            {"frequency": "once", "end": "2026-12-01T00:00:00Z"},
            "once, on 23 Nov 2026, 09:00, until 1 Dec 2026, 01:00, Europe/Warsaw",
            "2026年11月23日 09:00 一次，截至 2026年12月1日 01:00，Europe/Warsaw",
        ),
        ({"frequency": "never"}, "by hand only", "仅手动发送"),
    ],
)
def test_sentences(fields: dict[str, Any], english: str, chinese: str) -> None:
    assert told(**fields) == english
    assert told("zh", **fields) == chinese


def test_the_time_is_the_zone_s_and_other_locales_name_their_days() -> None:
    assert told(frequency="weekly", timezone="Asia/Shanghai") == "every Monday at 16:00, Asia/Shanghai"
    assert told("de", frequency="weekly") == "every Montag at 09:00, Europe/Warsaw"


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    frequency = draw(st.sampled_from(["once", "hourly", "daily", "weekly", "monthly", "last", "custom", "cron"]))
    moments = st.integers(-25_000, 119_000).map(lambda days: datetime(1970, 1, 1, 9, 5, tzinfo=UTC) + timedelta(days))
    start = draw(st.none() | moments)
    fields: dict[str, Any] = {
        "frequency": frequency,
        "start": start,
        "end": draw(st.none() | moments.map(lambda end: end if start is None else max(start, end))),
        "timezone": draw(st.sampled_from(sorted(available_timezones()))),
        "day_of_month": draw(st.sampled_from(["", "last", "1", "31"])),
        "workdays_only": draw(st.booleans()),
        "calendar": draw(st.sampled_from(["", "holidays", "{0}", "{time!r}"])),
    }
    if frequency == "custom":
        fields["interval_amount"] = draw(st.integers(1, 10_000))
        fields["interval_frequency"] = draw(st.sampled_from(["hours", "days", "weeks", "months"]))
    if frequency == "cron":
        fields["cron"] = draw(st.sampled_from(["0 9 * * 1-5", "*/5 * * * *", "0 0 L * *", "0 9 1,15 * MON#1"]))
    return Schedule.model_validate(fields)


@given(schedules(), st.sampled_from(["en", "zh", "zh-TW", "ar", "pl", "nonsense", ""]))
def test_every_schedule_has_a_sentence_of_one_line(schedule: Schedule, locale: str) -> None:
    text = sentence(schedule, schedule.start or datetime(2026, 1, 1, tzinfo=UTC), locale)
    assert text
    assert "\n" not in text
    assert "{time}" not in text
    assert schedule.timezone in text
