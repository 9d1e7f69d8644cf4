"""A workspace's worth of things that definitions may refer to, and a store to apply them to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import pydantic
import pytest

from pressroom.channels import Recipient
from pressroom.definitions import Checked, Inventory, check, load_text
from pressroom.extension import PluginOptions
from pressroom.settings import InstanceSettings
from pressroom.store import Store


class LineOptions(PluginOptions):
    stack: Literal["none", "zero", "share"] = "none"
    smooth: bool = False


class Circle(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    kind: Literal["circle"]
    radius: Annotated[int, pydantic.Field(ge=1)]


class Square(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    kind: Literal["square"]
    side: int


class BubbleOptions(PluginOptions):
    shape: Annotated[Circle | Square, pydantic.Field(discriminator="kind")] | None = None
    top: int | Literal["all"] | list[str] = "all"


class CsvOptions(PluginOptions):
    delimiter: Annotated[str, pydantic.Field(min_length=1, max_length=1)] = ","


class MailOptions(PluginOptions):
    urgent: bool = False


class FakeCatalogue:
    """Sources `flights` (all projects) and `shop` (default only); channels `email` (*@example.org) and `archive`."""

    charts: dict[str, type[PluginOptions]] = {
        "line": LineOptions,
        "bubble": BubbleOptions,
        "table": PluginOptions,
        "number": PluginOptions,
    }
    renderers: dict[str, type[PluginOptions]] = {"pdf": PluginOptions, "csv": CsvOptions, "image": PluginOptions}
    sources = {
        "flights": InstanceSettings(type="files", projects=["*"]),
        "shop": InstanceSettings(type="sql", projects=["default"]),
    }
    channels = {
        "email": InstanceSettings(type="email", projects=["*"]),
        "archive": InstanceSettings(type="folder", projects=["default"]),
    }

    calendars = {"holidays": InstanceSettings(type="dates", projects=["*"])}

    def __init__(self, stored: Inventory | None = None) -> None:
        self.inventory = stored or Inventory()

    def delivery_options(self, channel: str) -> type[PluginOptions]:
        return MailOptions if channel == "email" else PluginOptions

    def needs_recipients(self, channel: str) -> bool:
        return channel == "email"

    def admit(self, channel: str, project: str, recipient: Recipient) -> str:
        return "" if recipient.address.endswith("@example.org") else f"{recipient.address} is not one of *@example.org"

    def offers(self, project: str, dashboard: str) -> bool:
        return dashboard == "elsewhere"

    def stored(self, project: str) -> Inventory:
        return self.inventory


@pytest.fixture
def catalogue() -> FakeCatalogue:
    return FakeCatalogue()


@pytest.fixture
def make_catalogue() -> Callable[[Inventory], FakeCatalogue]:
    return FakeCatalogue


@pytest.fixture
def checked(catalogue: FakeCatalogue) -> Callable[[str | bytes], Checked]:
    return lambda text: check(load_text(text, "a.yaml"), catalogue)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store whose clock goes on by a minute at every look."""
    moments = iter(datetime(2026, 11, 21, tzinfo=UTC) + timedelta(minutes=minute) for minute in range(1_000_000))
    made = Store("sqlite:///pressroom.db", tmp_path, clock=lambda: next(moments))
    made.upgrade()
    yield made
    made.close()
