"""A library's panic is the failure of one thing."""

from __future__ import annotations

import polars as pl
import pytest

from pressroom.errors import StepError
from pressroom.panics import contained


def test_a_panic_becomes_an_error_that_says_what_failed(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StepError, match=r"^drawing failed inside a library: .*date"), contained("drawing"):
        pl.Series([2_147_483_647], dtype=pl.Int32).cast(pl.Date).cast(pl.String)
    assert "panicked" in capfd.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), ValueError("x")])
def test_everything_else_goes_on(error: BaseException) -> None:
    with pytest.raises(type(error)), contained("drawing"):
        raise error
