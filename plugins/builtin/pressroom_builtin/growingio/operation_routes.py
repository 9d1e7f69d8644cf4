"""What `/schema` says of the results API beyond what its handlers show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from pressroom_builtin.growingio.answers import MEDIA_TYPES
from pressroom_server.endings import OK, EndingOperation

WHOLE = Schema(type=OpenAPIType.INTEGER)
TEXT = Schema(type=OpenAPIType.STRING)


def query(name: str, meaning: str, schema: Schema = WHOLE) -> Parameter:
    """A query parameter that may be absent."""
    return Parameter(name=name, param_in="query", description=meaning, required=False, schema=schema)


CLIENT = Parameter(
    name="X-Client-Id",
    param_in="header",
    description="The client's public key; must fit the token where it is given.",
    required=False,
    schema=TEXT,
)
RANGE = [
    query("startTime", "First moment, epoch ms; with `endTime`. The chart's own range where both are absent."),
    query("endTime", "Last moment, epoch ms; the bucket that holds it is whole."),
    query("interval", "Width of a bucket in ms; a day where it is absent."),
    query("limit", "Rows of a page; all where it is absent."),
    query("cursor", "`X-Next-Cursor` of the page before; with `limit`.", TEXT),
]
NOT_CHANGED = OpenAPIResponse(description="The client has this answer already, see `If-None-Match`.")


@dataclass
class ClientOperation(Operation):
    """Asked by a client that may say its public key."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or []), CLIENT]


@dataclass
class JsonOperation(ClientOperation, EndingOperation):
    """Answers JSON only."""

    endings: ClassVar[dict[str, str]] = {".json": "application/json"}


@dataclass
class ChartOperation(ClientOperation, EndingOperation):
    """A chart's data."""

    endings: ClassVar[dict[str, str]] = {f".{ending}": kind for ending, kind in MEDIA_TYPES.items()}

    def __post_init__(self) -> None:
        super().__post_init__()
        self.parameters = [*(self.parameters or []), *RANGE]
        self.responses = {**(self.responses or {}), "304": NOT_CHANGED}


@dataclass
class TextOperation(ClientOperation):
    """Answers text with a separator between fields."""

    def __post_init__(self) -> None:
        super().__post_init__()
        good = OpenAPIResponse(description="Fields with tabs between them.", content={"text/csv": OpenAPIMediaType()})
        self.responses = {**(self.responses or {}), OK: good}


@dataclass
class UsersOperation(TextOperation):
    """A segment's users, which a client may have already."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.responses = {**(self.responses or {}), "304": NOT_CHANGED}


@dataclass
class SignInOperation(Operation):
    """Signing in takes its parameters from anywhere."""

    def __post_init__(self) -> None:
        fields: dict[str, Any] = dict.fromkeys(("project", "ai", "tm", "auth"), TEXT)
        self.parameters = [CLIENT, *(query(name, "May stand in the body as well.", TEXT) for name in fields)]
        form = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT, properties=fields))
        self.request_body = RequestBody(required=False, content={"application/x-www-form-urlencoded": form})
