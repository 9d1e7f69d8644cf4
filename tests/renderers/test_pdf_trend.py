"""The colour of a number's change follows what its author calls good."""

from __future__ import annotations

import pytest

from pressroom import Number
from pressroom_builtin.renderers.panels import trend


@pytest.mark.parametrize(
    ("better", "value", "expected"),
    [
        ("neither", 12, ""),
        ("higher", 12, "good"),
        ("higher", 8, "bad"),
        ("lower", 12, "bad"),
        ("lower", 8, "good"),
        ("lower", 10, ""),
        ("higher", None, ""),
    ],
)
def test_a_change_is_good_or_bad_as_the_chart_says(better: str, value: float | None, expected: str) -> None:
    assert trend(Number.Item(value=value, previous=10, better=better)) == expected  # type: ignore[arg-type]
