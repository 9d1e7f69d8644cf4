"""A client of the reporting API that checks every request it sends and every answer against the description.

`grafana_reports.json` is the public description of the endpoints under `/reports`; what Pressroom's own contract
adds to it is in `SENT_FORMS`, `REFUSAL` and `BEYOND`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

DESCRIPTION: dict[str, Any] = json.loads((Path(__file__).parent / "grafana_reports.json").read_text(encoding="utf-8"))
BASE = "/api"
BEYOND = {403, 404, 413, 429}
"""Statuses that any operation may answer where they are the truth."""
ERRORS = {400, 401, *BEYOND, 500}
SENT_FORMS = {
    ("ReportSchedule", "workdaysOnly"): {"type": ["boolean", "string"]},
    ("ReportSchedule", "dayOfMonth"): {"type": ["string", "integer"]},
    ("ReportEmail", "id"): {"type": ["string", "integer"]},
    ("CreateOrUpdateReport", "dashboardId"): {"type": "integer"},
    ("CreateOrUpdateReport", "dashboardUid"): {"type": "string"},
}
"""What clients send beyond the description."""
REFUSAL = {
    "type": "object",
    "properties": {
        "message": {"type": "string", "minLength": 1},
        "messageId": {"type": "string", "minLength": 1},
        "statusCode": {"enum": sorted(ERRORS)},
        "traceID": {"type": "string", "minLength": 1},
        "title": {"type": "string"},
        "accessErrorId": {"type": "string"},
    },
    "required": ["message", "messageId", "statusCode", "traceID"],
    "additionalProperties": False,
}
TEMPLATES = {path.replace(":image", "{image}"): item for path, item in DESCRIPTION["paths"].items()}


def _nullable(node: Any) -> Any:
    if isinstance(node, dict):
        node = {key: _nullable(value) for key, value in node.items()}
        if node.pop("x-nullable", False):
            node["type"] = [node["type"], "null"]
        return node
    return [_nullable(item) for item in node] if isinstance(node, list) else node


def _definitions(*, sent: bool) -> dict[str, Any]:
    found: dict[str, Any] = _nullable(deepcopy(DESCRIPTION["definitions"]))
    if sent:
        for (name, field), schema in SENT_FORMS.items():
            found[name]["properties"][field] = schema
        return found
    for definition in found.values():
        if "properties" in definition:
            definition["additionalProperties"] = False
            definition["required"] = sorted(definition["properties"])
    # an item of a footer has what its author gave it
    del found["FooterItem"]["required"]
    return found


@cache
def _validator(reference: str, *, sent: bool) -> Any:
    schema = json.loads(reference)
    if "$ref" in schema and schema["$ref"].startswith("#/responses/"):
        schema = DESCRIPTION["responses"][schema["$ref"].rpartition("/")[2]]["schema"]
    whole = {**schema, "definitions": _definitions(sent=sent)}
    return jsonschema_rs.Draft7Validator(whole, validate_formats=True)


def operation_of(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """The template and the operation of a request; one with fewer parameters wins."""
    for template in sorted(TEMPLATES, key=lambda text: text.count("{")):
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(BASE + pattern, path) and method.lower() in TEMPLATES[template]:
            return template, TEMPLATES[template][method.lower()]
    return None


class Contract(httpx.Client):
    """See above; `seen` counts the checked answers by method, template and status."""

    seen: Counter[tuple[str, str, int]] = Counter()

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, and check both."""
        answer = super().send(request, **options)
        answer.read()
        found = operation_of(request.method, request.url.path)
        if found is not None:
            template, operation = found
            self.seen[(request.method, template, answer.status_code)] += 1
            _check_request(operation, request, answer)
            _check_answer(operation, answer)
        return answer


def _check_request(operation: dict[str, Any], request: httpx.Request, answer: httpx.Response) -> None:
    """What was taken must be what the description has."""
    body = next((item for item in operation.get("parameters", ()) if item["in"] == "body"), None)
    if answer.status_code == 200 and body and request.headers["content-type"].startswith("application/json"):
        sent = _without_nulls(json.loads(request.content))
        _validator(json.dumps(body["schema"]), sent=True).validate(sent)


def _check_answer(operation: dict[str, Any], answer: httpx.Response) -> None:
    status = answer.status_code
    assert str(status) in operation["responses"] or status in BEYOND, (status, answer.text)
    if status >= 400:
        _check_refusal(answer)
        return
    assert status in (200, 204)
    produced = operation.get("produces", DESCRIPTION["produces"])[0]
    reference = operation["responses"][str(status)]
    if status == 204:
        assert answer.content == b""
    elif reference["$ref"].endswith("/contentResponse"):
        kind = answer.headers["content-type"]
        assert kind.startswith("image/") or kind == produced
    else:
        assert answer.headers["content-type"] == produced
        _validator(json.dumps(reference), sent=False).validate(answer.json())


def _check_refusal(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/json"
    jsonschema_rs.Draft7Validator(REFUSAL).validate(answer.json())
    body = answer.json()
    assert body["statusCode"] == answer.status_code
    assert body["traceID"] == answer.headers["x-request-id"]
    if answer.status_code == 401:
        assert body["message"] == "Unauthorized"
    if answer.status_code == 403:
        assert body["title"] == "Access denied"
        assert body["accessErrorId"]
        assert re.search(r"Permissions needed: [a-z.:0-9]+$", body["message"])
    if answer.status_code == 429:
        assert int(answer.headers["retry-after"]) > 0


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
