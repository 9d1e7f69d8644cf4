"""Paths whose last parameter carries an ending, such as `/charts/{chart}.json`, in the schema as clients write them.

Litestar's parameters are whole path components, so such a handler takes `{chart:str}` and parts the ending
itself. Its operation says which endings there are:

    @dataclass
    class ChartOperation(EndingOperation):
        endings = {".json": "application/json", ".csv": "text/csv"}

    @get("/charts/{chart:str}", operation_class=ChartOperation)
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import ClassVar

from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import OpenAPI, OpenAPIMediaType, OpenAPIResponse, Operation, PathItem

OK = "200"


@dataclass
class EndingOperation(Operation):
    """An operation whose path ends in one of several ways.

    Attributes:
        endings: each with the media type of what it answers.
    """

    endings: ClassVar[dict[str, str]] = {}


class EndingsConfig(OpenAPIConfig):
    """A schema in which such paths are written out."""

    def to_openapi_schema(self) -> OpenAPI:
        """See OpenAPIConfig."""
        plain = super().to_openapi_schema()
        return _WrittenOut(**{field.name: getattr(plain, field.name) for field in fields(plain)})


@dataclass
class _WrittenOut(OpenAPI):
    def to_schema(self) -> dict[str, object]:
        paths: dict[str, PathItem] = {}
        for path, item in (self.paths or {}).items():
            operation = item.get
            if isinstance(operation, EndingOperation):
                for ending, media_type in operation.endings.items():
                    paths[path + ending] = replace(item, get=_ended(operation, ending, media_type))
            else:
                paths[path] = item
        plain = OpenAPI(**{field.name: getattr(self, field.name) for field in fields(OpenAPI)})
        plain.paths = paths
        return plain.to_schema()


def _ended(operation: EndingOperation, ending: str, media_type: str) -> Operation:
    found = {field.name: getattr(operation, field.name) for field in fields(Operation)}
    responses = dict(operation.responses or {})
    good = responses.get(OK)
    if isinstance(good, OpenAPIResponse):
        content = next(iter((good.content or {}).values()), OpenAPIMediaType())
        shown = content if media_type == "application/json" else OpenAPIMediaType()
        responses[OK] = replace(good, content={media_type: shown})
    ended = Operation(**{**found, "responses": responses})
    ended.operation_id = f"{operation.operation_id}{ending.removeprefix('.').title()}"
    return ended
