"""Projects: a tenant, which is the computed-results API's project and the reporting API's organisation."""

from __future__ import annotations

from typing import Literal

import pydantic

from pressroom.locales import check_locale
from pressroom.models.values import Definition, Line, Uid
from pressroom.timerange import check_zone

DEFAULT_PROJECT = "default"
"""Uid of the project that is always there; its id, the reporting API's organisation id, is 1."""


class Project(Definition):
    """A tenant.

    Attributes:
        uid: in addresses.
        name: for people; the author of its documents.
        timezone: IANA zone of its dashboards where they name none.
        contact: address that final failures are told to.
        locale: BCP 47 tag of its reports where they name none.
        csv_separator: `tab` or `comma`, between the fields of the results API's `users.csv` and `rules.csv`.
    """

    uid: Uid = DEFAULT_PROJECT
    name: Line = ""
    timezone: str = "UTC"
    contact: Line = ""
    locale: str = "en"
    csv_separator: Literal["tab", "comma"] = "tab"

    @pydantic.field_validator("locale")
    @classmethod
    def _known(cls, tag: str) -> str:
        return check_locale(tag)

    @pydantic.field_validator("timezone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        return check_zone(zone)
