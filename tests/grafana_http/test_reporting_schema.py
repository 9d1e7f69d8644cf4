"""What the public description and `/schema` promise, tried with generated requests."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import status_code_conformance

from servers.reporting_client import BASE, BEYOND, DESCRIPTION, TEMPLATES
from servers.reporting_server import EMPTY, Reports

EXAMPLES = 4


def public(reports: Reports) -> tuple[dict[str, Any], str]:
    """The description with the statuses that our contract adds, and a path's parameter that it forgot."""
    whole = copy.deepcopy(DESCRIPTION)
    whole["paths"] = copy.deepcopy(TEMPLATES)
    image = whole["paths"]["/reports/images/{image}"]["get"]
    image["parameters"] = [{"name": "image", "in": "path", "required": True, "type": "string"}]
    for item in whole["paths"].values():
        for operation in item.values():
            operation["responses"] |= {str(status): {"$ref": "#/responses/badRequestError"} for status in BEYOND}
    return whole, reports.url + BASE


def ours(reports: Reports) -> tuple[dict[str, Any], str]:
    whole = reports.client.get("/schema/openapi.json").json()
    whole["paths"] = {
        path: item
        for path, item in whole["paths"].items()
        if any("reporting" in operation.get("tags", ()) for operation in item.values())
    }
    return whole, reports.url


@pytest.mark.parametrize("described", [public, ours])
def test_every_answer_is_one_of_those_that_are_documented(reports: Reports, described: Any) -> None:
    raw, url = described(reports)
    schema = schemathesis.openapi.from_dict(raw)
    schema.config.update(base_url=url)
    # of a project that no other test looks at: ids that are made up are deleted, too
    headers = {"Authorization": f"Bearer {reports.token('admin', EMPTY)}"}
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        tried += 1

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(case=operation.as_strategy())
        def answers(case: schemathesis.Case) -> None:
            answer = case.call(headers=headers)
            assert answer.status_code < 500, answer.text
            case.validate_response(answer, checks=[status_code_conformance])

        answers()
    assert tried == 13


def test_the_schema_has_the_paths_of_the_description(reports: Reports) -> None:
    paths = ours(reports)[0]["paths"]
    assert {(path, method) for path, item in paths.items() for method in item} == {
        (BASE + path, method) for path, item in TEMPLATES.items() for method in item
    }
