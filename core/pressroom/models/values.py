"""Types that several kinds of definition share: uids, text that may come as a number, the base model."""

from __future__ import annotations

import re
import secrets
import string
from typing import Annotated, Any

import pydantic

UID_PATTERN = r"^[A-Za-z0-9_-]{1,40}$"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def new_uid() -> str:
    """A generated uid: 8 letters and digits."""
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(8))


def clean(text: str) -> str:
    """Text without what no document can hold: control characters, lone surrogates, U+FFFE and U+FFFF.

    Tabs and line ends stay.
    """
    return _CONTROL.sub("", text)


def _clean_value(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


def _one_line(value: Any) -> Any:
    return re.sub(r"\s*[\r\n\t]+\s*", " ", clean(value)).strip() if isinstance(value, str) else value


Uid = Annotated[str, pydantic.Field(pattern=UID_PATTERN)]
"""A name in addresses and files."""
Line = Annotated[str, pydantic.BeforeValidator(_one_line), pydantic.Field(max_length=500)]
"""One line of text for people."""
Prose = Annotated[str, pydantic.BeforeValidator(_clean_value), pydantic.Field(max_length=100_000)]
"""Several lines of text for people."""


class Definition(pydantic.BaseModel):
    """Base of everything that a person configures; unknown keys are errors."""

    model_config = pydantic.ConfigDict(extra="forbid", allow_inf_nan=False, validate_default=False)


class PluginUse(Definition):
    """A plugin by name with options: `pdf`, or `{csv: {delimiter: ";"}}` in a definition."""

    name: str
    options: dict[str, Any] = {}

    @pydantic.model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict) and len(value) == 1 and "name" not in value:
            name, options = next(iter(value.items()))
            return {"name": name, "options": options or {}}
        return value

    @pydantic.model_serializer(mode="plain")
    def _shortest(self) -> Any:
        return {self.name: self.options} if self.options else self.name
