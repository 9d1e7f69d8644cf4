"""What the tables of `pressroom.toml` have in common."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import pydantic


def age(text: str) -> timedelta | None:
    """How long something is kept: `30d`, `12h`, `2w`; None for `forever`.

    Raises:
        ValueError: the text is none of these.
    """
    if text == "forever":
        return None
    matched = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", text)
    if matched is None:
        raise ValueError(f"{text!r} is no duration; write hours, days or weeks such as 12h, 30d, 8w, or forever")
    return int(matched.group(1)) * timedelta(hours={"h": 1, "d": 24, "w": 168}[matched.group(2)])


def _check_age(text: str) -> str:
    age(text)
    return text


Age = Annotated[str, pydantic.AfterValidator(_check_age)]
"""Text that `age` reads."""


class Section(pydantic.BaseModel):
    """Base of every table; unknown keys are errors."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
