"""Options of CSV files, checked where they are written down."""

from __future__ import annotations

import codecs
from typing import Literal

import pydantic

from pressroom import PluginOptions

ISO = "%Y-%m-%dT%H:%M:%S%:z"
"""Times with their offset, as `strftime` writes them."""


class CsvOptions(PluginOptions):
    """`formats: [{csv: {delimiter: ";", decimal: ","}}]`."""

    fallback: str = pydantic.Field(
        default="",
        description="Encoding to use where nobody knows `encoding`, with a warning on the run; without it that is an "
        "error of the definition.",
    )
    encoding: str = pydantic.Field(default="utf-8", description="Any encoding that Python knows, such as gb18030.")
    delimiter: str = pydantic.Field(default=",", description="One ASCII character between the fields.")
    decimal: Literal[".", ","] = pydantic.Field(default=".", description="Decimal sign of numbers.")
    bom: bool = pydantic.Field(default=False, description="Begin a Unicode file with a byte order mark, for Excel.")
    time_format: str = pydantic.Field(
        default=ISO,
        description="strftime format of times, in the dashboard's zone.",
    )
    header: Literal["labels", "names", "none"] = pydantic.Field(
        default="labels", description="First line: the columns' labels, their names in the query, or none."
    )
    line_end: Literal["lf", "crlf"] = pydantic.Field(default="lf", description="How a line ends.")
    defuse: bool = pydantic.Field(
        default=True,
        description="Put ' before texts that spreadsheet programs would run as a formula: = + - @ tab return.",
    )

    @pydantic.field_validator("fallback")
    @classmethod
    def _known(cls, name: str) -> str:
        return _codec(name) if name else name

    @pydantic.field_validator("encoding")
    @classmethod
    def _known_or_replaced(cls, name: str, info: pydantic.ValidationInfo) -> str:
        try:
            return _codec(name)
        except ValueError:
            if info.data.get("fallback"):
                return name
            raise

    @pydantic.field_validator("delimiter")
    @classmethod
    def _one(cls, text: str) -> str:
        text = "\t" if text in ("\\t", "tab") else text
        if len(text) != 1 or not text.isascii() or text in '"\r\n\0' or text.isalnum():
            raise ValueError("must be one ASCII character that is no letter, digit, quote or line end")
        return text

    @pydantic.field_validator("time_format")
    @classmethod
    def _time(cls, text: str) -> str:
        import polars as pl

        moment = pl.Series([0]).cast(pl.Datetime("ms", "UTC"))
        try:
            moment.dt.strftime(text)
        except (pl.exceptions.PolarsError, ValueError) as error:
            raise ValueError(f"{text!r} is no strftime format; write one such as %Y-%m-%d %H:%M:%S") from error
        return text

    @pydantic.model_validator(mode="after")
    def _apart(self) -> CsvOptions:
        if self.decimal == self.delimiter:
            raise ValueError("delimiter and decimal are the same character")
        return self

    @property
    def codec(self) -> str:
        """The encoding that files are written in."""
        try:
            return _codec(self.encoding)
        except ValueError:
            return self.fallback


def _codec(name: str) -> str:
    """Python's name of an encoding."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError) as error:
        raise ValueError(f"{name!r} is no encoding; write one such as utf-8, gb18030 or iso-8859-1") from error
    if not found._is_text_encoding:
        raise ValueError(f"{name!r} is no encoding of text")
    return found.name
