"""What start, end and interval mean, as properties."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given, strategies as st

from pressroom.timerange import to_ms
from pressroom_builtin.growingio.buckets import DAY, UNITS, Asked

ZONES = st.sampled_from(
    ["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
)
MOMENTS = st.integers(0, 2_000_000_000_000)
OWN = (datetime(2016, 5, 2, tzinfo=UTC), datetime(2016, 5, 6, tzinfo=UTC))


@given(MOMENTS, st.integers(0, 90 * DAY), st.sampled_from(sorted(UNITS)), ZONES)
def test_buckets_begin_between_the_first_one_and_the_end(start: int, span: int, interval: int, zone: str) -> None:
    window = Asked(start, start + span, interval).window(*OWN, zone)
    starts = [to_ms(bucket) for bucket in window.buckets]
    assert starts == sorted(set(starts))
    assert starts[0] <= start
    assert len(starts) == 1 or starts[1] > start
    assert starts[-1] <= start + span < to_ms(window.end)


@given(MOMENTS, st.integers(0, 90 * DAY), st.integers(DAY // 2, 200 * DAY).filter(lambda ms: ms not in UNITS), ZONES)
def test_other_intervals_are_fixed_widths_from_the_start(start: int, span: int, interval: int, zone: str) -> None:
    window = Asked(start, start + span, interval).window(*OWN, zone)
    starts = [to_ms(bucket) for bucket in window.buckets]
    assert starts[0] == start
    assert to_ms(window.end) > start + span
    if interval >= span:
        assert len(starts) == 1
    else:
        assert {later - earlier for earlier, later in pairwise(starts)} == {interval}


@given(st.sampled_from(sorted(UNITS)), ZONES)
def test_the_chart_s_own_range_is_answered_so_that_it_can_be_asked_again(interval: int, zone: str) -> None:
    own = Asked(interval=interval)
    start, end = own.range(*OWN)
    assert Asked(start, end, interval).window(*OWN, zone) == own.window(*OWN, zone)


@given(MOMENTS, st.integers(0, 90 * DAY), st.integers(DAY // 24, 200 * DAY) | st.sampled_from(sorted(UNITS)), ZONES)
def test_buckets_tile_the_range_and_the_whole_is_all_of_them(start: int, span: int, interval: int, zone: str) -> None:
    asked = Asked(start, start + span, interval)
    window, whole = asked.window(*OWN, zone), asked.whole(*OWN, zone)
    assert all(before < after for before, after in pairwise(window.edges))
    assert (whole.start, whole.end) == (window.start, window.end)
    assert to_ms(window.start) <= start <= start + span < to_ms(window.end)
